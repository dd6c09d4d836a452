"""Run an encoder on the processor: OpenVINO and the tokenizers library, without torch.

Three to four times as fast as torch where it was measured. A text's vector does not depend on the texts that it is
batched with: a row is padded to the next multiple of eight tokens of its own, and shares a batch with its like alone.
Knows nothing of prompts or of sentence-transformers.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np

from rag.models.encoder import DoesNotFit, Encoder
from rag.models.graph import build_graph, import_openvino
from rag.ports import Matrix

STEP_TOKENS = 8  # lengths are rounded up to it: a length never seen before costs 5 ms
REQUEST_TOKENS = 1024  # in one batch: more is no faster (measured), and a question waits for what runs
SLICE_TEXTS = 1024  # tokenized and sorted together


class CpuEncoder:
    """An encoder ready to run. May be used from many threads, and none of them waits for another's texts."""

    def __init__(self, encoder: Encoder, *, precision: str | None = None, batch_size: int = 32) -> None:
        """precision: "bf16" or "f32"; None: what this processor is best at.

        Raises DoesNotFit, also where there is no OpenVINO.
        """
        self._encoder = encoder
        self._batch_size = batch_size
        self._tokenizer = _tokenizer(encoder)
        try:
            self.precision = precision or native_precision()
            self._streams = len(os.sched_getaffinity(0))
            self._compiled: Any = the_core().compile_model(
                build_graph(encoder),
                "CPU",
                {
                    "INFERENCE_PRECISION_HINT": self.precision,
                    # A thread for each batch, and as many batches as processors: 5 % more than all threads on one.
                    "NUM_STREAMS": str(self._streams),
                    "INFERENCE_NUM_THREADS": str(self._streams),
                    "ENABLE_CPU_PINNING": False,  # an ingest and a service would be pinned to the same processors
                },
            )
        except (ImportError, RuntimeError, ValueError, TypeError) as error:  # TypeError: of another version's arguments
            raise DoesNotFit(f"OpenVINO does not run it: {' '.join(str(error).split())[:300]}") from error
        self.name = f"openvino {version()} {self.precision}"
        self._idle: deque[Any] = deque()  # requests; append and pop are atomic

    @property
    def dimension(self) -> int:
        return self._encoder.hidden

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return float32 (n, d), in the order of the texts; the rows' lengths mean nothing. Raises RuntimeError."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for first in range(0, len(texts), SLICE_TEXTS):
            part = list(texts[first : first + SLICE_TEXTS])
            tokens = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(part)]
            self._run(tokens, vectors[first : first + SLICE_TEXTS])
        return vectors

    def _run(self, tokens: Sequence[Sequence[int]], vectors: Matrix) -> None:
        running: deque[tuple[Any, list[int]]] = deque()
        try:
            for rows, length in self._batches([len(row) for row in tokens]):
                if len(running) > self._streams:  # one waits, so that no stream does
                    self._finish(running, vectors)
                request = self._request()
                running.append((request, rows))
                request.start_async(self._inputs([tokens[row] for row in rows], length), share_inputs=True)
            while running:
                self._finish(running, vectors)
        finally:
            for request, _ in running:  # only after an error: a request that runs cannot be used again
                request.cancel()

    def _batches(self, lengths: Sequence[int]) -> Iterator[tuple[list[int], int]]:
        """Yield rows of one rounded length, longest first."""
        step, most = STEP_TOKENS, self._encoder.sequence_tokens
        rounded = [min(most, -(-max(length, 1) // step) * step) for length in lengths]
        alike: dict[int, list[int]] = {}
        for row in range(len(lengths)):
            alike.setdefault(rounded[row], []).append(row)
        for length in sorted(alike, reverse=True):
            rows = alike[length]
            size = max(1, min(self._batch_size, REQUEST_TOKENS // length))
            for first in range(0, len(rows), size):
                yield rows[first : first + size], length

    def _inputs(self, tokens: Sequence[Sequence[int]], length: int) -> list[Any]:
        pad, first = self._encoder.pad_token, self._encoder.first_position
        ids = np.full((len(tokens), length), pad, dtype=np.int32)
        mask = np.zeros(ids.shape, dtype=np.float32)
        for place, row in enumerate(tokens):
            ids[place, : len(row)] = row
            mask[place, : len(row)] = 1.0
        if first:  # RoBERTa counts from behind the padding's own position, and counts no padding, not even in the text
            real = ids != pad
            positions = np.cumsum(real, axis=1, dtype=np.int32) * real + pad
        else:
            positions = np.broadcast_to(np.arange(length, dtype=np.int32), ids.shape)
        return [ids, mask, np.ascontiguousarray(positions, dtype=np.int32)]

    def _request(self) -> Any:
        try:
            return self._idle.pop()
        except IndexError:
            return self._compiled.create_infer_request()

    def _finish(self, running: deque[tuple[Any, list[int]]], vectors: Matrix) -> None:
        request, rows = running[0]
        request.wait()
        vectors[rows] = request.get_output_tensor(0).data
        running.popleft()
        self._idle.append(request)


@cache
def the_core() -> Any:
    """Return the only core that this process has, and keeps to its end.

    A core gives its thread another stack for signals, and takes it away when it goes: the second to go gives back the
    first one's, which is no more, and the next signal (Ctrl-C) ends the process with a segmentation fault.
    """
    return import_openvino().Core()


def native_precision() -> str:
    """Return "bf16" where the processor computes in it, else "f32". Raises ImportError, RuntimeError."""
    openvino = import_openvino()
    # The default is bf16 only where there are instructions for it; elsewhere it is emulated, and slower than f32.
    hint = the_core().get_property("CPU", "INFERENCE_PRECISION_HINT")
    return "bf16" if hint == openvino.Type.bf16 else "f32"


def version() -> str:
    """Return OpenVINO's version, as "2026.4.1"."""
    return str(import_openvino().__version__).split("-")[0]


def _tokenizer(encoder: Encoder) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(encoder.tokenizer))
    tokenizer.no_padding()
    tokenizer.enable_truncation(encoder.sequence_tokens)
    return tokenizer
