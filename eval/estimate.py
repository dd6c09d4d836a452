"""A figure of many questions, and how sure it is. Knows no figure by name, and nothing of datasets or files.

A figure is None where it was not measured. Its interval comes from drawing the questions again: units of them, since
those that rest on one document are right and wrong together.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from eval.record import Record

DRAWS = 1000
LEVEL = 0.95
Numbers = npt.NDArray[np.float64]
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
class Ratio:
    """A sum over the questions, divided by another: a mean, where each adds 1 below the line.

    part: None for a question that the figure does not speak of.
    """

    name: str  # "citation.precision": the table of the summary that it stands in, and its name there
    part: Callable[[Record], Part | None]
    better: Better = "higher"

    def value(self, records: Sequence[Record]) -> float | None:
        above, below = self._sums(records)
        return float(above.sum() / below.sum()) if below.sum() else None

    def drawn(self, records: Sequence[Record], units: npt.NDArray[np.intp], draws: npt.NDArray[np.intp]) -> Numbers:
        """Return the figure of each draw; nan where nothing that it speaks of was drawn.

        units: (n,) the unit of each question. draws: (draws, units) how often each unit was drawn.
        """
        count = draws.shape[1]
        above, below = (np.bincount(units, weights=sums, minlength=count) for sums in self._sums(records))
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Numbers = (draws @ above) / (draws @ below)
        return found

    def _sums(self, records: Sequence[Record]) -> tuple[Numbers, Numbers]:
        parts = [self.part(record) or (0.0, 0.0) for record in records]
        table = np.array(parts, dtype=np.float64).reshape(-1, 2)
        return table[:, 0], table[:, 1]


@dataclass(frozen=True, slots=True)
class Whole:
    """A figure of all questions together, such as the AUROC."""

    name: str
    of: Callable[[Sequence[Record]], float | None]
    better: Better = "higher"

    def value(self, records: Sequence[Record]) -> float | None:
        return self.of(records)

    def drawn(self, records: Sequence[Record], units: npt.NDArray[np.intp], draws: npt.NDArray[np.intp]) -> Numbers:
        members = [np.flatnonzero(units == unit).tolist() for unit in range(draws.shape[1])]
        found = []
        for draw in draws:
            chosen = [
                records[place] for unit, times in enumerate(draw) for _ in range(times) for place in members[unit]
            ]
            value = self.of(chosen)
            found.append(np.nan if value is None else value)
        return np.array(found)


Figure = Ratio | Whole


def mean_of(name: str, score: str = "", *, better: Better = "higher") -> Ratio:
    """The mean of a score over the questions that have it."""
    key = score or name
    return Ratio(name, lambda record: (record.scores[key], 1.0) if key in record.scores else None, better)


def estimate(figure: Figure, records: Sequence[Record], *, seed: int = 0) -> Estimate:
    """Return the figure and its interval: percentiles of the figure over DRAWS draws of units. The seed decides all."""
    value = figure.value(records)
    if value is None:
        return Estimate(None, None, None, 0)
    units, draws = draws_of(records, seed=seed)
    drawn = figure.drawn(records, units, draws)
    drawn = drawn[~np.isnan(drawn)]
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(value, float(low), float(high), draws.shape[1])


def draws_of(records: Sequence[Record], *, seed: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the unit of each question, and how often each unit is drawn: (n,) and (DRAWS, units)."""
    names = [record.unit or record.id for record in records]
    places = {name: place for place, name in enumerate(dict.fromkeys(names))}
    units = np.array([places[name] for name in names], dtype=np.intp)
    chance = np.random.default_rng([seed, zlib.crc32("\n".join(places).encode())])
    draws = chance.multinomial(len(places), np.full(len(places), 1 / len(places)), size=DRAWS)
    return units, draws
