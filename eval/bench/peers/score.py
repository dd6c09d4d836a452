"""From ranked names of files to figures, by the scorer of every other run. Knows nothing of who ranked them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eval.bench.peers.measure import file_name
from eval.estimate import Estimate, estimate, mean_of
from eval.judge import rank_scores
from eval.questions import Dataset
from eval.record import Record

FIGURES = ("recall@1", "ndcg@10")
Scores = list[Mapping[str, float]]  # of each question


def scores_of(dataset: Dataset, rankings: Sequence[Sequence[str]]) -> Scores:
    """rankings: of each question, names of files, best first."""
    files = {paragraph.id: file_name(number) for number, paragraph in enumerate(dataset.paragraphs)}
    return [
        rank_scores(ranking, {files[name]: grade for name, grade in question.grades.items()})
        for question, ranking in zip(dataset.questions, rankings, strict=True)
    ]


def figures_of(dataset: Dataset, scores: Scores) -> dict[str, Any]:
    return {name: _row(_estimated(dataset, name, [one.get(name) for one in scores])) for name in FIGURES}


def differences_of(dataset: Dataset, scores: Scores, ours: Scores) -> dict[str, Any]:
    """Return what Footnote has more of each figure, in the mean over the same questions. Drawn in pairs."""
    found = {}
    for name in FIGURES:
        pairs = [(mine.get(name), its.get(name)) for mine, its in zip(ours, scores, strict=True)]
        more = [None if mine is None or its is None else mine - its for mine, its in pairs]
        found[name] = _row(_estimated(dataset, name, more))
    return found


def _estimated(dataset: Dataset, name: str, values: Sequence[float | None]) -> Estimate:
    records = [
        Record(
            id=question.id,
            question=question.text,
            language=question.language,
            kind=question.kind,
            answerable=question.answerable,
            told=bool(question.answers),
            scores={} if value is None else {name: value},
            unit=min(question.gold, default=question.id),
        )
        for question, value in zip(dataset.questions, values, strict=True)
    ]
    return estimate(mean_of(name), records)


def _row(found: Estimate) -> dict[str, Any]:
    rounded = {name: None if value is None else round(value, 4) for name, value in _parts(found).items()}
    return {**rounded, "units": found.units}


def _parts(found: Estimate) -> dict[str, float | None]:
    return {"value": found.value, "low": found.low, "high": found.high}
