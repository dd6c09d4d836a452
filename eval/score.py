"""Judge one answered question, and sum up many. Knows nothing of libraries, files or models."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eval.metrics.answers import contains, exact, f1
from eval.metrics.mean import mean
from eval.metrics.quotes import letters, overlaps
from eval.metrics.ranking import ndcg, recall, reciprocal_rank
from eval.metrics.refusal import auroc
from eval.questions import Question, Support
from rag.types import Answer, Citation, Passage

DEPTH = 10  # documents of a ranking that are looked at
LEGS = ("dense", "lexical", "hybrid")


@dataclass(frozen=True, slots=True)
class Judged:
    """What is known of one answer. Shares are None where there is nothing to take them of."""

    contains: float | None  # None for questions whose answer is not there, or not told
    f1: float | None
    exact: float | None
    citations: int
    right: int  # citations of what the answer rests on
    valid: int  # citations whose quote is the exact slice, of a document that was retrieved
    supports_cited: float | None
    supports_retrieved: float | None
    refused: bool
    confidence: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question: its rankings of documents by leg, best first, and its answer, as far as they were asked for."""

    question: Question
    gold: Mapping[str, float]  # ids of documents, and how right each is
    rankings: Mapping[str, Sequence[str]]
    judged: Judged | None = None
    error: str | None = None


def judge(question: Question, answer: Answer, texts: Mapping[str, str], gold: Mapping[str, str]) -> Judged:
    """Score one answer.

    texts: the canonical text of each document by id. gold: document name -> document id.
    Several supports in one squad: paragraph are wordings of one answer; those of a qa: question are all wanted.
    """
    said = "" if answer.refused else without_marks(answer.text, answer.citations)
    retrieved = {passage.document_id for passage in answer.passages}
    told = bool(question.answers)  # what the right answer is
    return Judged(
        contains=max(contains(said, question.answers), _tells_all(said, question)) if told else None,
        f1=f1(said, question.answers) if told else None,
        exact=exact(said, question.answers) if told else None,
        citations=len(answer.citations),
        right=sum(any(_cites(item, support, gold) for support in question.supports) for item in answer.citations),
        valid=sum(is_valid(citation, texts, retrieved) for citation in answer.citations),
        supports_cited=_share(
            question, lambda support: any(_cites(citation, support, gold) for citation in answer.citations)
        ),
        supports_retrieved=_share(
            question, lambda support: any(_holds(passage, support, gold) for passage in answer.passages)
        ),
        refused=answer.refused,
        confidence=answer.confidence,
    )


def without_marks(text: str, citations: Iterable[Citation]) -> str:
    """Return the answer without the footnote marks that its citations put there."""
    for mark in {citation.mark for citation in citations}:
        text = text.replace(f"[{mark}]", "")
    return text.strip()


def is_valid(citation: Citation, texts: Mapping[str, str], retrieved: Collection[str]) -> bool:
    """Say whether the quote is the exact, not empty, slice of a document among those retrieved."""
    text = texts.get(citation.document_id)
    span = citation.span
    return (
        text is not None
        and citation.document_id in retrieved
        and 0 <= span.start < span.end <= len(text)
        and span.of(text) == citation.quote
    )


def _tells_all(said: str, question: Question) -> float:
    """Return 1 when every key point stands in the answer, for questions that have some."""
    return float(bool(question.key_points) and all(contains(said, [point]) for point in question.key_points))


def _share(question: Question, found: Callable[[Support], bool]) -> float | None:
    if not question.supports:
        return None
    hits = [float(found(support)) for support in question.supports]
    return max(hits) if question.supports[0].span is not None else sum(hits) / len(hits)


def _cites(citation: Citation, support: Support, gold: Mapping[str, str]) -> bool:
    if support.span is not None:
        return citation.document_id == gold[support.document] and citation.span.overlaps(support.span)
    if not support.quote:
        return citation.document_id == gold[support.document]
    return overlaps(citation.quote, support.quote)


