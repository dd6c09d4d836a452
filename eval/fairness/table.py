"""Show figures by slice, and their gaps, as Markdown and as JSON. Knows nothing of how they were measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from eval.estimate import Ratio
from eval.fairness.gaps import LEAST_QUESTIONS, Sliced, by_slice, kinds_of
from eval.figures import FIGURES
from eval.record import Record

COMPARED = ("retrieval.recall@1", "answer.contains", "citation.recall", "refusal.answered")
MOST_SLICES = 12  # in a table; of more, the best and the worst are shown
ENDS = 3


def measure(records: Sequence[Record], kinds: Sequence[str] = (), *, seed: int = 0) -> list[Sliced]:
    """Return the compared figures by each kind of slice. kinds: none: all in which there is something to compare."""
    figures = [figure for figure in FIGURES if figure.name in COMPARED and isinstance(figure, Ratio)]
    return [by_slice(figure, records, kind, seed=seed) for kind in kinds or kinds_of(records) for figure in figures]


def gaps_table(found: Sequence[Sliced]) -> str:
    """The widest gap of each figure by each kind of slice, the widest first."""
    lines = [
        "| slices | figure | best | worst | gap | 95 % interval | by chance |",
        "|---|---|---|---|---:|---:|---:|",
    ]
    with_gap = [(one, one.gap) for one in found if one.gap is not None and one.gap.value > 0]
    for one, gap in sorted(with_gap, key=lambda pair: -pair[1].value):
        best, worst = (f"{_cell(name)} {_value(one, name)}" for name in (gap.best, gap.worst))
        ends = "–" if gap.low is None else f"{gap.low:.3f} to {gap.high:.3f}"
        lines.append(
            f"| {_cell(one.by)} | {one.figure} | {best} | {worst} | {gap.value:.3f} | {ends} | {gap.chance:.3f} |"
        )
    alike = [f"{_cell(one.by)} ({one.figure})" for one in found if one.gap is not None and one.gap.value == 0]
    return "\n".join(lines) + (f"\n\nNo gap at all: {', '.join(alike)}." if alike else "")


def slices_table(found: Sequence[Sliced], by: str) -> str:
    """Every figure of every slice of one kind; of many slices the best and the worst by the first figure."""
    of_kind = [one for one in found if one.by == by]
    names = _shown(of_kind[0])
    lines = [
        f"| {_cell(by)} | questions | " + " | ".join(one.figure for one in of_kind) + " |",
        "|---|---:|" + "---:|" * len(of_kind),
    ]
    for name in names:
        cells = " | ".join(_estimate(one, name) for one in of_kind)
        few = " (not compared)" if of_kind[0].questions.get(name, 0) < LEAST_QUESTIONS else ""
        lines.append(f"| {_cell(name)}{few} | {of_kind[0].questions.get(name, 0)} | {cells} |")
    left = len(of_kind[0].slices) - len(names)
    return "\n".join(lines) + (f"\n\n{left} more between the best and the worst are not shown." if left else "")


def rows(found: Sequence[Sliced]) -> list[dict[str, Any]]:
    return [asdict(one) for one in found]


def _shown(one: Sliced) -> list[str]:
    if len(one.slices) <= MOST_SLICES:
        return list(one.slices)
    compared = [name for name in one.slices if one.questions[name] >= LEAST_QUESTIONS] or list(one.slices)
    ordered = sorted(compared, key=lambda name: -(one.slices[name].value or 0.0))
    return [*ordered[:ENDS], *ordered[-ENDS:]]


def _value(one: Sliced, name: str) -> str:
    return f"{one.slices[name].value:.3f}"


def _estimate(one: Sliced, name: str) -> str:
    found = one.slices.get(name)
    if found is None or found.low is None:
        return "–"
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())
