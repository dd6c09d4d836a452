"""The mean that is None where there is nothing to take it of."""

from __future__ import annotations

import math
from collections.abc import Iterable


def mean(values: Iterable[float]) -> float | None:
    """Return the mean, or None when there is nothing to take it of."""
    found = list(values)
    return math.fsum(found) / len(found) if found else None
