"""Embed with any sentence-transformers model. Knows its tokenizer; nothing of prompts, runtimes, chunks or libraries.

What runs the model is chosen and loaded at the first embedding: a verb that embeds nothing does not pay for it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.errors import ModelError
from rag.models.card import ModelCard, read_card, tokenizer_file
from rag.models.choose import Runtime, RuntimeName, choose_runtime
from rag.models.find import find_model
from rag.models.reference import Task
from rag.ports import Matrix

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SURROGATE = re.compile("[\ud800-\udfff]")  # no tokenizer takes one; the replacement is as long, so offsets hold
REMEMBERED_TEXTS = 512  # some megabytes at most
REMEMBERED_CHARACTERS = 4096
SHOWN_CHARACTERS = 60  # of a text, in an error
OUTCOMES = ".runtime"  # in the folder of models: how each was found to run here


class LazyEmbedder:
    """A sentence-transformers model that is read at the first embedding. May be used from many threads."""

    def __init__(
        self,
        card: ModelCard,
        *,
        device: str = "auto",
        batch_size: int = 32,
        runtime: RuntimeName = "auto",
        outcomes: Path | None = None,
    ) -> None:
        """outcomes: the folder where it is kept which runtime a model fits; None: it is found out each time."""
        self._card = card
        self._device = device
        self._batch_size = batch_size
        self._wanted: RuntimeName = runtime
        self._outcomes = outcomes
        self._loaded: Runtime | None = None
        self._loading = threading.Lock()

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
        runtime: RuntimeName = "auto",
        dimension: int | None = None,
    ) -> LazyEmbedder:
        """Find a model by name or folder and read its card.

        dimension: to cut vectors down to, where the model was trained for it. Raises ModelNotFound, ModelMismatch
        where the weights are not the published ones, ModelError, Misconfigured.
        """
        card = read_card(
            name,
            find_model(name, models),
            languages=languages,
            query_prompt=query_prompt,
            passage_prompt=passage_prompt,
            dimension=dimension,
        )
        return cls(card, device=device, batch_size=batch_size, runtime=runtime, outcomes=models / OUTCOMES)

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
        return self._card.kept or self._card.dimension or self._runtime.dimension

    @cached_property
    def max_tokens(self) -> int:
        special = self._tokenizer.num_special_tokens_to_add(is_pair=False)
        return max(1, self._card.sequence_tokens - special - len(self.token_starts(self._card.passage_prompt)))

    @property
    def runtime(self) -> str:
        """What makes the vectors, as "openvino 2026.4.1 bf16"; loads it. Those of any runtime are interchangeable."""
        return self._runtime.name

    @property
    def device(self) -> str:
        """Where it runs: "cpu", or "cuda:0"; loads the model."""
        return self._runtime.device

    def token_starts(self, text: str) -> Sequence[int]:
        """Start of each token, in code points, never decreasing: the bytes of one character share its start."""
        return self._remembered(text) if len(text) <= REMEMBERED_CHARACTERS else self._token_starts(text)

    @cached_property
    def _remembered(self) -> Callable[[str], Sequence[int]]:
        """A chunk is measured when it is cut, and again when its headings are put before it."""
        return lru_cache(maxsize=REMEMBERED_TEXTS)(self._token_starts)

    def _token_starts(self, text: str) -> Sequence[int]:
        offsets = self._tokenizer.encode(encodable(text), add_special_tokens=False).offsets
        starts = [start for start, _ in offsets]
        return tuple(starts if starts == sorted(starts) else accumulate(starts, max))

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """Return float32 (n, d), unit rows in the order of the texts. Raises ModelError for a vector without length."""
        return self._embed(texts, "document")

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        return self._embed(texts, "query")

    def _embed(self, texts: Sequence[str], task: Task) -> Matrix:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        vectors = self._runtime.embed([encodable(text) for text in texts], task)
        return _unit(vectors[:, : self._card.kept], texts, self.name)

    @property
    def _runtime(self) -> Runtime:
        with self._loading:
            if self._loaded is None:
                self._loaded = choose_runtime(
                    self._card,
                    wanted=self._wanted,
                    device=self._device,
                    batch_size=self._batch_size,
                    outcomes=self._outcomes,
                )
            return self._loaded

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


def encodable(text: str) -> str:
    """Return what a tokenizer takes, of the same length."""
    return SURROGATE.sub("\ufffd", text)


def _unit(vectors: Matrix, texts: Sequence[str], name: str) -> Matrix:
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    bad = np.flatnonzero(~np.isfinite(lengths[:, 0]) | (lengths[:, 0] == 0))
    if bad.size:
        first = texts[bad[0]]
        shown = first if len(first) <= SHOWN_CHARACTERS else f"{first[:SHOWN_CHARACTERS]}..."
        raise ModelError(f"{name} gave no direction to {bad.size} of {len(texts)} texts, the first is {shown!r}")
    return np.asarray(vectors / lengths, dtype=np.float32)
