"""How well a score tells what can be answered from what cannot. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float | None:
    """Return the chance that a positive scores above a negative, ties counting half; None when either is missing.

    Mann and Whitney's U from mid-ranks, so the order in which ties arrive is of no consequence.
    """
    if not positives or not negatives:
        return None
    counts = Counter(positives) + Counter(negatives)
    mid_rank, below = {}, 0
    for score in sorted(counts):
        mid_rank[score] = below + (counts[score] + 1) / 2
        below += counts[score]
    rank_sum = math.fsum(mid_rank[score] for score in positives)
    least = len(positives) * (len(positives) + 1) / 2
    return (rank_sum - least) / (len(positives) * len(negatives))
