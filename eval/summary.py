"""The tables of `eval run --json` that follow from what was measured of each question; figures to four places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eval.estimate import Figure
from eval.figures import FIGURES, JUDGES, figures_of, measured_in
from eval.record import Record

# of each kind of question: a short name and the figure's own
BRIEF = {
    "recall@5": "retrieval.recall@5",
    "retrieved": "passages.any",
    "contains": "answer.contains",
    "cited": "citation.recall",
    "answered": "refusal.answered",
    "refused": "refusal.refused_unanswerable",
}

# of each group of figures what is counted beside them: a name there, and the scores that it adds up
COUNTED: Mapping[str, Mapping[str, Sequence[str]]] = {
    "citation": {"count": ("citation.count",)},
    "faithfulness": {"failures": tuple(f"faithfulness.{judge}_failed" for judge in JUDGES)},
    "reference": {"skipped": ("reference.skipped",)},
}


def summarise(records: Sequence[Record], more: Sequence[Figure] = ()) -> dict[str, Any]:
    """Return {group: {name: figure}}, with "intervals" beside them: {"group.name": [low, high]}.

    more: figures beside those that every run of these has, such as what answers cost.
    """
    figures = (*measured_in(records), *more)
    estimates = figures_of(records, figures)
    summary: dict[str, Any] = {
        "questions": len(records),
        "synthetic": sum(record.synthetic for record in records),
        "failed": sum(record.error is not None for record in records),
    }
    for figure in figures:
        *groups, name = figure.name.split(".")
        table = summary
        for group in groups:
            table = table.setdefault(group, {})
        table[name] = _rounded(estimates[figure.name].value) if figure.name in estimates else None
    if "citation" in summary:
        kinds = sorted({record.kind for record in records})
        if len(kinds) > 1:
            summary["by_kind"] = {kind: _in_brief([one for one in records if one.kind == kind]) for kind in kinds}
    for group, counted in COUNTED.items():
        if group in summary:
            summary[group] |= {name: _sum_of(records, keys) for name, keys in counted.items()}
    summary["intervals"] = {name: [_rounded(one.low), _rounded(one.high)] for name, one in estimates.items()}
    return summary


def _sum_of(records: Sequence[Record], keys: Sequence[str]) -> int:
    return int(sum(record.scores.get(key, 0.0) for record in records for key in keys))


def _in_brief(records: Sequence[Record]) -> dict[str, Any]:
    values = {figure.name: figure.value(records) for figure in FIGURES if figure.name in BRIEF.values()}
    found = {short: _rounded(values[name]) for short, name in BRIEF.items()}
    return {"questions": len(records)} | {name: value for name, value in found.items() if value is not None}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
