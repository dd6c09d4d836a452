"""Many questions, summed up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eval.figures import figures_of, money_figure
from eval.judge import rank_scores
from eval.metrics.cost import Prices
from eval.record import Record
from eval.summary import summarise

GOLD = {"d1": 1.0}
SCORES = {
    "answer.contains": 1.0,
    "answer.f1": 0.4,
    "answer.exact": 0.0,
    "answer.rouge_l": 0.5,
    "answer.bleu": 0.3,
    "answer.chrf": 0.2,
    "citation.count": 2.0,
    "citation.right": 1.0,
    "citation.valid": 2.0,
    "citation.whole": 2.0,
    "citation.sentences": 1.0,
    "citation.own": 1.0,
    "citation.verified": 1.0,
    "citation.recall": 1.0,
    "passages.any": 1.0,
    "passages.all": 1.0,
    "passages.chunks": 8.0,
    "passages.sentences": 6.0,
    "refusal.refused": 0.0,
    "refusal.confidence": 0.9,
    "latency.total": 12.0,
    "cost.prompt_tokens": 100.0,
    "cost.completion_tokens": 10.0,
}
CITED = ("precision", "recall", "valid", "whole", "sentences", "own", "verified")


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
        **dict.fromkeys((name for name in SCORES if name.startswith("citation.") and name != "citation.recall"), 0.0),
        "refusal.refused": 1.0,
        "refusal.confidence": 0.1,
    },
    answered=True,
)


def test_a_summary_of_a_worked_example() -> None:
    summary = summarise([answered(record("q1", "d1", "d2")), REFUSED])
    assert (summary["questions"], summary["failed"], summary["synthetic"]) == (2, 0, 0)
    assert summary["retrieval"] == dict.fromkeys(("recall@1", "recall@5", "mrr@10", "ndcg@10"), 1.0) | {
        "map@10": 1.0,
        "precision@1": 1.0,
        "precision@5": 0.2,
    }
    assert summary["legs"]["dense"]["ndcg@10"] == 0.6309
    assert summary["legs"]["dense"]["map@10"] == summary["legs"]["dense"]["mrr@10"] == 0.5
    assert summary["legs"]["lexical"]["recall@5"] == 0.0
    assert summary["answer"] == {"contains": 1.0, "f1": 0.4, "exact": 0.0, "rouge_l": 0.5, "bleu": 0.3, "chrf": 0.2}
    assert summary["citation"] == {
        "precision": 0.5,
        "recall": 1.0,
        "valid": 1.0,
        "whole": 1.0,
        "sentences": 0.5,
        "own": 0.5,
        "verified": 0.5,
        "count": 2,
    }
    assert summary["refusal"] == {
        "answered": 1.0,
        "refused_unanswerable": 1.0,
        "auroc": 1.0,
        "calibration_error": 0.1,
        "risk_coverage_area": 0.1534,
    }
    assert summary["passages"] == {"any": 1.0, "all": 1.0, "sentences": 0.75}
    assert summary["latency"]["total_p50"] == 12.0
    assert summary["cost"] == {"prompt_tokens": 100.0, "completion_tokens": 10.0}
    assert summary["by_kind"]["unanswerable"] == {"questions": 1, "refused": 1.0}


def test_a_question_that_failed_counts_against_every_score_and_not_for_a_refusal() -> None:
    failed = replace(record("q3"), scores={}, error="Boom")
    summary = summarise([failed, replace(UNANSWERABLE, id="q4", error="Boom"), answered(record("q1", "d1"))])
    assert summary["failed"] == 2
    assert summary["retrieval"]["recall@1"] == 0.5
    assert summary["answer"]["contains"] == 0.5
    assert summary["refusal"]["answered"] == 0.5
    assert summary["refusal"]["refused_unanswerable"] == 0.0
    assert summary["refusal"]["auroc"] == 0.75


def test_what_was_not_measured_is_none() -> None:
    summary = summarise([REFUSED])
    assert summary["retrieval"]["recall@1"] is None
    assert summary["citation"] == dict.fromkeys(CITED) | {"count": 0}
    assert summary["refusal"]["auroc"] is summary["refusal"]["calibration_error"] is None
    assert summary["latency"]["total_p95"] is None
    assert not {"faithfulness", "reference", "safety"} & set(summary)
    assert "answer" not in summarise([record("q1", "d1")])


def test_judges_that_failed_are_counted_and_what_they_found_is_of_the_rest() -> None:
    found = replace(
        answered(record("q1", "d1")),
        scores={**SCORES, "faithfulness.check": 2.0, "faithfulness.check_of": 4.0, "faithfulness.check_failed": 0.0},
    )
    failed = replace(answered(record("q2", "d1")), scores={**SCORES, "faithfulness.llm_failed": 1.0})
    assert summarise([found, failed])["faithfulness"] == {
        "check": 0.5,
        "entailment": None,
        "llm": None,
        "failed": 0.5,
        "failures": 1,
    }


def test_what_answers_cost_is_reported_where_prices_are_given() -> None:
    summary = summarise([answered(record("q1", "d1"))], [money_figure(Prices(2.0, 10.0))])
    assert summary["cost"]["money_per_1000"] == pytest.approx((100 * 2.0 + 10 * 10.0) / 1_000_000 * 1000)
    assert "money_per_1000" not in summarise([answered(record("q1", "d1"))])["cost"]


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


def test_the_perplexity_of_right_answers_needs_no_answer() -> None:
    found = record("q1", "d1")
    likely = {"reference.log_likelihood": -6.0, "reference.tokens": 3.0, "reference.skipped": 1.0}
    summary = summarise([replace(found, scores={**found.scores, **likely})])
    assert summary["reference"] == {"perplexity": 7.3891, "skipped": 1}
    assert "answer" not in summary
