"""The tables of `eval run --json` that follow from what was measured of each question; figures to four places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eval.figures import FIGURES, figures_of, measured_in
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


def summarise(records: Sequence[Record]) -> dict[str, Any]:
    """Return {group: {name: figure}}, with "intervals" beside them: {"group.name": [low, high]}."""
    estimates = figures_of(records)
    summary: dict[str, Any] = {
        "questions": len(records),
        "synthetic": sum(record.synthetic for record in records),
        "failed": sum(record.error is not None for record in records),
    }
    for figure in measured_in(records):
        *groups, name = figure.name.split(".")
        table = summary
        for group in groups:
            table = table.setdefault(group, {})
        table[name] = _rounded(estimates[figure.name].value) if figure.name in estimates else None
    if "citation" in summary:
        summary["citation"]["count"] = int(sum(record.scores.get("citation.count", 0.0) for record in records))
        kinds = sorted({record.kind for record in records})
        if len(kinds) > 1:
            summary["by_kind"] = {kind: _in_brief([one for one in records if one.kind == kind]) for kind in kinds}
    summary["intervals"] = {name: [_rounded(one.low), _rounded(one.high)] for name, one in estimates.items()}
    return summary


def _in_brief(records: Sequence[Record]) -> dict[str, Any]:
    values = {figure.name: figure.value(records) for figure in FIGURES if figure.name in BRIEF.values()}
    found = {short: _rounded(values[name]) for short, name in BRIEF.items()}
    return {"questions": len(records)} | {name: value for name, value in found.items() if value is not None}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
