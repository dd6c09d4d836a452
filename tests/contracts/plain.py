"""The plainest indexes there can be: what the real ones are compared with."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from rag.errors import LibraryMismatch
from rag.ports import Keys, LexicalEntry, Matrix
from rag.text import query_terms, search_terms
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
        self._rows.update((int(key), row) for key, row in zip(keys, vectors, strict=True))

    def remove(self, keys: Keys) -> None:
        for key in keys:
            self._rows.pop(int(key), None)

    def search(self, queries: Matrix, k: int) -> list[list[Hit]]:
        self._check(queries)
        rankings = []
        for query in queries:
            hits = [Hit(key, float(np.dot(row, query))) for key, row in self._rows.items()]
            rankings.append(sorted(hits, key=lambda hit: (-hit.score, hit.key))[:k])
        return rankings

    def save(self, path: Path) -> None:
        raise NotImplementedError

    def _check(self, vectors: Matrix) -> None:
        if vectors.shape[1] != self._dimension:
            raise LibraryMismatch("another dimension")


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

    def search(self, query: str, k: int) -> list[Hit]:
        terms = query_terms(query)
        average = sum(counts.total() for counts in self._bodies.values()) / max(1, len(self._bodies))
        hits = []
        for key, counts in self._bodies.items():
            score = 0.0
            for term in terms:
                holding = sum(term in others for others in self._bodies.values())
                rarity = math.log(1 + (len(self._bodies) - holding + 0.5) / (holding + 0.5))
                length = 1.2 * (1 - 0.75 + 0.75 * counts.total() / average) if average else 1.2
                score += rarity * counts[term] * 2.2 / (counts[term] + length)
            if score > 0:
                hits.append(Hit(key, score))
        return sorted(hits, key=lambda hit: (-hit.score, hit.key))[:k]
