"""The plainest indexes there can be: what the real ones are compared with."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from rag.errors import InvalidRequest, LibraryMismatch
from rag.ports import Keys, LexicalEntry, Matrix
from rag.text import query_weights, search_terms
from rag.types import Hit


class BruteForceIndex:
    """A VectorIndex that multiplies everything."""

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._rows: dict[int, Matrix] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, keys: Keys, vectors: Matrix) -> None:
        self._check(vectors)
        if not all(np.isfinite(row).all() and row.any() for row in vectors):
            raise InvalidRequest("no direction")
        self._rows.update((int(key), row) for key, row in zip(keys, vectors, strict=True))

    def remove(self, keys: Keys) -> None:
        for key in keys:
            self._rows.pop(int(key), None)

    def search(self, queries: Matrix, k: int, *, among: Keys | None = None) -> list[list[Hit]]:
        self._check(queries)
        allowed = None if among is None else set(among.tolist())
        rankings = []
        for query in queries:
            if not np.isfinite(query).all():
                raise InvalidRequest("no number")
            hits = [
                Hit(key, float(np.dot(row, query)))
                for key, row in self._rows.items()
                if allowed is None or key in allowed
            ]
            rankings.append(sorted(hits, key=lambda hit: (-hit.score, hit.key))[:k])
        return rankings

    def save(self, path: Path) -> None:
        raise NotImplementedError

    def _check(self, vectors: Matrix) -> None:
        if vectors.shape[1] != self._dimension:
            raise LibraryMismatch("another dimension")


class KeptVectors:
    """Stored vectors in memory, as float16 holds them."""

    def __init__(self) -> None:
        self.rows: dict[int, Matrix] = {}

    def put(self, keys: Keys, vectors: Matrix) -> None:
        halves = vectors.astype(np.float16).astype(np.float32)
        self.rows.update((int(key), row) for key, row in zip(keys, halves, strict=True))

    def drop(self, keys: Keys) -> None:
        for key in keys:
            self.rows.pop(int(key), None)

    def keys(self) -> Keys:
        return np.array(sorted(self.rows), dtype=np.int64)

    def of(self, keys: Keys) -> tuple[Keys, Matrix]:
        there = np.array([key for key in np.unique(keys).tolist() if key in self.rows], dtype=np.int64)
        return there, np.array([self.rows[key] for key in there.tolist()], dtype=np.float32)

    def stream(self) -> Iterator[tuple[Keys, Matrix]]:
        keys = self.keys()
        for first in range(0, len(keys), 1000):
            yield self.of(keys[first : first + 1000])


class PlainLexicalIndex:
    """A LexicalIndex that counts everything: BM25 with k1 1.2 and b 0.75, over bodies alone."""

    def __init__(self) -> None:
        self._pending: dict[int, Counter[str] | None] = {}
        self._bodies: dict[int, Counter[str]] = {}

    def __len__(self) -> int:
        return len(self._bodies)

    def add(self, entries: Iterable[LexicalEntry]) -> None:
        self._pending.update((entry.key, Counter(search_terms(entry.body))) for entry in entries)

    def remove(self, keys: Iterable[int]) -> None:
        self._pending.update(dict.fromkeys(keys))

    def commit(self) -> None:
        for key, counts in self._pending.items():
            if counts is None:
                self._bodies.pop(key, None)
            else:
                self._bodies[key] = counts
        self._pending.clear()

    def search(self, query: str, k: int, *, among: Keys | None = None) -> list[Hit]:
        allowed = self._bodies if among is None else set(among.tolist())
        weights = query_weights(query)
        average = sum(counts.total() for counts in self._bodies.values()) / max(1, len(self._bodies))
        hits = []
        for key, counts in self._bodies.items():
            score = 0.0
            for term, weight in weights.items():
                holding = sum(term in others for others in self._bodies.values())
                rarity = math.log(1 + (len(self._bodies) - holding + 0.5) / (holding + 0.5))
                length = 1.2 * (1 - 0.75 + 0.75 * counts.total() / average) if average else 1.2
                score += weight * rarity * counts[term] * 2.2 / (counts[term] + length)
            if score > 0 and key in allowed:
                hits.append(Hit(key, score))
        return sorted(hits, key=lambda hit: (-hit.score, hit.key))[: max(0, k)]
