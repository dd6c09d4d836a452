"""The figures that are reported of a run. Knows nothing of datasets, libraries or files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eval.estimate import Estimate, Figure, Part, Ratio, Whole, estimate
from eval.metrics.refusal import auroc
from eval.record import Record

LEGS = ("hybrid", "dense", "lexical")
RANKED = ("recall@1", "recall@5", "mrr@10", "ndcg@10")


def _of_placed(name: str) -> Ratio:
    """The mean over the questions of which it is known where the answer stands; one that failed counts 0."""
    return Ratio(name, lambda record: (record.scores.get(name, 0.0), 1.0) if _asked(record) and record.gold else None)


def _of_told(name: str) -> Ratio:
    return Ratio(name, lambda record: (record.scores.get(name, 0.0), 1.0) if _asked(record) and record.told else None)


def _of_citations(name: str, score: str) -> Ratio:
    return Ratio(
        name,
        lambda record: (record.scores[score], record.scores["citation.count"]) if score in record.scores else None,
    )


def _asked(record: Record) -> bool:
    return record.answerable and (record.answered or record.error is not None)


def _answered(record: Record) -> Part | None:
    return (1.0 - record.scores.get("refusal.refused", 1.0), 1.0) if _asked(record) else None


def _refused(record: Record) -> Part | None:
    if record.answerable or not (record.answered or record.error is not None):
        return None
    return record.scores.get("refusal.refused", 0.0), 1.0


def _auroc(records: Sequence[Record]) -> float | None:
    asked = [record for record in records if record.answered or record.error is not None]
    chances = {True: [], False: []}  # type: dict[bool, list[float]]
    for record in asked:
        chances[record.answerable].append(record.scores.get("refusal.confidence", 0.0))
    return auroc(chances[True], chances[False])


def _leg(leg: str, name: str) -> Ratio:
    """A question that failed before it was ranked counts 0."""
    key = f"{leg}.{name}"
    group = f"retrieval.{name}" if leg == "hybrid" else f"legs.{leg}.{name}"
    return Ratio(group, lambda record: (record.scores.get(key, 0.0), 1.0) if record.gold else None)


FIGURES: tuple[Figure, ...] = (
    *(_leg(leg, name) for leg in LEGS for name in RANKED),
    _of_told("answer.contains"),
    _of_told("answer.f1"),
    _of_told("answer.exact"),
    _of_citations("citation.precision", "citation.right"),
    _of_placed("citation.recall"),
    _of_citations("citation.valid", "citation.valid"),
    _of_citations("citation.verified", "citation.verified"),
    Ratio("refusal.answered", _answered),
    Ratio("refusal.refused_unanswerable", _refused),
    Whole("refusal.auroc", _auroc),
    _of_placed("passages.any"),
    _of_placed("passages.all"),
)


def measured_in(records: Sequence[Record]) -> tuple[Figure, ...]:
    """Return the figures that a run of these can have: without answers, those of rankings alone."""
    if any(record.answered for record in records):
        return FIGURES
    return tuple(figure for figure in FIGURES if figure.name.startswith(("retrieval.", "legs.")))


def figures_of(
    records: Sequence[Record], figures: Iterable[Figure] | None = None, *, seed: int = 0
) -> dict[str, Estimate]:
    """Return every figure that was measured, by its name. figures: None: all that a run of these can have."""
    wanted = measured_in(records) if figures is None else figures
    found = {figure.name: estimate(figure, records, seed=seed) for figure in wanted}
    return {name: one for name, one in found.items() if one.value is not None}
