"""Build an encoder's graph for OpenVINO straight from its weights. Knows nothing of tokenizers or threads.

Building takes 0.3 s for a model of 90 MB, so nothing is converted and kept, and torch is not imported, not even once.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import Any

import numpy as np

from rag.models.encoder import DoesNotFit, Encoder

CONVERTER = "openvino.tools.ovc"
MASKED = 1e9  # taken from the score of what is padding: its share is exactly zero
UNUSED = ("pooler.", "position_ids", "lm_head.", "cls.")  # of heads, and tables that are counted out here
FLOATS = ("F32", "F16")

_import_turn = threading.Lock()


def import_openvino() -> ModuleType:
    """Import OpenVINO without its converter, which imports a telemetry client. Raises ImportError.

    The package imports its converter only where it can, and Footnote converts nothing.
    """
    with _import_turn:
        if "openvino" not in sys.modules:
            sys.modules[CONVERTER] = None  # type: ignore[assignment]  # so written, importing it is an ImportError
            try:
                importlib.import_module("openvino")
            finally:
                del sys.modules[CONVERTER]
        return sys.modules["openvino"]


def build_graph(encoder: Encoder) -> Any:
    """Return an openvino.Model: token ids, mask and positions, each (batch, tokens), to vectors (batch, hidden).

    Mean pooling gives the sum over the tokens: its direction is all that is used. Raises DoesNotFit.
    """
    openvino = import_openvino()
    with _weights(encoder) as weights:
        builder = _Builder(encoder, weights)
        model = builder.model(openvino)
    left = [name for name in builder.unused if not name.startswith(UNUSED) and not name.endswith("position_ids")]
    if left:
        raise DoesNotFit(f"it has weights that are not known: {left[0]} and {len(left) - 1} more")
    return model


class _Builder:
    def __init__(self, encoder: Encoder, weights: Mapping[str, Any]) -> None:
        from openvino import opset13

        self._op: Any = opset13
        self._encoder = encoder
        self._weights = weights
        self.unused = set(weights)

    def model(self, openvino: Any) -> Any:
        op = self._op
        tokens = op.parameter([-1, -1], np.int32, name="tokens")
        mask = op.parameter([-1, -1], np.float32, name="mask")
        positions = op.parameter([-1, -1], np.int32, name="positions")
        state = self._embedded(tokens, positions)
        masked = op.multiply(op.subtract(mask, _float(op, 1)), _float(op, MASKED))
        masked = op.unsqueeze(masked, _ints(op, 1, 2))  # (batch, 1, 1, tokens), added to (batch, heads, tokens, tokens)
        for layer in range(self._encoder.layers):
            state = self._layer(f"encoder.layer.{layer}.", state, masked)
        if self._encoder.pooling == "cls":
            pooled = op.gather(state, _ints(op, 0), _ints(op, 1))
            pooled = op.squeeze(pooled, _ints(op, 1))
        else:
            pooled = op.reduce_sum(op.multiply(state, op.unsqueeze(mask, _ints(op, 2))), _ints(op, 1))
        return openvino.Model([pooled], [tokens, mask, positions], "encoder")

    def _embedded(self, tokens: Any, positions: Any) -> Any:
        op, axis = self._op, _ints(self._op, 0)
        words = op.gather(self._constant("embeddings.word_embeddings.weight"), tokens, axis)
        kind = op.constant(self._array("embeddings.token_type_embeddings.weight")[0])  # every text is one segment
        places = op.gather(self._constant("embeddings.position_embeddings.weight"), positions, axis)
        return self._normalised("embeddings.LayerNorm", op.add(op.add(words, kind), places))

    def _layer(self, name: str, state: Any, masked: Any) -> Any:
        op = self._op
        attended = self._dense(f"{name}attention.output.dense", self._attended(f"{name}attention.self.", state, masked))
        state = self._normalised(f"{name}attention.output.LayerNorm", op.add(attended, state))
        inner = self._active(self._dense(f"{name}intermediate.dense", state))
        return self._normalised(f"{name}output.LayerNorm", op.add(self._dense(f"{name}output.dense", inner), state))

    def _attended(self, name: str, state: Any, masked: Any) -> Any:
        op, heads = self._op, self._encoder.heads
        width = self._encoder.hidden // heads
        apart, swap = _ints(op, 0, 0, heads, width), _ints(op, 0, 2, 1, 3)  # in a reshape, 0 leaves a side as it is
        query, key, value = (
            op.transpose(op.reshape(self._dense(name + part, state), apart, True), swap)
            for part in ("query", "key", "value")
        )
        # Written out: in this form the runtime makes one kernel of it, as it does not of its own attention node.
        scores = op.add(op.multiply(op.matmul(query, key, False, True), _float(op, width**-0.5)), masked)
        mixed = op.transpose(op.matmul(op.softmax(scores, -1), value, False, False), swap)
        return op.reshape(mixed, _ints(op, 0, 0, self._encoder.hidden), True)

    def _active(self, state: Any) -> Any:
        if self._encoder.activation == "relu":
            return self._op.relu(state)
        return self._op.gelu(state, "erf" if self._encoder.activation == "gelu" else "tanh")

    def _dense(self, name: str, state: Any) -> Any:
        product = self._op.matmul(state, self._constant(f"{name}.weight"), False, True)
        return self._op.add(product, self._constant(f"{name}.bias"))

    def _normalised(self, name: str, state: Any) -> Any:
        op = self._op
        even = op.mvn(state, _ints(op, -1), True, self._encoder.epsilon, "inside_sqrt")
        return op.add(op.multiply(even, self._constant(f"{name}.weight")), self._constant(f"{name}.bias"))

    def _constant(self, name: str) -> Any:
        return self._op.constant(self._array(name))

    def _array(self, name: str) -> Any:
        self.unused.discard(name)
        try:
            return self._weights[name].astype(np.float32, copy=False)
        except KeyError as error:
            raise DoesNotFit(f"it has no weights named {name}") from error


def _float(op: Any, value: float) -> Any:
    return op.constant(np.float32(value))


def _ints(op: Any, *values: int) -> Any:
    return op.constant(np.array(values, dtype=np.int64))


@contextmanager
def _weights(encoder: Encoder) -> Iterator[Mapping[str, Any]]:
    """Yield the arrays by name, without the name of the family before it."""
    from safetensors import SafetensorError, safe_open

    found: dict[str, Any] = {}
    with ExitStack() as stack:
        try:
            for path in encoder.weights:
                file = stack.enter_context(safe_open(path, framework="np"))
                for name in file.keys():  # noqa: SIM118  (not a mapping)
                    short = name.removeprefix(f"{encoder.prefix}.")
                    if short.startswith(UNUSED) or short.endswith("position_ids"):
                        continue
                    kind = file.get_slice(name).get_dtype()
                    if kind not in FLOATS:
                        raise DoesNotFit(f"{path.name}: {name} is {kind}")
                    found[short] = file.get_tensor(name)
        except (SafetensorError, OSError) as error:
            raise DoesNotFit(f"its weights cannot be read: {error}") from error
        yield found
