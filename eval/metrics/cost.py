"""What an answer costs: milliseconds, and money for its tokens. Pure; knows no price and no clock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.errors import InvalidRequest

PER = 1_000_000  # tokens that a price is given for
ROUNDING = 1e-9  # of the share: half of two is the first

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Prices:
    """Of a million tokens that go in and that come out, in whatever currency. Raises InvalidRequest below 0."""

    into: float
    out: float

    def __post_init__(self) -> None:
        if not (self.into >= 0 and self.out >= 0):
            raise InvalidRequest(f"prices of {self.into} and {self.out}", hint="give what a million tokens cost")


def money(prompt_tokens: float, completion_tokens: float, prices: Prices) -> float:
    return (prompt_tokens * prices.into + completion_tokens * prices.out) / PER


def percentile(values: Numbers, share: float, times: Numbers | None = None) -> float:
    """Return the least value that this share of all is not above; times: (n,) how often each counts."""
    order = np.argsort(values, kind="stable")
    counted = np.cumsum(np.ones(len(values)) if times is None else times[order])
    place = int(np.searchsorted(counted, share * counted[-1] - ROUNDING))
    return float(values[order][min(place, len(values) - 1)])
