"""Nearest neighbours by FAISS: exact while small, inverted lists past that, on the card where there is one.

Knows nothing of the store: keys and vectors come in, keys and scores go out, and scores are those of the vectors as
float16 holds them, whatever the layout. Safe to search from many threads while one changes it.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import faiss as typed_faiss
import numpy as np

from rag.errors import InvalidRequest, LibraryDamaged, LibraryMismatch
from rag.library.device import DeviceCopy, has_device
from rag.library.flat import Flat
from rag.library.gate import Gate
from rag.library.lists import Lists
from rag.library.stored import Stored, directed
from rag.ports import Keys, Matrix
from rag.types import Hit

faiss: Any = typed_faiss  # its stubs lag behind its code

# Candidates that lists are asked for, of so many hits: what a byte a component puts in another order, the stored
# vectors put right.
CANDIDATES_PER_HIT = 1.25
CANDIDATES_MORE = 10
SCORED_TOGETHER = 64  # questions whose candidates' vectors are in memory at once: 12 MB of 100 hits each


class FaissIndex:
    def __init__(self, layout: Flat | Lists, stored: Stored) -> None:
        """stored: what the answers of lists are scored by; what is added here must be there."""
        self.layout = layout
        self.dimension = int(layout.index.d)
        self._stored = stored
        self._gate = Gate()
        self.highest = int(layout.keys().max(initial=-1))  # key that was ever here
        self._device = DeviceCopy() if has_device() else None

    @classmethod
    def load(cls, path: Path, dimension: int, stored: Stored) -> FaissIndex:
        """Read what save() wrote. The caller has checked the file's sum: faiss trusts every byte of it.

        Raises LibraryDamaged where it is no index of ours, or of another dimension.
        """
        try:
            index = faiss.read_index(str(path))
        except RuntimeError as error:
            raise LibraryDamaged(f"{path}: {error}") from error
        if index.d == dimension and isinstance(index, faiss.IndexIDMap2):
            return cls(Flat(index), stored)
        if (
            index.d == dimension
            and isinstance(index, faiss.IndexIVFScalarQuantizer)
            and index.sq.qtype == faiss.ScalarQuantizer.QT_8bit
        ):
            return cls(Lists(index), stored)
        raise LibraryDamaged(f"{path} holds a {type(index).__name__} of dimension {index.d}, of another kind than ours")

    def __len__(self) -> int:
        return len(self.layout)

    @property
    def kind(self) -> str:
        return self.layout.name + (" gpu" if self._device else "")

    def add(self, keys: Keys, vectors: Matrix) -> None:
        """Add; a key that is there already is replaced. Of a key given twice the last stands.

        Raises InvalidRequest, naming the key, where a vector is zero or no number.
        """
        if not len(keys):
            return
        self._check(vectors)
        wrong = np.flatnonzero(~directed(vectors))
        if wrong.size:
            raise InvalidRequest(
                f"the vector of chunk {keys[wrong[0]]} is zero or no number",
                hint="the embedder must return unit rows; check its weights",
            )
        keys, vectors = _last_of_each(keys, vectors)
        with self._gate.writing():
            if keys.min() <= self.highest:  # keys grow, so only a replay comes by here
                self._drop(keys)
            self.layout.add(keys, vectors)
            self.highest = max(self.highest, int(keys.max()))
            if self._device:
                self._device.add(keys, vectors)

    def remove(self, keys: Keys) -> None:
        if not len(keys):
            return
        with self._gate.writing():
            self._drop(keys)

    def search(self, queries: Matrix, k: int, *, among: Keys | None = None) -> list[list[Hit]]:
        """Return the k nearest keys of each query, best first; fewer where the index is smaller.

        among: search these keys only; ascending. Raises LibraryMismatch where the dimension differs, InvalidRequest
        where a query holds what is no number.
        """
        self._check(queries)
        queries = np.ascontiguousarray(queries, dtype=np.float32)
        if not np.isfinite(queries).all():
            raise InvalidRequest("the question's vector holds what is no number", hint="check the embedder's weights")
        among = None if among is None else np.ascontiguousarray(among, dtype=np.int64)
        with self._gate.reading():
            most = len(self) if among is None else min(len(self), len(among))
            k = min(k, most)
            if k <= 0 or not len(queries):
                return [[] for _ in queries]
            scored = isinstance(self.layout, Lists)
            asked = min(most, math.ceil(CANDIDATES_PER_HIT * k) + CANDIDATES_MORE) if scored else k
            scores, keys = self._candidates(queries, asked, among)
        if scored:
            for first in range(0, len(queries), SCORED_TOGETHER):
                some = slice(first, first + SCORED_TOGETHER)
                self._score(queries[some], keys[some], scores[some])
        return [_hits(*row)[:k] for row in zip(scores, keys, strict=True)]

    def save(self, path: Path) -> None:
        with self._gate.reading():
            self.layout.save(path)

    def keys(self) -> Keys:
        """All of them, ascending."""
        with self._gate.reading():
            return np.sort(self.layout.keys())

    def _candidates(self, queries: Matrix, k: int, among: Keys | None) -> tuple[Matrix, Keys]:
        reached = not isinstance(self.layout, Lists) or self.layout.reaches(k)
        if among is None and reached and self._device and self._device.serves(self.layout.index, k):
            return self._device.search(self.layout.index, queries, k)
        return self.layout.search(queries, k, among)

    def _score(self, queries: Matrix, keys: Keys, scores: Matrix) -> None:
        """Put the stored vectors' scores in place of the bytes'. A key that is gone keeps what it has: it is dropped
        by whoever asks the truth, and must count until then."""
        found, rows = self._stored.of(keys[keys >= 0])
        if not len(found):
            return
        places = np.searchsorted(found, keys).clip(max=len(found) - 1)
        exact = np.matmul(rows[places], queries[:, :, None])[:, :, 0]
        np.copyto(scores, exact, where=found[places] == keys)

    def _drop(self, keys: Keys) -> None:
        keys = np.unique(np.ascontiguousarray(keys, dtype=np.int64))
        if self.layout.remove(keys) and self._device:
            self._device.forget()

    def _check(self, vectors: Matrix) -> None:
        if vectors.ndim != 2 or vectors.shape[1] != self.dimension:
            raise LibraryMismatch(
                f"vectors of shape {vectors.shape} meet an index of dimension {self.dimension}",
                hint="`footnote library rebuild` makes the vectors anew with the embedder now set",
            )


def _last_of_each(keys: Keys, vectors: Matrix) -> tuple[Keys, Matrix]:
    keys = np.ascontiguousarray(keys, dtype=np.int64)
    unique, from_the_end = np.unique(keys[::-1], return_index=True)
    if len(unique) != len(keys):
        places = np.sort(len(keys) - 1 - from_the_end)
        keys, vectors = keys[places], vectors[places]
    return keys, np.ascontiguousarray(vectors, dtype=np.float32)


def _hits(scores: Matrix, keys: Keys) -> list[Hit]:
    hits = [Hit(int(key), float(score)) for key, score in zip(keys, scores, strict=True) if key >= 0]
    return sorted(hits, key=lambda hit: (-hit.score, hit.key))
