"""Merge rankings. Knows nothing of text or vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.types import Hit

Ranking = Sequence[Hit]


@dataclass(frozen=True, slots=True)
class Weights:
    """What each part of a chunk's score counts for; only the ratios matter."""

    dense: float
    dense_for_missing: float  # more, by how much of the question no candidate says in its own words
    lexical: float
    closeness: float

    def of_dense(self, held: float) -> float:
        """held: the share of the question's words, by rarity, that the best candidate holds."""
        return self.dense + self.dense_for_missing * (1.0 - held)


def normalise(ranking: Ranking, *, floor: float | None = None) -> dict[int, float]:
    """Map scores onto [0, 1]: the best is 1, `floor` (by default the worst of the ranking) is 0."""
    if not ranking:
        return {}
    top = max(hit.score for hit in ranking)
    bottom = min(hit.score for hit in ranking) if floor is None else floor
    width = top - bottom
    if width <= 0:
        return {hit.key: 1.0 for hit in ranking}
    return {hit.key: min(1.0, max(0.0, (hit.score - bottom) / width)) for hit in ranking}


def fuse(legs: Sequence[Mapping[int, float]], weights: Sequence[float]) -> list[Hit]:
    """Sum the weighted, range-normalised scores of each key; ties go to the smaller key.

    legs: one normalised ranking each. weights: not negative; only their ratio counts. A leg of weight 0 adds no key.
    Source: Bruch et al., An Analysis of Fusion Functions for Hybrid Retrieval, TOIS 2023 (convex combination).
    """
    total = sum(weights)
    if total <= 0:
        return []
    scores: dict[int, float] = {}
    for leg, weight in zip(legs, weights, strict=True):
        if weight > 0:
            for key, score in leg.items():
                scores[key] = scores.get(key, 0.0) + weight / total * score
    return [Hit(key, -score) for score, key in sorted((-min(1.0, score), key) for key, score in scores.items())]
