"""Put what is unlike what stands before it further up: maximal marginal relevance. Knows vectors, not texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rag.errors import NotFound
from rag.library.library import Library
from rag.plan import Found
from rag.ports import Matrix

CONSIDERED = 200  # of a ranking; what follows keeps its place


class Diversify:
    """A reordering for the retriever; the hits keep their scores."""

    def __init__(self, library: Library, diversity: float) -> None:
        """diversity: 0 leaves the ranking as it is, 1 looks at nothing but unlikeness after the first."""
        self._library = library
        self._diversity = diversity

    def __call__(self, _question: str, found: Found) -> Found:
        first, rest = list(found.ranking[:CONSIDERED]), list(found.ranking[CONSIDERED:])
        try:
            vectors = self._library.vectors(hit.key for hit in first)
        except NotFound:  # removed a moment ago: the retriever will see that, and search again
            return found
        order = diverse([hit.score for hit in first], vectors, self._diversity)
        moved = sum(place != now for now, place in enumerate(order))
        return replace(found, ranking=[first[place] for place in order] + rest, note=f"{moved} moved")


def diverse(scores: Sequence[float], vectors: Matrix, diversity: float) -> list[int]:
    """Return the places in a new order: each next the one of the greatest score less likeness to those before.

    scores: of a ranking, best first; where one is greater than that before it, the ranking is believed, not the score.
    vectors: float32 (len(scores), d), unit rows. diversity: in [0, 1], the weight of likeness; 0 changes nothing.
    Source: Carbonell and Goldstein, The Use of MMR, SIGIR 1998.
    """
    if not len(scores):
        return []
    worth = (1 - diversity) * np.minimum.accumulate(np.asarray(scores, dtype=np.float64))
    likeness = np.full(len(scores), -np.inf)  # to the nearest of those chosen
    order = [0]
    for _ in range(len(scores) - 1):
        likeness = np.maximum(likeness, vectors @ vectors[order[-1]])
        left = worth - diversity * likeness
        left[order] = -np.inf
        order.append(int(np.argmax(left)))  # the first of equals
    return order
