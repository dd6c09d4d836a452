"""Tell a drop from chance: what was measured now beside the baseline, question by question.

A figure has dropped where the 95 % interval of its paired difference lies wholly on the worse side of zero, and the
difference is more than LEAST. About four questions must flip one way, and none the other, for that: fewer may be the
luck of one change, and are told without failing. A figure that can no longer be measured has dropped too. Knows
nothing of files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from eval.estimate import Difference, Figure, Ratio, compare
from eval.gate.baseline import GUARDED_FIGURES, Before, bare
from eval.gate.measure import Measured
from eval.gate.promises import Breach
from eval.record import Record

LEAST = 0.01  # of a figure: less is no matter, however sure it is
LEAST_FLIP = 0.05  # of a question's own score: less is told in sum
ALL = "all"  # the sets together


@dataclass(frozen=True, slots=True)
class Pair:
    """The same questions, now and in the baseline, in the same order."""

    set: str
    now: tuple[Record, ...]
    then: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Of a figure, in one set or in all. difference: of now less then; None where one could not be measured."""

    set: str
    figure: str
    then: float
    now: float | None
    difference: Difference | None


@dataclass(frozen=True, slots=True)
class Flip:
    """A question that became worse in figures that dropped. changes: figure -> then, now."""

    set: str
    id: str
    changes: Mapping[str, tuple[float, float]]

    @property
    def loss(self) -> float:
        return max(then - now for then, now in self.changes.values())


@dataclass(frozen=True, slots=True)
class Verdict:
    """moved: the questions of which any score is another than it was. breaches: each with its set's name."""

    questions: int
    moved: tuple[str, ...]
    drops: tuple[Change, ...]
    rises: tuple[Change, ...]
    flips: tuple[Flip, ...]
    breaches: tuple[tuple[str, Breach], ...]

    @property
    def passed(self) -> bool:
        return not self.drops and not self.breaches


def judge(measured: Sequence[Measured], before: Mapping[str, Before]) -> Verdict:
    """before: has every set that was measured, of the same questions; see eval.gate.baseline.fitting."""
    pairs = [_pair(one, before[one.name]) for one in measured]
    every = Pair(ALL, sum((one.now for one in pairs), ()), sum((one.then for one in pairs), ()))
    drops: list[Change] = []
    rises: list[Change] = []
    for pair in [*pairs, every] if len(pairs) > 1 else pairs:
        for figure in GUARDED_FIGURES:
            dropped, risen = _changed(figure, pair)
            drops += dropped
            rises += risen
    return Verdict(
        questions=len(every.now),
        moved=tuple(now.id for now, then in zip(every.now, every.then, strict=True) if now != then),
        drops=tuple(drops),
        rises=tuple(rises),
        flips=tuple(sorted(_flips(pairs, drops), key=lambda flip: -flip.loss)),
        breaches=tuple((one.name, breach) for one in measured for breach in one.breaches),
    )


def _pair(one: Measured, before: Before) -> Pair:
    then = {record.id: record for record in before.records}
    return Pair(
        one.name, tuple(bare(record) for record in one.records), tuple(then[record.id] for record in one.records)
    )


def _changed(figure: Figure, pair: Pair) -> tuple[list[Change], list[Change]]:
    """Return the figure's drop, or its rise, where it is either."""
    now, then = figure.value(pair.now), figure.value(pair.then)
    if then is None:
        return [], []
    if now is None:
        return [Change(pair.set, figure.name, then, None, None)], []
    if abs(now - then) <= LEAST:
        return [], []
    difference = compare(figure, pair.now, pair.then)
    change = Change(pair.set, figure.name, then, now, difference)
    low, high = difference.low, difference.high
    if low is None or high is None or low <= 0 <= high:
        return [], []
    return ([], [change]) if (low > 0) == (figure.better == "higher") else ([change], [])


def _flips(pairs: Sequence[Pair], drops: Sequence[Change]) -> Iterator[Flip]:
    figures = {figure.name: figure for figure in GUARDED_FIGURES}
    for pair in pairs:
        dropped = [figures[name] for name in dict.fromkeys(one.figure for one in drops if one.set in (pair.set, ALL))]
        for now, then in zip(pair.now, pair.then, strict=True):
            found = {figure.name: (_worth(figure, then), _worth(figure, now)) for figure in dropped}
            worse = {name: (a, b) for name, (a, b) in found.items() if a - b >= LEAST_FLIP}
            if worse:
                yield Flip(pair.set, now.id, worse)


def _worth(figure: Figure, record: Record) -> float:
    """Return what a question adds to a figure, more being better; to one of the whole, how sure it was, and rightly."""
    if isinstance(figure, Ratio):
        above, below = figure.part(record) or (0.0, 0.0)
        return above / below if below else 0.0
    chance = record.scores.get("refusal.confidence", 0.0)
    return chance if record.answerable else 1.0 - chance
