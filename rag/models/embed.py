"""Embed with any sentence-transformers model. Knows its tokenizer and its prompts; nothing of chunks or libraries.

torch and sentence-transformers are imported at the first embedding (7 s where this was measured): a verb that
embeds nothing does not pay for them.
"""

from __future__ import annotations

import logging
import re
import threading
import warnings
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from rag.errors import Misconfigured, ModelError
from rag.models.card import ModelCard, read_card, tokenizer_file
from rag.models.find import find_model
from rag.ports import Matrix

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

SURROGATE = re.compile("[\ud800-\udfff]")  # no tokenizer takes one; the replacement is as long, so offsets hold
Task = Literal["query", "document"]


class LazyEmbedder:
    """A sentence-transformers model that is read at the first embedding. May be used from many threads."""

    def __init__(self, card: ModelCard, *, device: str = "auto", batch_size: int = 32) -> None:
        self._card = card
        self._device = device
        self._batch_size = batch_size
        self._lock = threading.Lock()  # fast tokenizers fail with "Already borrowed" when two threads meet in one

    @classmethod
    def find(
        cls,
        name: str,
        *,
        models: Path,
        languages: Iterable[str] | None = None,
        query_prompt: str | None = None,
        passage_prompt: str | None = None,
        device: str = "auto",
        batch_size: int = 32,
    ) -> LazyEmbedder:
        """Find a model by name or folder and read its card.

        Raises ModelNotFound, ModelMismatch where the weights are not the published ones, ModelError.
        """
        card = read_card(
            name,
            find_model(name, models),
            languages=languages,
            query_prompt=query_prompt,
            passage_prompt=passage_prompt,
        )
        return cls(card, device=device, batch_size=batch_size)

    @property
    def name(self) -> str:
        return self._card.name

    @property
    def folder(self) -> Path:
        return self._card.folder

    @property
    def fingerprint(self) -> str:
        return self._card.fingerprint

    @property
    def languages(self) -> frozenset[str]:
        return self._card.languages

    @cached_property
    def dimension(self) -> int:
        return self._card.dimension or _dimension_of(self._model)

    @cached_property
    def max_tokens(self) -> int:
        special = self._tokenizer.num_special_tokens_to_add(is_pair=False)
        return max(1, self._card.sequence_tokens - special - len(self.token_starts(self._card.passage_prompt)))

    def token_starts(self, text: str) -> Sequence[int]:
        """Start of each token, in code points, never decreasing: the bytes of one character share its start."""
        offsets = self._tokenizer.encode(_encodable(text), add_special_tokens=False).offsets
        starts = np.maximum.accumulate(np.array([start for start, _ in offsets], dtype=np.int64))
        return [int(start) for start in starts]

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """Return float32 (n, d), unit rows in the order of the texts. Raises ModelError for a vector without length."""
        return self._embed(texts, "document", self._card.passage_prompt)

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        return self._embed(texts, "query", self._card.query_prompt)

    def _embed(self, texts: Sequence[str], task: Task, prompt: str) -> Matrix:
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        if not texts:
            return vectors
        clean = [_encodable(text) for text in texts]
        # UTF-8 length follows the count of tokens in Chinese and English alike; sorted, a batch carries little padding.
        order = sorted(range(len(clean)), key=lambda row: len(clean[row].encode()), reverse=True)
        with self._lock:
            model = self._model
            encode = model.encode_query if task == "query" else model.encode_document
            for first in range(0, len(order), self._batch_size):
                rows = order[first : first + self._batch_size]
                vectors[rows] = encode(
                    [clean[row] for row in rows], prompt=prompt, batch_size=len(rows), show_progress_bar=False
                )
        return _unit(vectors, self.name)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        path = tokenizer_file(self._card.folder)
        if path.is_file():
            tokenizer = Tokenizer.from_file(str(path))
        else:  # an old model with a vocabulary alone: transformers can convert it, at the price of its import
            from transformers import AutoTokenizer

            slow: Any = AutoTokenizer.from_pretrained(str(self._card.folder), local_files_only=True)
            tokenizer = Tokenizer.from_str(slow.backend_tokenizer.to_str())
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _model(self) -> SentenceTransformer:
        import torch
        from safetensors import SafetensorError
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of the libraries, about how old models were saved
                model = SentenceTransformer(
                    str(self._card.folder),
                    device=_device(self._device, torch.cuda.is_available()),
                    trust_remote_code=False,
                    local_files_only=True,
                    # float32 wherever it runs: a library made on a GPU is searched on a laptop.
                    model_kwargs={"use_safetensors": True, "dtype": torch.float32},
                )
        except (OSError, ValueError, RuntimeError, KeyError, ImportError, AttributeError, SafetensorError) as error:
            raise ModelError(
                f"{self._card.folder}: sentence-transformers cannot load it: {error}",
                hint="`footnote models check` says what is wrong with a model's folder",
            ) from error
        model.max_seq_length = self._card.sequence_tokens
        loaded = _dimension_of(model)
        if self._card.dimension not in (None, loaded):
            raise ModelError(
                f"{self._card.folder}: its configs say {self._card.dimension} dimensions, it gives {loaded}"
            )
        return model

    @property
    def device(self) -> torch.device:
        """Where it runs; loads the model."""
        return self._model.device


def _device(wanted: str, cuda: bool) -> str:
    if wanted == "auto":
        return "cuda" if cuda else "cpu"
    if not re.fullmatch(r"cpu|cuda(:\d+)?", wanted):
        raise Misconfigured(f"embedder.device: {wanted!r} is not auto, cpu, cuda or cuda:N")
    if wanted != "cpu" and not cuda:
        raise Misconfigured(
            f"embedder.device is {wanted!r}, and torch finds no CUDA device", hint="set it to auto or cpu"
        )
    return wanted


def _dimension_of(model: SentenceTransformer) -> int:
    dimension = model.get_embedding_dimension()
    if dimension is None:
        raise ModelError("the model does not say how many dimensions it gives")
    return int(dimension)


def _encodable(text: str) -> str:
    return SURROGATE.sub("\ufffd", text)


def _unit(vectors: Matrix, name: str) -> Matrix:
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    bad = np.flatnonzero(~np.isfinite(lengths[:, 0]) | (lengths[:, 0] == 0))
    if bad.size:
        raise ModelError(f"{name} gave no direction to {bad.size} of {len(vectors)} texts, the first at {bad[0]}")
    return np.asarray(vectors / lengths, dtype=np.float32)
