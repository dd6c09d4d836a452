"""Score rankings: ids best first, each at most once. Pure; knows nothing of what the ids name.

gold: the ids that are right, or {id: grade}, all grades above 0; there is at least one.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence


def recall(ranking: Sequence[str], gold: Collection[str], k: int) -> float:
    """Return the share of gold that stands in the first k."""
    return len(set(ranking[:k]) & set(gold)) / len(set(gold))


def precision(ranking: Sequence[str], gold: Collection[str], k: int) -> float:
    """Return the share of k places that gold stands in; places past the ranking's end are wasted."""
    return len(set(ranking[:k]) & set(gold)) / k


def success(ranking: Sequence[str], gold: Collection[str], k: int) -> float:
    """Return 1 when any gold id stands in the first k."""
    return float(any(key in gold for key in ranking[:k]))


def reciprocal_rank(ranking: Sequence[str], gold: Collection[str], k: int) -> float:
    """Return 1 / rank of the first gold id in the first k, else 0."""
    return next((1 / rank for rank, key in enumerate(ranking[:k], 1) if key in gold), 0.0)


def average_precision(ranking: Sequence[str], gold: Collection[str], k: int) -> float:
    """Return the mean, over all gold ids, of the precision where each stands; 0 for one that the first k lack.

    Its mean over questions is MAP. trec_eval divides by all gold ids too, also where they are more than k.
    """
    places = [rank for rank, key in enumerate(ranking[:k], 1) if key in gold]
    return math.fsum(found / rank for found, rank in enumerate(places, 1)) / len(set(gold))


def ndcg(ranking: Sequence[str], grades: Mapping[str, float], k: int) -> float:
    """Return the normalised discounted cumulative gain at k; a document's gain is its grade, as trec_eval has it.

    Source: Järvelin and Kekäläinen, 2002.
    """
    gained = _discounted(grades.get(key, 0.0) for key in ranking[:k])
    return gained / _discounted(sorted(grades.values(), reverse=True)[:k])


def _discounted(gains: Iterable[float]) -> float:
    return math.fsum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))
