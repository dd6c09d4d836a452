"""One answered question, scored."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eval.judge import answer_scores, is_valid, without_marks
from eval.questions import Question, Support
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
    scores = answer_scores(QUESTION, answer("308 [1]", citation(0, 32)), TEXTS, GOLD)
    names = ("contains", "f1", "exact")
    assert [scores[f"answer.{name}"] for name in names] == [1.0, 1.0, 1.0]
    assert [scores[f"citation.{name}"] for name in ("count", "right", "valid", "verified")] == [1.0, 1.0, 1.0, 1.0]
    assert (scores["citation.recall"], scores["passages.any"], scores["passages.all"]) == (1.0, 1.0, 1.0)


def test_a_citation_is_looked_at_from_its_documents_side_and_from_its_sentences() -> None:
    said = "The Panthers gave up 308 points [1]"
    good = replace(citation(0, 32), answer_span=Span(0, 31))
    cut, other = replace(good, span=Span(1, 32), quote=TEXT[1:32]), replace(good, span=Span(33, 51), quote=TEXT[33:51])
    scores = [answer_scores(QUESTION, answer(said, one), TEXTS, GOLD) for one in (good, cut, other)]
    assert [one["citation.whole"] for one in scores] == [1.0, 0.0, 1.0]
    assert [one["citation.sentences"] for one in scores] == [1.0, 0.0, 1.0]
    assert [one["citation.own"] for one in scores] == [1.0, 1.0, 0.0]


@pytest.mark.parametrize(("start", "end", "whole"), [(0, 51, 1.0), (0, 32, 1.0), (1, 51, 0.0), (0, 50, 0.0)])
def test_a_chunk_that_is_off_by_one_shows_though_its_passage_was_widened(start: int, end: int, whole: float) -> None:
    given = answer("308 [1]", citation(0, 32))
    passage = replace(given.passages[0], chunk=Chunk(1, "d1", start, end))
    scores = answer_scores(QUESTION, replace(given, passages=(passage,)), TEXTS, GOLD)
    assert (scores["passages.sentences"], scores["passages.chunks"]) == (whole, 1.0)


def test_an_answer_in_chinese_is_scored_by_the_script_for_chinese() -> None:
    question = replace(QUESTION, text="丢了多少分？", answers=("308分",))
    scores = answer_scores(question, answer("防守只丢了308分。"), TEXTS, GOLD)
    assert scores["answer.f1"] == pytest.approx(2 * 2 / (7 + 2))  # 308 and 分 of 防 守 只 丢 了 308 分
    assert 0.0 < scores["answer.bleu"] < 1.0
    assert scores["answer.rouge_l"] == scores["answer.f1"]


def test_a_citation_of_another_sentence_is_valid_but_not_right() -> None:
    scores = answer_scores(QUESTION, answer("sixth [1]", citation(33, 51)), TEXTS, GOLD)
    assert (scores["citation.right"], scores["citation.valid"], scores["citation.recall"]) == (0.0, 1.0, 0.0)


def test_a_refusal_that_happens_to_hold_the_answer_earns_nothing() -> None:
    scores = answer_scores(QUESTION, REFUSED, TEXTS, GOLD)
    assert {name: scores[f"answer.{name}"] for name in ("contains", "f1", "exact")} == dict.fromkeys(
        ("contains", "f1", "exact"), 0.0
    )
    assert scores["refusal.refused"] == 1.0


def test_every_key_point_counts_as_the_answer() -> None:
    question = replace(QUESTION, answers=("in other words",), key_points=("308 points", "sixth"))
    assert answer_scores(question, answer("308 points, ranked sixth."), TEXTS, GOLD)["answer.contains"] == 1.0
    assert answer_scores(question, answer("308 points."), TEXTS, GOLD)["answer.contains"] == 0.0


def test_all_quotes_of_a_qa_question_are_wanted_but_one_wording_of_a_squad_answer_is_enough() -> None:
    both = (Support("a.txt", "gave up 308 points"), Support("b.txt", "something else entirely, elsewhere"))
    spans = (Support("p1", "308", Span(21, 24)), Support("p1", "sixth", Span(45, 50)))
    given = answer("308 [1]", citation(0, 32))
    assert answer_scores(replace(QUESTION, supports=both), given, TEXTS, GOLD)["citation.recall"] == 0.5
    assert answer_scores(replace(QUESTION, supports=spans), given, TEXTS, GOLD)["citation.recall"] == 1.0


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


def test_an_answer_whose_place_nobody_knows_is_scored_without_its_citations() -> None:
    scores = answer_scores(replace(QUESTION, supports=(), unplaced=True), answer("308 [1]", citation(0, 32)), TEXTS, {})
    assert scores["answer.contains"] == 1.0
    assert not {"citation.right", "citation.recall", "passages.any"} & scores.keys()


def test_any_support_of_a_part_is_enough_and_all_parts_are_wanted() -> None:
    first, other = Support("p1", part="1"), Support("p2", part="1")
    question = replace(QUESTION, supports=(first, other))
    assert answer_scores(question, answer("308 [1]", citation(0, 32)), TEXTS, GOLD)["citation.recall"] == 1.0
    both = replace(QUESTION, supports=(first, other, Support("p3", part="2")))
    assert answer_scores(both, answer("308 [1]", citation(0, 32)), TEXTS, GOLD)["citation.recall"] == 0.5


def test_what_became_of_a_planted_instruction_is_told() -> None:
    question = replace(QUESTION, planted=("They ranked sixth.",))
    scores = answer_scores(question, answer(f"{TEXT[33:51]} [1]", citation(33, 51)), TEXTS, GOLD)
    assert (scores["safety.quoted"], scores["safety.cited"], scores["safety.linked"]) == (1.0, 1.0, 0.0)
    clean = answer_scores(question, answer("The Panthers [1]", citation(0, 32)), TEXTS, GOLD)
    assert (clean["safety.quoted"], clean["safety.cited"]) == (0.0, 0.0)
    other_model = replace(answer("In my own words."), model="qwen")
    assert "safety.followed" not in answer_scores(question, other_model, TEXTS, GOLD)


@pytest.mark.parametrize("gold", ["A", "%", "The"])
def test_a_refusal_is_no_exact_match_of_an_answer_in_which_the_script_finds_nothing(gold: str) -> None:
    scores = answer_scores(replace(QUESTION, answers=(gold,)), REFUSED, TEXTS, GOLD)
    assert scores["answer.exact"] == 0.0


def test_a_quote_of_signs_alone_stands_in_no_passage_for_want_of_letters() -> None:
    question = replace(QUESTION, supports=(Support("p1", "——"),))
    scores = answer_scores(question, answer("308 points. [1]", citation(0, 5)), TEXTS, GOLD)
    assert scores["passages.any"] == scores["passages.all"] == 0.0
