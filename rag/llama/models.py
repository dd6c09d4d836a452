"""LlamaIndex's embeddings behind our port, and our embedder as one of theirs."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.bridge.pydantic import PrivateAttr

from rag.errors import ModelError
from rag.models.estimate import estimate_starts
from rag.ports import Embedder, Matrix

MAX_TOKENS = 512  # of a passage; estimated rather too many than too few, since what is cut off would be lost


class LlamaEmbedder:
    """Implements ports.Embedder over any embedding of LlamaIndex's.

    Its fingerprint is made of its class, name and options, since its weights cannot be seen: a provider that changes
    a model under the same name goes unnoticed.
    """

    def __init__(self, embedding: BaseEmbedding, *, languages: Iterable[str], max_tokens: int = MAX_TOKENS) -> None:
        """languages: ISO 639-1 codes, {"*"} for all. max_tokens: of a passage that reach the model."""
        self._embedding = embedding
        self.languages = frozenset(languages)
        self.max_tokens = max_tokens

    @property
    def name(self) -> str:
        model = self._embedding.model_name
        return model if model != "unknown" else type(self._embedding).__name__

    @cached_property
    def fingerprint(self) -> str:
        options = {**self._embedding.to_payload(), "embed_batch_size": None, "dimension": self.dimension}
        told = json.dumps(options, sort_keys=True, default=str)
        return f"llama-{hashlib.sha256(told.encode()).hexdigest()[:32]}"

    @cached_property
    def dimension(self) -> int:
        return len(self._embedding.get_text_embedding("dimension"))

    def token_starts(self, text: str) -> Sequence[int]:
        return estimate_starts(text)

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return unit_rows(self._embedding.get_text_embedding_batch(list(texts)), self.name)

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return unit_rows([self._embedding.get_query_embedding(text) for text in texts], self.name)


class FootnoteEmbedding(BaseEmbedding):
    """Our embedder for LlamaIndex's pipelines and indexes: what they write into a library must be its own vectors."""

    _embedder: Embedder = PrivateAttr()

    def __init__(self, embedder: Embedder) -> None:
        super().__init__(model_name=embedder.name)
        self._embedder = embedder

    @classmethod
    def class_name(cls) -> str:
        return "FootnoteEmbedding"

    def _get_query_embedding(self, query: str) -> list[float]:
        return _numbers(self._embedder.embed_queries([query]))[0]

    def _get_text_embedding(self, text: str) -> list[float]:
        return _numbers(self._embedder.embed_passages([text]))[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return _numbers(self._embedder.embed_passages(texts))

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return await asyncio.to_thread(self._get_query_embedding, query)

    async def _aget_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return await asyncio.to_thread(self._get_text_embeddings, texts)


def _numbers(matrix: Matrix) -> list[list[float]]:
    rows: list[list[float]] = matrix.tolist()
    return rows


def unit_rows(vectors: Sequence[Sequence[float]], name: str) -> Matrix:
    """Return the vectors, one or more, at unit length. Raises ModelError, naming the first without a direction."""
    matrix = np.array(vectors, dtype=np.float32)
    lengths = np.linalg.norm(matrix.astype(np.float64), axis=1)
    wrong = np.flatnonzero(~(np.isfinite(lengths) & (lengths > 0)))
    if wrong.size:
        raise ModelError(f"{name}: vector {wrong[0]} has length {lengths[wrong[0]]}", hint="check the embedding")
    unit: Matrix = (matrix / lengths[:, None]).astype(np.float32)
    return unit