def _holds(passage: Passage, support: Support, gold: Mapping[str, str]) -> bool:
    if support.span is not None:
        inside = passage.start <= support.span.start and support.span.end <= passage.end
        return inside and passage.document_id == gold[support.document]
    if not support.quote:
        return passage.document_id == gold[support.document]
    return letters(support.quote) in letters(passage.text)


# --- many ----------------------------------------------------------------------------------------------------------


def summarise(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the tables of `eval run --json` that follow from the outcomes; figures to four places."""
    summary: dict[str, Any] = {
        "questions": len(outcomes),
        "failed": sum(outcome.error is not None for outcome in outcomes),
        "retrieval": _retrieval(outcomes, "hybrid", ("recall@1", "recall@5", "mrr@10", "ndcg@10")),
        "legs": {leg: _retrieval(outcomes, leg, ("recall@1", "recall@5", "mrr@10", "ndcg@10")) for leg in LEGS},
    }
    if any(outcome.judged for outcome in outcomes):
        summary |= _answers(outcomes)
        kinds = sorted({outcome.question.kind for outcome in outcomes})
        if len(kinds) > 1:
            summary["by_kind"] = {
                kind: _in_brief([outcome for outcome in outcomes if outcome.question.kind == kind]) for kind in kinds
            }
    return summary


def _retrieval(outcomes: Iterable[Outcome], leg: str, names: Sequence[str]) -> dict[str, float | None]:
    asked = [(outcome.rankings.get(leg, ()), outcome.gold) for outcome in outcomes if outcome.gold]
    figures = {
        "recall@1": _rounded(recall(ranking, gold, 1) for ranking, gold in asked),
        "recall@5": _rounded(recall(ranking, gold, 5) for ranking, gold in asked),
        "mrr@10": _rounded(reciprocal_rank(ranking, gold, DEPTH) for ranking, gold in asked),
        "ndcg@10": _rounded(ndcg(ranking, gold, DEPTH) for ranking, gold in asked),
    }
    return {name: figures[name] for name in names}


def _answers(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Score answers, citations and refusals; a question that failed counts as an answer without merit."""
    judged = [(outcome.question.answerable, outcome.judged) for outcome in outcomes]
    wanted = [item for answerable, item in judged if answerable]
    told = [outcome.judged for outcome in outcomes if outcome.question.answerable and outcome.question.answers]
    unanswerable = [item for answerable, item in judged if not answerable]
    citations = sum(item.citations for _, item in judged if item)
    return {
        "answer": {
            "contains": _rounded(item.contains or 0.0 if item else 0.0 for item in told),
            "f1": _rounded(item.f1 or 0.0 if item else 0.0 for item in told),
            "exact": _rounded(item.exact or 0.0 if item else 0.0 for item in told),
        },
        "citation": {
            "precision": _ratio(sum(item.right for _, item in judged if item), citations),
            "recall": _rounded(item.supports_cited or 0.0 if item else 0.0 for item in wanted),
            "valid": _ratio(sum(item.valid for _, item in judged if item), citations),
            "count": citations,
        },
        "refusal": {
            "answered": _rounded(float(item is not None and not item.refused) for item in wanted),
            "refused_unanswerable": _rounded(float(item is not None and item.refused) for item in unanswerable),
            "auroc": _round(
                auroc(
                    [item.confidence if item else 0.0 for item in wanted],
                    [item.confidence if item else 0.0 for item in unanswerable],
                )
            ),
        },
        "passages": {
            "any": _rounded(float(bool(item and item.supports_retrieved)) for item in wanted),
            "all": _rounded(float(item is not None and item.supports_retrieved == 1.0) for item in wanted),
        },
    }


def _in_brief(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    full = _answers(outcomes)
    brief = {
        "questions": len(outcomes),
        "recall@5": _retrieval(outcomes, "hybrid", ("recall@5",))["recall@5"],
        "retrieved": full["passages"]["any"],
        "contains": full["answer"]["contains"],
        "cited": full["citation"]["recall"],
        "answered": full["refusal"]["answered"],
        "refused": full["refusal"]["refused_unanswerable"],
    }
    return {name: value for name, value in brief.items() if value is not None}


def _ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _rounded(values: Iterable[float]) -> float | None:
    return _round(mean(values))


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
