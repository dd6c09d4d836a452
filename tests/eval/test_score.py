from __future__ import annotations

from dataclasses import replace

import pytest

from eval.questions import Question, Support
from eval.score import Judged, Outcome, is_valid, judge, summarise, without_marks
from rag.types import Answer, Chunk, Citation, CitationStatus, Passage, RefusalReason, Span

TEXT = "The Panthers gave up 308 points. They ranked sixth."
TEXTS = {"d1": TEXT}
QUESTION = Question(
    id="q1",
    text="How many points?",
    language="en",
    kind="factoid",
    answers=("308",),
    supports=(Support("p1", "308", Span(21, 24)),),
)
GOLD = {"p1": "d1"}


def citation(start: int, end: int, document: str = "d1", mark: int = 1) -> Citation:
    return Citation(
        mark=mark,
        answer_span=Span(0, 5),
        document_id=document,
        version=1,
        title="",
        source="",
        span=Span(start, end),
        quote=TEXT[start:end],
        status=CitationStatus.VERIFIED,
    )


def answer(text: str, *citations: Citation) -> Answer:
    chunk = Chunk(1, "d1", 0, len(TEXT))
    passage = Passage(chunk, 0, len(TEXT), TEXT, title="", source="", version=1, score=1.0)
    return Answer(
        question=QUESTION.text,
        text=text,
        citations=citations,
        passages=(passage,),
        refused=False,
        reason=None,
        confidence=0.9,
        model="extractive",
    )


REFUSED = replace(answer("308 is not told."), refused=True, reason=RefusalReason.WEAK_EVIDENCE, confidence=0.1)


def test_footnote_marks_are_no_part_of_what_was_said() -> None:
    said = "It gave up 308 [1]. Then [7]."
    assert without_marks(said, [citation(0, 5)]) == "It gave up 308 . Then [7]."


def test_a_right_answer_with_a_right_citation() -> None:
    judged = judge(QUESTION, answer("308 [1]", citation(0, 32)), TEXTS, GOLD)
    assert (judged.contains, judged.f1, judged.exact) == (1.0, 1.0, 1.0)
    assert (judged.citations, judged.right, judged.valid) == (1, 1, 1)
    assert (judged.supports_cited, judged.supports_retrieved) == (1.0, 1.0)


def test_a_citation_of_another_sentence_is_valid_but_not_right() -> None:
    judged = judge(QUESTION, answer("sixth [1]", citation(33, 51)), TEXTS, GOLD)
    assert (judged.right, judged.valid, judged.supports_cited) == (0, 1, 0.0)


def test_a_refusal_that_happens_to_hold_the_answer_earns_nothing() -> None:
    judged = judge(QUESTION, REFUSED, TEXTS, GOLD)
    assert (judged.contains, judged.f1, judged.exact, judged.refused) == (0.0, 0.0, 0.0, True)


def test_every_key_point_counts_as_the_answer() -> None:
    question = replace(QUESTION, answers=("in other words",), key_points=("308 points", "sixth"))
    assert judge(question, answer("308 points, ranked sixth."), TEXTS, GOLD).contains == 1.0
    assert judge(question, answer("308 points."), TEXTS, GOLD).contains == 0.0


def test_all_quotes_of_a_qa_question_are_wanted_but_one_wording_of_a_squad_answer_is_enough() -> None:
    both = (Support("a.txt", "gave up 308 points"), Support("b.txt", "something else entirely, elsewhere"))
    spans = (Support("p1", "308", Span(21, 24)), Support("p1", "sixth", Span(45, 50)))
    given = answer("308 [1]", citation(0, 32))
    assert judge(replace(QUESTION, supports=both), given, TEXTS, GOLD).supports_cited == 0.5
    assert judge(replace(QUESTION, supports=spans), given, TEXTS, GOLD).supports_cited == 1.0


@pytest.mark.parametrize(
    "wrong",
    [
        replace(citation(0, 5), quote="the p"),
        replace(citation(0, 5), document_id="d2"),
        replace(citation(0, 5), span=Span(-51, 5)),
        replace(citation(0, 5), span=Span(5, 5), quote=""),
        replace(citation(0, 51), span=Span(0, 99)),
    ],
)
def test_a_citation_is_valid_only_as_the_exact_slice_of_a_retrieved_document(wrong: Citation) -> None:
    assert is_valid(citation(0, 5), TEXTS, {"d1"})
    assert not is_valid(citation(0, 5), TEXTS, {"d9"})
    assert not is_valid(wrong, TEXTS, {"d1"})


def outcome(question: Question, judged: Judged | None, *ranking: str, error: str | None = None) -> Outcome:
    gold = {GOLD[name]: grade for name, grade in question.grades.items()}
    return Outcome(question, gold, {"hybrid": ranking, "dense": ranking[::-1], "lexical": ()}, judged, error)


UNANSWERABLE = replace(QUESTION, id="q2", kind="unanswerable", answers=(), supports=())


def test_a_summary_of_a_worked_example() -> None:
    given = answer("It was 308 points [1][2]", citation(0, 32), citation(33, 51, mark=2))
    found = outcome(QUESTION, judge(QUESTION, given, TEXTS, GOLD), "d1", "d2")
    kept_quiet = outcome(UNANSWERABLE, judge(UNANSWERABLE, REFUSED, TEXTS, GOLD), "d1", "d2")
    summary = summarise([found, kept_quiet])
    assert summary["questions"] == 2
    assert summary["retrieval"] == {"recall@1": 1.0, "recall@5": 1.0, "mrr@10": 1.0, "ndcg@10": 1.0}
    assert summary["legs"]["dense"] == {"recall@1": 0.0, "recall@5": 1.0, "mrr@10": 0.5, "ndcg@10": 0.6309}
    assert summary["legs"]["lexical"]["recall@5"] == 0.0
    assert summary["answer"] == {"contains": 1.0, "f1": 0.4, "exact": 0.0}  # 1 token of 4 and of 1
    assert summary["citation"] == {"precision": 0.5, "recall": 1.0, "valid": 1.0, "count": 2}
    assert summary["refusal"] == {"answered": 1.0, "refused_unanswerable": 1.0, "auroc": 1.0}
    assert summary["by_kind"]["unanswerable"] == {"questions": 1, "refused": 1.0}


def test_a_question_that_failed_counts_against_every_score_and_not_for_a_refusal() -> None:
    failed = [outcome(QUESTION, None, error="Boom"), outcome(UNANSWERABLE, None, error="Boom")]
    right = outcome(QUESTION, judge(QUESTION, answer("308 [1]", citation(0, 32)), TEXTS, GOLD), "d1")
    summary = summarise([*failed, right])
    assert summary["failed"] == 2
    assert summary["retrieval"]["recall@1"] == 0.5
    assert summary["answer"]["contains"] == 0.5
    assert summary["refusal"] == {"answered": 0.5, "refused_unanswerable": 0.0, "auroc": 0.75}


def test_what_was_not_measured_is_none() -> None:
    summary = summarise([outcome(UNANSWERABLE, judge(UNANSWERABLE, REFUSED, TEXTS, GOLD))])
    assert summary["retrieval"]["recall@1"] is None
    assert summary["citation"] == {"precision": None, "recall": None, "valid": None, "count": 0}
    assert summary["refusal"]["auroc"] is None
    assert "answer" not in summarise([outcome(QUESTION, None, "d1")])
