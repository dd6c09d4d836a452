"""A figure of many questions, how sure it is, and by how much two runs differ in it. Knows no figure by name.

A figure is None where it was not measured. Its interval comes from drawing the questions again: units of them, since
those that rest on one document are right and wrong together. Knows nothing of datasets or files.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, stdtrit

from eval.record import Record

DRAWS = 1000
SWAPS = 2000
LEVEL = 0.95
ROUNDING = 1e-12  # two sums of the same numbers in another order are equal
Numbers = npt.NDArray[np.float64]
Counts = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]
Better = Literal["higher", "lower", "neither"]
Part = tuple[float, float]  # of one question: what it adds above and below the line


@dataclass(frozen=True, slots=True)
class Estimate:
    """low and high: the 95 % interval; units: how many were drawn from. All None where nothing was measured."""

    value: float | None
    low: float | None
    high: float | None
    units: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Of two runs on the questions that both have: ours less theirs.

    low and high: the 95 % interval. p: how often runs that are alike differ as much, from swapping the two at random.
    All None where either run did not measure it.
    """

    value: float | None
    low: float | None
    high: float | None
    p: float | None
    questions: int


@dataclass(frozen=True, slots=True)
class Ratio:
    """A sum over the questions, divided by another: a mean, where each adds 1 below the line.

    part: None for a question that the figure does not speak of.
    """

    name: str  # "citation.precision": the table of the summary that it stands in, and its name there
    part: Callable[[Record], Part | None]
    better: Better = "higher"

    def value(self, records: Sequence[Record]) -> float | None:
        above, below = self._parts(records).sum(axis=0)
        return float(above / below) if below else None

    def drawn(self, records: Sequence[Record], units: Counts, draws: Counts) -> Numbers:
        """Return the figure of each draw; nan where nothing that it speaks of was drawn.

        units: (n,) the unit of each question. draws: (draws, units) how often each unit was drawn.
        """
        return _ratio(draws @ self._sums(records, units, draws.shape[1]))

    def swapped(self, ours: Sequence[Record], theirs: Sequence[Record], units: Counts, swaps: Flags) -> Numbers:
        """Return the difference after each swap; swaps: (swaps, units), the units that change sides."""
        own, other = (self._sums(records, units, swaps.shape[1]) for records in (ours, theirs))
        moved = swaps @ (other - own)
        return _ratio(own.sum(axis=0) + moved) - _ratio(other.sum(axis=0) - moved)

    def _sums(self, records: Sequence[Record], units: Counts, count: int) -> Numbers:
        """Return what each unit adds above and below the line: (units, 2)."""
        parts = self._parts(records)
        return np.stack([np.bincount(units, weights=column, minlength=count) for column in parts.T], axis=1)

    def _parts(self, records: Sequence[Record]) -> Numbers:
        return np.array([self.part(record) or (0.0, 0.0) for record in records], dtype=np.float64).reshape(-1, 2)


@dataclass(frozen=True, slots=True)
class Whole:
    """A figure of all questions together, such as the AUROC.

    row: what of a question goes into it, None for one that it does not speak of. of: the figure of many rows, and of
    how often each counts.
    """

    name: str
    row: Callable[[Record], Sequence[float] | None]
    of: Callable[[Numbers, Numbers], float | None]
    better: Better = "higher"

    def value(self, records: Sequence[Record]) -> float | None:
        return self._of(self._table(records), np.ones(len(records)))

    def drawn(self, records: Sequence[Record], units: Counts, draws: Counts) -> Numbers:
        table = self._table(records)
        return np.array([self._of(table, draw[units]) for draw in draws.astype(np.float64)], dtype=np.float64)

    def swapped(self, ours: Sequence[Record], theirs: Sequence[Record], units: Counts, swaps: Flags) -> Numbers:
        own, other, once = self._table(ours), self._table(theirs), np.ones(len(ours))
        found = []
        for swap in swaps:
            moved = swap[units][:, None]
            left, right = self._of(np.where(moved, other, own), once), self._of(np.where(moved, own, other), once)
            found.append(np.nan if left is None or right is None else left - right)
        return np.array(found, dtype=np.float64)

    def _table(self, records: Sequence[Record]) -> Numbers:
        """Return the rows, (n, k); nan for a question that has none."""
        rows = [self.row(record) for record in records]
        width = next((len(row) for row in rows if row is not None), 1)
        return np.array([row or [np.nan] * width for row in rows], dtype=np.float64).reshape(-1, width)

    def _of(self, table: Numbers, times: Numbers) -> float | None:
        counted = (times > 0) & ~np.isnan(table[:, 0])
        return self.of(table[counted], times[counted]) if counted.any() else None


