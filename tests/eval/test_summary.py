"""Many questions, summed up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eval.figures import figures_of
from eval.judge import rank_scores
from eval.record import Record
from eval.summary import summarise

GOLD = {"d1": 1.0}
SCORES = {
    "answer.contains": 1.0,
    "answer.f1": 0.4,
    "answer.exact": 0.0,
    "citation.count": 2.0,
    "citation.right": 1.0,
    "citation.valid": 2.0,
    "citation.verified": 1.0,
    "citation.recall": 1.0,
    "passages.any": 1.0,
    "passages.all": 1.0,
    "refusal.refused": 0.0,
    "refusal.confidence": 0.9,
}


def record(name: str, *ranking: str, kind: str = "factoid") -> Record:
    """Ranked so by the hybrid, the other way round by its dense leg, and not at all by BM25."""
    rankings = {"hybrid": ranking, "dense": ranking[::-1], "lexical": ()}
    scores = {
        f"{leg}.{key}": value for leg, found in rankings.items() for key, value in rank_scores(found, GOLD).items()
    }
    return Record(name, "How many?", "en", kind, True, True, scores, gold=GOLD, rankings=rankings)


def answered(found: Record) -> Record:
    return replace(found, scores={**found.scores, **SCORES}, answered=True)


UNANSWERABLE = Record("q2", "Who?", "en", "unanswerable", False, False, {})
REFUSED = replace(
    UNANSWERABLE,
    scores={
        **dict.fromkeys(("citation.count", "citation.right", "citation.valid", "citation.verified"), 0.0),
        "refusal.refused": 1.0,
        "refusal.confidence": 0.1,
    },
    answered=True,
)


def test_a_summary_of_a_worked_example() -> None:
    summary = summarise([answered(record("q1", "d1", "d2")), REFUSED])
    assert (summary["questions"], summary["failed"], summary["synthetic"]) == (2, 0, 0)
    assert summary["retrieval"] == {"recall@1": 1.0, "recall@5": 1.0, "mrr@10": 1.0, "ndcg@10": 1.0}
    assert summary["legs"]["dense"] == {"recall@1": 0.0, "recall@5": 1.0, "mrr@10": 0.5, "ndcg@10": 0.6309}
    assert summary["legs"]["lexical"]["recall@5"] == 0.0
    assert summary["answer"] == {"contains": 1.0, "f1": 0.4, "exact": 0.0}
    assert summary["citation"] == {"precision": 0.5, "recall": 1.0, "valid": 1.0, "verified": 0.5, "count": 2}
    assert summary["refusal"] == {"answered": 1.0, "refused_unanswerable": 1.0, "auroc": 1.0}
    assert summary["by_kind"]["unanswerable"] == {"questions": 1, "refused": 1.0}


def test_a_question_that_failed_counts_against_every_score_and_not_for_a_refusal() -> None:
    failed = replace(record("q3"), scores={}, error="Boom")
    summary = summarise([failed, replace(UNANSWERABLE, id="q4", error="Boom"), answered(record("q1", "d1"))])
    assert summary["failed"] == 2
    assert summary["retrieval"]["recall@1"] == 0.5
    assert summary["answer"]["contains"] == 0.5
    assert summary["refusal"] == {"answered": 0.5, "refused_unanswerable": 0.0, "auroc": 0.75}


def test_what_was_not_measured_is_none() -> None:
    summary = summarise([REFUSED])
    assert summary["retrieval"]["recall@1"] is None
    assert summary["citation"] == {"precision": None, "recall": None, "valid": None, "verified": None, "count": 0}
    assert summary["refusal"]["auroc"] is None
    assert "answer" not in summarise([record("q1", "d1")])


def test_an_interval_holds_its_figure_and_is_narrower_for_more_questions() -> None:
    def interval(count: int) -> tuple[float, float]:
        half = [replace(record(f"q{n}", "d1" if n % 2 else "d9"), unit=f"u{n}") for n in range(count)]
        found = figures_of(half)["retrieval.recall@1"]
        assert found.low is not None
        assert found.high is not None
        assert found.low < 0.5 < found.high
        return found.low, found.high

    (few_low, few_high), (low, high) = interval(40), interval(1000)
    assert high - low < (few_high - few_low) / 3
    # the normal approximation of a share of 1,000
    assert (high - low) / 2 == pytest.approx(1.96 * (0.25 / 1000) ** 0.5, rel=0.15)


def test_questions_of_one_document_are_drawn_together() -> None:
    records = [replace(record(f"q{n}", "d1" if n < 50 else "d9"), unit=f"u{n // 10}") for n in range(100)]
    together = figures_of(records)["retrieval.recall@1"]
    apart = figures_of([replace(one, unit="") for one in records])["retrieval.recall@1"]
    assert together.units == 10
    assert together.high is not None
    assert apart.high is not None
    assert together.high - 0.5 > 2 * (apart.high - 0.5)
