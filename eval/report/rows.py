"""What stands in the report's tables of figures, from a summary and records. Knows no page.

Figures are taken as they come: what a run measures anew is shown without a word here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eval.estimate import Figure, Ratio
from eval.figures import FIGURES, LEGS, figures_of
from eval.outcome import Outcome, outcome_of
from eval.record import Record
from eval.report.labels import LEGS as LEG_NAMES
from eval.report.labels import UNBOUNDED, group_of, label_of, meaning_of
from eval.report.whisker import Shown

RIGHT = Ratio(
    "outcome.right", lambda record: (float(outcome_of(record) is Outcome.RIGHT), 1.0)
)  # of all questions, asked any way
HEADLINE = ("answer.contains", "citation.precision", "citation.recall", "refusal.refused_unanswerable")
HEADLINE_RANKED = ("retrieval.recall@1", "retrieval.recall@5", "retrieval.ndcg@10")
SLICED = ("retrieval.recall@1", "answer.contains", "citation.recall", "refusal.refused_unanswerable")
VALUES = 12  # of a slice that are shown, those of most questions


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    meaning: str
    figures: tuple[Shown, ...]
    questions: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    rows: tuple[Row, ...]
    low: float = 0.0
    high: float = 1.0
    bounded: bool = True  # shares of one, which stand on one axis
    left_out: int = 0


def shown_of(summary: Mapping[str, Any], name: str, *, style: str = "hybrid", said: str = "") -> Shown:
    """Return a figure of a summary by its dotted name."""
    value: Any = summary
    group, _, rest = name.partition(".")
    for step in (group, *rest.split(".", 1)) if group == "legs" else (group, rest):
        value = value.get(step) if isinstance(value, Mapping) else None
    low, high = _pair(_intervals(summary).get(name))
    return Shown(_number(value), low, high, style, said or label_of(name))


def names_of(summary: Mapping[str, Any]) -> list[str]:
    """Return the figures that a summary has measured, in its order."""
    return [name for name in _intervals(summary) if shown_of(summary, name).value is not None]


def headline(summary: Mapping[str, Any], records: Sequence[Record]) -> list[Row]:
    right = figures_of(records, [RIGHT])
    rows = [_row("outcome.right", _estimated(right["outcome.right"], "outcome.right"))] if right else []
    measured = set(names_of(summary))
    answered = [name for name in ("retrieval.recall@1", *HEADLINE) if name in measured]
    chosen = answered if any(name in measured for name in HEADLINE) else HEADLINE_RANKED
    return rows + [_row(name, shown_of(summary, name)) for name in chosen if name in measured]


def groups(summary: Mapping[str, Any]) -> list[Table]:
    """Return all figures but those of single legs, a table for each group."""
    found: dict[str, list[Row]] = {}
    for name in names_of(summary):
        if not name.startswith("legs."):
            found.setdefault(name.partition(".")[0], []).append(_row(name, shown_of(summary, name)))
    return [Table(group_of(f"{group}."), tuple(rows), bounded=group not in UNBOUNDED) for group, rows in found.items()]


def legs(summary: Mapping[str, Any]) -> Table | None:
    """Return each figure of rankings with the legs under one another; None where the legs were not measured."""
    if not isinstance(summary.get("legs"), Mapping):
        return None
    rows = []
    for name in names_of(summary):
        group, _, figure = name.partition(".")
        if group != "retrieval":
            continue
        paths = {leg: name if leg == "hybrid" else f"legs.{leg}.{figure}" for leg in LEGS}
        each = tuple(shown_of(summary, path, style=leg, said=LEG_NAMES[leg]) for leg, path in paths.items())
        rows.append(Row(label_of(name), meaning_of(name), each))
    least = min((end for end in _ends(rows)), default=0.0)
    return Table("Legs", tuple(rows), low=max(0.0, int(least * 10 - 1e-9) / 10)) if rows else None


def slices(records: Sequence[Record]) -> list[Table]:
    """Return a table for whatever the questions can be told apart by, the kind first."""
    figures = _sliced_figures(records)
    keys: dict[str, dict[str, list[Record]]] = {}
    for record in records:
        for key, value in {"kind": record.kind, **record.slices}.items():
            keys.setdefault(key, {}).setdefault(value, []).append(record)
    return [_sliced(key, values, figures) for key, values in keys.items() if len(values) > 1]


def slice_heads(records: Sequence[Record]) -> list[tuple[str, str]]:
    """Return the label and meaning of each column of the slices' tables."""
    return [(label_of(figure.name), meaning_of(figure.name)) for figure in _sliced_figures(records)]


def _sliced_figures(records: Sequence[Record]) -> list[Figure]:
    wanted = [RIGHT, *(figure for name in SLICED for figure in FIGURES if figure.name == name)]
    return [figure for figure in wanted if records and figure.value(records) is not None]


def _sliced(key: str, values: Mapping[str, Sequence[Record]], figures: Sequence[Figure]) -> Table:
    most = sorted(values.items(), key=lambda item: -len(item[1]))
    rows = []
    for value, some in most[:VALUES]:
        found = figures_of(some, figures)
        each = (
            _estimated(found[figure.name], figure.name) if figure.name in found else Shown(None) for figure in figures
        )
        rows.append(Row(value or "(none)", "", tuple(each), len(some)))
    return Table(key[:1].upper() + key[1:], tuple(rows), left_out=max(len(most) - VALUES, 0))


def _row(name: str, shown: Shown) -> Row:
    return Row(label_of(name), meaning_of(name), (shown,))


def _estimated(one: Any, name: str) -> Shown:
    return Shown(one.value, one.low, one.high, "hybrid", label_of(name))


def _ends(rows: Iterable[Row]) -> Iterator[float]:
    for row in rows:
        for one in row.figures:
            yield from (end for end in (one.value, one.low) if end is not None)


def _intervals(summary: Mapping[str, Any]) -> Mapping[str, Any]:
    found = summary.get("intervals")
    return found if isinstance(found, Mapping) else {}


def _pair(value: Any) -> tuple[float | None, float | None]:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        return None, None
    return _number(value[0]), _number(value[1])


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