Figure = Ratio | Whole


def mean_of(name: str, score: str = "", *, better: Better = "higher") -> Ratio:
    """The mean of a score over the questions that have it."""
    key = score or name
    return Ratio(name, lambda record: (record.scores[key], 1.0) if key in record.scores else None, better)


def estimate(figure: Figure, records: Sequence[Record], *, seed: int = 0) -> Estimate:
    """Return the figure and its interval: percentiles of the figure over DRAWS draws of units. The seed decides all.

    Of one unit alone nothing is known of chance: low and high are the figure.
    """
    value = figure.value(records)
    if value is None:
        return Estimate(None, None, None, 0)
    units, draws = draws_of(records, seed=seed)
    return Estimate(value, *interval(figure.drawn(records, units, draws), draws.shape[1]), draws.shape[1])


def compare(figure: Figure, ours: Sequence[Record], theirs: Sequence[Record], *, seed: int = 0) -> Difference:
    """Return by how much ours is more, on the questions that both have; both are drawn, and swapped, by the same units.

    p comes from a randomisation test of both sides, whose least is 1 / (SWAPS + 1). Source: Noreen, 1989.
    """
    left, right = paired(ours, theirs)
    one, other = (figure.value(records) if records else None for records in (left, right))
    if one is None or other is None:
        return Difference(None, None, None, None, len(left))
    value = one - other
    units, draws = draws_of(left, seed=seed)
    low, high = interval(figure.drawn(left, units, draws) - figure.drawn(right, units, draws), draws.shape[1])
    swaps = np.random.default_rng([seed, draws.shape[1]]).random((SWAPS, draws.shape[1])) < 0.5
    found = np.abs(figure.swapped(left, right, units, swaps))
    as_far = int((found[~np.isnan(found)] >= abs(value) - ROUNDING).sum())
    return Difference(value, low, high, (as_far + 1) / (SWAPS + 1), len(left))


def paired(ours: Sequence[Record], theirs: Sequence[Record]) -> tuple[list[Record], list[Record]]:
    """Return the records of the questions that both have, in the order of ours."""
    others = {record.id: record for record in theirs}
    shared = [(record, others[record.id]) for record in ours if record.id in others]
    return [one for one, _ in shared], [other for _, other in shared]


def draws_of(records: Sequence[Record], *, seed: int) -> tuple[Counts, Counts]:
    """Return the unit of each question, and how often each unit is drawn: (n,) and (DRAWS, units)."""
    names = [record.unit or record.id for record in records]
    places = {name: place for place, name in enumerate(dict.fromkeys(names))}
    units = np.array([places[name] for name in names], dtype=np.intp)
    return units, _draws(len(places), zlib.crc32("\n".join(places).encode(errors="surrogatepass")), seed)


@lru_cache(maxsize=2)  # all figures of a run are drawn alike, and drawing takes longer than figuring
def _draws(count: int, names: int, seed: int) -> Counts:
    draws: Counts = np.random.default_rng([seed, names]).multinomial(count, np.full(count, 1 / count), size=DRAWS)
    draws.flags.writeable = False
    return draws


def interval(drawn: Numbers, units: int) -> tuple[float | None, float | None]:
    """Return the interval that draws from so many units give; nan is a draw of which there is no figure."""
    drawn = drawn[~np.isnan(drawn)]
    if not drawn.size:
        return None, None
    tail = _tail(units)
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return float(low), float(high)


def _tail(units: int) -> float:
    """Return the share of draws beyond either end of an interval: 2.5 % for many units, and less for few.

    Draws from few units lie too near each other, and their plain percentiles hold the truth more seldom than they say.
    Source: the expanded percentile interval of Hesterberg, The American Statistician 2015.
    """
    if units < 2:
        return 0.0
    return float(ndtr(-math.sqrt(units / (units - 1)) * stdtrit(units - 1, (1 + LEVEL) / 2)))


def _ratio(sums: Numbers) -> Numbers:
    """Divide the first of two columns by the other; nan where that is nothing."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Numbers = sums[..., 0] / sums[..., 1]
    return found
