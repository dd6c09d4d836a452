"""An embedder that remembers each question's vector. Knows nothing of libraries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.ports import Embedder, Matrix


class Remembered:
    """Embeds what it has not been given, so one process may collect what another shall know beforehand."""

    def __init__(self, embedder: Embedder, texts: Sequence[str] = (), vectors: Matrix | None = None) -> None:
        self.name, self.fingerprint, self.dimension = embedder.name, embedder.fingerprint, embedder.dimension
        self.max_tokens, self.languages = embedder.max_tokens, embedder.languages
        self.token_starts, self.embed_passages = embedder.token_starts, embedder.embed_passages
        self._embedder = embedder
        self._rows: dict[str, Matrix] = {} if vectors is None else dict(zip(texts, vectors, strict=True))

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        new = [text for text in texts if text not in self._rows]
        if new:
            self._rows.update(zip(new, self._embedder.embed_queries(new), strict=True))
        return np.stack([self._rows[text] for text in texts])

    @property
    def texts(self) -> list[str]:
        return list(self._rows)

    @property
    def vectors(self) -> Matrix:
        return np.stack(list(self._rows.values()))
