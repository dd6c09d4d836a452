"""Run any sentence-transformers model, on the processor or an accelerator. What every other runtime is held to.

torch and sentence-transformers are imported when a model is loaded: 7 s and more.
"""

from __future__ import annotations

import logging
import re
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from typing import TYPE_CHECKING, Literal

import numpy as np

from rag.errors import Misconfigured, ModelError
from rag.models.card import ModelCard
from rag.ports import Matrix

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Task = Literal["query", "document"]


class SentenceTransformers:
    """A model ready to run. Threads take turns, a batch each."""

    def __init__(self, card: ModelCard, *, device: str = "auto", batch_size: int = 32) -> None:
        """Raises ModelError, Misconfigured for a device that is not there."""
        self._card = card
        self._batch_size = batch_size
        self._lock = threading.Lock()  # fast tokenizers fail with "Already borrowed" when two threads meet in one
        self._model = _load(card, device)
        self.device = str(self._model.device)
        versions = (f"{package} {metadata.version(package)}" for package in ("sentence-transformers", "torch"))
        self.name = ", ".join((*versions, f"f32 on {self.device}"))

    @property
    def dimension(self) -> int:
        return _dimension_of(self._model)

    def embed(self, texts: Sequence[str], task: Task) -> Matrix:
        """Return float32 (n, d), in the order of the texts; the rows' lengths mean nothing."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        # UTF-8 length follows the count of tokens in Chinese and English alike; sorted, a batch carries little padding.
        order = sorted(range(len(texts)), key=lambda row: len(texts[row].encode()), reverse=True)
        encode = self._model.encode_query if task == "query" else self._model.encode_document
        prompt = self._card.query_prompt if task == "query" else self._card.passage_prompt
        for first in range(0, len(order), self._batch_size):
            rows = order[first : first + self._batch_size]
            with self._lock:
                vectors[rows] = encode(
                    [texts[row] for row in rows], prompt=prompt, batch_size=len(rows), show_progress_bar=False
                )
        return vectors


def check_device(wanted: str, setting: str = "embedder.device") -> None:
    """Raises Misconfigured for what is no device at all."""
    if wanted != "auto" and not re.fullmatch(r"cpu|cuda(:\d+)?", wanted):
        raise Misconfigured(f"{setting}: {wanted!r} is not auto, cpu, cuda or cuda:N")


def choose_device(wanted: str, cuda: bool, setting: str = "embedder.device") -> str:
    """Raises Misconfigured."""
    check_device(wanted, setting)
    if wanted == "auto":
        return "cuda" if cuda else "cpu"
    if wanted != "cpu" and not cuda:
        raise Misconfigured(f"{setting} is {wanted!r}, and torch finds no CUDA device", hint="set it to auto or cpu")
    return wanted


@contextmanager
def quiet_loading() -> Iterator[None]:
    """Keep the libraries from drawing bars, and from saying how old models were saved."""
    from transformers.utils import logging as transformers_logging

    logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _load(card: ModelCard, device: str) -> SentenceTransformer:
    import torch
    from safetensors import SafetensorError
    from sentence_transformers import SentenceTransformer

    try:
        with quiet_loading():
            model = SentenceTransformer(
                str(card.folder),
                device=choose_device(device, torch.cuda.is_available()),
                trust_remote_code=False,
                local_files_only=True,
                # float32 wherever it runs: a library made on a GPU is searched on a laptop.
                model_kwargs={"use_safetensors": True, "dtype": torch.float32},
            )
    except (OSError, ValueError, RuntimeError, KeyError, ImportError, AttributeError, SafetensorError) as error:
        raise ModelError(
            f"{card.folder}: sentence-transformers cannot load it: {error}",
            hint="`footnote models check` says what is wrong with a model's folder",
        ) from error
    model.max_seq_length = card.sequence_tokens
    loaded = _dimension_of(model)
    if card.dimension not in (None, loaded):
        raise ModelError(f"{card.folder}: its configs say {card.dimension} dimensions, it gives {loaded}")
    return model


def _dimension_of(model: SentenceTransformer) -> int:
    dimension = model.get_embedding_dimension()
    if dimension is None:
        raise ModelError("the model does not say how many dimensions it gives")
    return int(dimension)
