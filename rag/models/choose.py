"""Choose what runs an embedding model: the fast CPU runtime where it fits, sentence-transformers everywhere else.

A model whose published weights are known was held to sentence-transformers by the tests. Any other is held to it at
its first use on a machine: torch is imported that once, and the outcome is kept beside the models.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from rag.errors import Misconfigured
from rag.models.card import ModelCard
from rag.models.encoder import DoesNotFit, read_encoder
from rag.models.find import PUBLISHED
from rag.models.reference import SentenceTransformers, Task, check_device
from rag.ports import Matrix

if TYPE_CHECKING:
    from rag.models.cpu import CpuEncoder

log = logging.getLogger(__name__)

RuntimeName = Literal["auto", "openvino", "torch"]

NVIDIA_DRIVER = Path("/proc/driver/nvidia/version")
LEAST_COSINE = 0.9999  # of the two runtimes' vectors of one text: nearer than two float16 copies can tell apart
SAMPLES = (
    "x",
    "How do I take a backup?",
    "怎样备份数据库？",
    "Ünïcode, emoji \U0001f600, ١٢٣, 한국어, a tab\tand a\nline.",
    "Footnote answers questions from an organisation's own documents, and puts a checked footnote under each sentence.",
    "大型语言模型根据文档回答问题，并在每句话后面加上经过核对的脚注。" * 8,
    "A passage that is as long as passages are: the committee met on 3 March 2024, and agreed on 12.5 % more. " * 12,
)


class Runtime(Protocol):
    """What turns texts into directions; which texts are questions is known to it."""

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    @property
    def device(self) -> str: ...

    def embed(self, texts: Sequence[str], task: Task) -> Matrix: ...


@dataclass(frozen=True)
class Prompted:
    """The fast runtime, with a model's prompts before the texts."""

    encoder: CpuEncoder
    card: ModelCard
    device: str = "cpu"

    @property
    def name(self) -> str:
        return self.encoder.name

    @property
    def dimension(self) -> int:
        return self.encoder.dimension

    def embed(self, texts: Sequence[str], task: Task) -> Matrix:
        prompt = self.card.query_prompt if task == "query" else self.card.passage_prompt
        return self.encoder.embed([prompt + text for text in texts] if prompt else texts)


def choose_runtime(
    card: ModelCard, *, wanted: RuntimeName, device: str, batch_size: int, outcomes: Path | None
) -> Runtime:
    """Load what runs this model here. outcomes: the folder where it is kept how a comparison went.

    Raises ModelError, Misconfigured where a runtime or a device is wanted that cannot be had.
    """
    check_device(device)

    def reference() -> SentenceTransformers:
        return SentenceTransformers(card, device=device, batch_size=batch_size)

    if wanted == "torch" or (wanted == "auto" and _is_for_accelerator(device)):
        return reference()
    try:
        if device.startswith("cuda"):
            raise DoesNotFit(f"embedder.device is {device!r}, and it runs on the processor")
        return _fast(card, batch_size, outcomes, trusted=wanted == "openvino" or _is_published(card))
    except DoesNotFit as reason:
        if wanted == "openvino":
            raise Misconfigured(
                f"embedder.runtime is 'openvino', which does not run {card.name}: {reason}",
                hint="set embedder.runtime to auto or torch",
            ) from reason
        log.info("%s runs on sentence-transformers: %s", card.name, reason)
        return reference()


def foresee_runtime(card: ModelCard, *, wanted: RuntimeName, device: str) -> str:
    """Say what would run the model, by its files alone. Raises DoesNotFit where torch would for want of a fit."""
    if wanted == "torch" or (wanted == "auto" and _is_for_accelerator(device)):
        return f"torch {metadata.version('torch')}"
    from rag.models.cpu import native_precision, version

    read_encoder(card)
    try:
        return f"openvino {version()} {native_precision()}"
    except (ImportError, RuntimeError) as error:
        raise DoesNotFit(f"OpenVINO is not here: {error}") from error


def compare(one: Runtime, other: Runtime) -> float:
    """Return the least cosine between two runtimes' vectors of the same texts."""
    first, second = (_rows(runtime) for runtime in (one, other))
    return float(np.min(np.sum(first * second, axis=1)))


def _fast(card: ModelCard, batch_size: int, outcomes: Path | None, *, trusted: bool) -> Runtime:
    from rag.models.cpu import CpuEncoder, native_precision, version

    encoder = read_encoder(card)
    if trusted:
        return Prompted(CpuEncoder(encoder, batch_size=batch_size), card)
    try:
        native = native_precision()
        outcome = outcomes / f"{card.fingerprint}-{version()}-{native}.json" if outcomes else None
    except (ImportError, RuntimeError) as error:
        raise DoesNotFit(f"OpenVINO is not here: {error}") from error
    held = _kept(outcome)
    if held is not None:
        if held == "none":
            raise DoesNotFit("its vectors were other ones there")
        return Prompted(CpuEncoder(encoder, precision=held, batch_size=batch_size), card)
    reference = SentenceTransformers(card, device="cpu", batch_size=batch_size)
    for precision in dict.fromkeys((native, "f32")):
        runtime = Prompted(CpuEncoder(encoder, precision=precision, batch_size=batch_size), card)
        cosine = compare(runtime, reference)
        log.info("%s on %s: least cosine to sentence-transformers %.6f", card.name, runtime.name, cosine)
        if cosine >= LEAST_COSINE:
            _keep(outcome, precision, cosine)
            return runtime
    _keep(outcome, "none", cosine)
    raise DoesNotFit(f"its vectors are other ones there: the least cosine is {cosine:.4f}")


def _rows(runtime: Runtime) -> Matrix:
    vectors = np.concatenate([runtime.embed(SAMPLES, "document"), runtime.embed(SAMPLES, "query")]).astype(np.float64)
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12))


def _is_published(card: ModelCard) -> bool:
    return card.name in PUBLISHED  # found under that name, the weights were held to their hash


def _is_for_accelerator(device: str) -> bool:
    """Look at files first: asking torch means importing it."""
    if device != "auto":
        return device.startswith("cuda")
    if not NVIDIA_DRIVER.exists() or metadata.version("torch").endswith("+cpu"):
        return False
    import torch

    return bool(torch.cuda.is_available())


def _kept(path: Path | None) -> str | None:
    """Return the precision in which the model fits, "none" where in none, None where that is not known."""
    try:
        kept = json.loads(path.read_text(encoding="ascii")) if path else {}
        precision = kept.get("precision")
    except (OSError, ValueError, AttributeError):
        return None
    return precision if precision in ("bf16", "f32", "none") else None


def _keep(path: Path | None, precision: str, cosine: float) -> None:
    if path is None:
        return
    text = json.dumps({"precision": precision, "least_cosine": round(cosine, 6)})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent)  # whole or absent, also where two processes meet
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
        Path(temporary).replace(path)
    except OSError as error:  # a folder that may only be read: the comparison is made anew each time
        log.info("%s was not kept: %s", path, error)
