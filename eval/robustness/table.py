"""What each perturbation costs: the same questions before and after, how much is lost, and how sure that is.

Reads what a run kept, and nothing else. A question that failed counts as one without merit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from eval.estimate import compare, estimate, mean_of
from eval.record import Record
from eval.robustness.perturbation import SAME, Compared, Perturbation
from eval.robustness.run import Asked

SCORE = "score"
SHOWN = {
    "answer.contains": "told",
    "citation.recall": "cited",
    "passages.any": "in the passages",
    "refusal.refused": "refused",
    "conflict.wrong": "told the false",
    "conflict.right": "told the true",
    "conflict.both": "told both",
    "conflict.shown": "disagreement shown",
    "conflict.open": "told both, or the disagreement",
    "conflict.right_alone": "the true alone",
    "conflict.wrong_alone": "the false alone",
    "several.both": "told both",
    "several.one": "told one at least",
    "safety.followed": "followed",
    "safety.quoted": "quoted",
    SAME: "same answer",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A score of the questions as they are asked now, beside its value before.

    low, high: the 95 % interval of the change where there is a value before, else of the value; p: of no change.
    """

    figure: str
    against: str
    wanted: str
    now: float
    before: float | None
    change: float | None
    low: float
    high: float
    p: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """A perturbation of a set. cells: the first is what it is judged by; none where nothing could be measured."""

    name: str
    family: str
    does: str
    wanted: str
    questions: int
    left_out: int
    failed: int
    cpu_seconds: float
    cells: tuple[Cell, ...]


def rows(perturbations: Iterable[Perturbation], asked: Sequence[Asked], *, seed: int) -> list[Row]:
    """asked: the set as it is, then the perturbations."""
    clean = {name: one.record for name, one in asked[0].by_id.items()}
    by_name = {one.name: one for one in asked[1:]}
    return [_row(one, by_name[one.name], clean, seed) for one in perturbations if one.name in by_name]


def _row(perturbation: Perturbation, asked: Asked, clean: Mapping[str, Record], seed: int) -> Row:
    records = [one.record for one in asked.by_id.values()]
    cells = [_cell(one, records, asked, clean, seed) for one in perturbation.compared]
    return Row(
        name=perturbation.name,
        family=perturbation.family,
        does=perturbation.does,
        wanted=perturbation.wanted,
        questions=len(records),
        left_out=len(asked.left_out),
        failed=sum(record.error is not None for record in records),
        cpu_seconds=asked.cpu_seconds,
        cells=tuple(cell for cell in cells if cell is not None),
    )


def _cell(
    compared: Compared, records: Sequence[Record], asked: Asked, clean: Mapping[str, Record], seed: int
) -> Cell | None:
    worst = 1.0 if compared.wanted == "lower" else 0.0
    if not any(compared.now in record.scores for record in records):
        return None
    now = [_scored(record, record.scores.get(compared.now, worst)) for record in records]
    value = estimate(mean_of(SCORE), now, seed=seed)
    if value.value is None or value.low is None or value.high is None:
        return None
    if not compared.was:
        return Cell(compared.now, "", compared.wanted, value.value, None, None, value.low, value.high, None)
    before = [
        _scored(record, min(clean[origin].scores.get(compared.was, worst) for origin in asked.origins_of(record.id)))
        for record in records
    ]
    found = compare(mean_of(SCORE), now, before, seed=seed)
    if found.value is None or found.low is None or found.high is None:
        return None
    mean = sum(record.scores[SCORE] for record in before) / len(before)
    return Cell(
        compared.now, compared.was, compared.wanted, value.value, mean, found.value, found.low, found.high, found.p
    )


def _scored(record: Record, value: float) -> Record:
    return replace(record, scores={SCORE: value})


def summary(spec: str, seed: int, asked: Sequence[Asked], made: Sequence[Row]) -> dict[str, Any]:
    """Return what robustness.json holds; figures to four places."""
    clean = asked[0]
    return {
        "dataset": spec,
        "seed": seed,
        "questions": len(clean.kept),
        "cpu_seconds": round(sum(one.cpu_seconds for one in asked), 1),
        "perturbations": [_rounded(asdict(row)) for row in made],
    }


def _rounded(value: Any) -> Any:
    match value:
        case float():
            return round(value, 4)
        case dict():
            return {name: _rounded(one) for name, one in value.items()}
        case list() | tuple():
            return [_rounded(one) for one in value]
    return value


def markdown(found: Mapping[str, Any]) -> str:
    """Return a summary as a table: before, now, and the change in points with its interval."""
    lines = [
        "| perturbation | questions | what is measured | before | now | change, points | p | beside it |",
        "|---|---:|---|---:|---:|---|---:|---|",
    ]
    for row in found["perturbations"]:
        if not row["cells"]:
            lines.append(f"| {row['name']} | {_count(row)} | – | – | – | – | – | {_why(row)} |")
            continue
        first, *others = row["cells"]
        before = f"{first['before']:.3f}" if first["before"] is not None else "–"
        change = f"{_points(first['change'])} {_interval(first, 100)}" if first["change"] is not None else "–"
        now = f"{first['now']:.3f}" + ("" if first["change"] is not None else f" {_interval(first, 1)}")
        p = f"{first['p']:.3f}" if first["p"] is not None else "–"
        beside = "; ".join(map(_brief, others))
        lines.append(
            f"| {row['name']} | {_count(row)} | {_shown(first)} | {before} | {now} | {change} | {p} | {beside} |"
        )
    return "\n".join(lines)


def _count(row: Mapping[str, Any]) -> str:
    failed = f", {row['failed']} failed" if row["failed"] else ""
    return f"{row['questions']}" + (f" ({row['left_out']} left out{failed})" if row["left_out"] or failed else "")


def _why(row: Mapping[str, Any]) -> str:
    return (
        "it does nothing to this set, or cannot be done to it"
        if not row["questions"]
        else "nothing of it is measured in this set"
    )


def _shown(cell: Mapping[str, Any]) -> str:
    name = str(cell["figure"])
    return SHOWN.get(name, name)


def _brief(cell: Mapping[str, Any]) -> str:
    if cell["change"] is None:
        return f"{_shown(cell)} {cell['now']:.3f}"
    return f"{_shown(cell)} {_points(cell['change'])}"


def _points(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "−")


def _interval(cell: Mapping[str, Any], times: int) -> str:
    places = 1 if times == 100 else 3
    low, high = (f"{times * cell[name]:.{places}f}".replace("-", "−") for name in ("low", "high"))
    return f"[{low}, {high}]"
