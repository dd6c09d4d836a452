"""The widest gap of a figure between the slices of a run, and how sure it is. Knows nothing of files or of models.

The widest of many gaps is wide by chance alone, so two things are told of it: its interval, from drawing the units of
each question again, and how often a gap as wide turns up when the slices are dealt out at random among the units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eval.estimate import Estimate, Ratio, draws_of, estimate, interval
from eval.record import Record

LEAST_QUESTIONS = 20  # of a slice: of fewer a share says little, so they are shown but not compared
SHUFFLES = 1000

Counts = npt.NDArray[np.intp]
Names = npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Gap:
    """The best slice against the worst of those that have enough questions.

    low and high: the 95 % interval of best - worst; None where the two were never drawn together.
    chance: how often slices dealt at random are as far apart.
    """

    best: str
    worst: str
    value: float
    low: float | None
    high: float | None
    chance: float


@dataclass(frozen=True, slots=True)
class Sliced:
    """One figure by one kind of slice. gap is None where fewer than two slices can be compared."""

    figure: str
    by: str
    slices: Mapping[str, Estimate]
    questions: Mapping[str, int]
    gap: Gap | None


def kinds_of(records: Sequence[Record]) -> list[str]:
    """Return the kinds of slices in which at least two can be compared."""
    kinds = dict.fromkeys(kind for record in records for kind in record.slices)
    return [kind for kind in kinds if len(_comparable(_by_slice(records, kind))) > 1]


def by_slice(figure: Ratio, records: Sequence[Record], by: str, *, seed: int = 0) -> Sliced:
    """Return the figure of each slice, and the gap between the best and the worst of them."""
    parts = _by_slice(records, by)
    estimates = {name: estimate(figure, part, seed=seed) for name, part in parts.items()}
    measured = {name: one for name, one in estimates.items() if one.value is not None}
    questions = {name: len(parts[name]) for name in measured}
    compared = {name: parts[name] for name in _comparable(parts) if name in measured}
    gap = _widest(figure, compared, seed=seed) if len(compared) > 1 else None
    return Sliced(figure.name, by, measured, questions, gap)


def _by_slice(records: Sequence[Record], by: str) -> dict[str, list[Record]]:
    parts: dict[str, list[Record]] = {}
    for record in records:
        if by in record.slices:
            parts.setdefault(record.slices[by], []).append(record)
    return dict(sorted(parts.items()))


def _comparable(parts: Mapping[str, Sequence[Record]]) -> list[str]:
    return [name for name, part in parts.items() if len(part) >= LEAST_QUESTIONS]


def _widest(figure: Ratio, parts: Mapping[str, Sequence[Record]], *, seed: int) -> Gap:
    values = {name: figure.value(part) or 0.0 for name, part in parts.items()}
    best, worst = max(values, key=lambda name: values[name]), min(values, key=lambda name: values[name])
    gap = values[best] - values[worst]
    records = [record for part in parts.values() for record in part]
    slices = np.repeat(list(parts), [len(part) for part in parts.values()])
    units, draws = draws_of(records, seed=seed)  # questions on one document may stand in both slices
    of_best, of_worst = (figure.drawn(parts[name], units[slices == name], draws) for name in (best, worst))
    low, high = interval(of_best - of_worst, draws.shape[1])
    return Gap(best, worst, gap, low, high, _chance(figure, records, slices, units, gap, seed=seed))


def _chance(figure: Ratio, records: Sequence[Record], slices: Names, units: Counts, gap: float, *, seed: int) -> float:
    """Deal the slices anew, and count how often their figures are as far apart.

    The questions of a unit are dealt together where they are all of one slice, else one by one.
    """
    parted = {unit for unit in set(units.tolist()) if len(set(slices[units == unit].tolist())) > 1}
    keys = [(unit, number if unit in parted else -1) for number, unit in enumerate(units.tolist())]
    places = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    block = np.array([places[key] for key in keys], dtype=np.intp)
    dealt_of = np.empty(len(places), dtype=slices.dtype)
    dealt_of[block] = slices
    chance = np.random.default_rng(seed)
    names = sorted(set(slices.tolist()))
    shuffled = np.stack([chance.permutation(dealt_of) for _ in range(SHUFFLES)])
    figures = np.stack([figure.drawn(records, block, (shuffled == name).astype(np.intp)) for name in names])
    widest = np.nanmax(figures, axis=0) - np.nanmin(figures, axis=0)
    return float((1 + (widest >= gap - 1e-12).sum()) / (1 + SHUFFLES))
