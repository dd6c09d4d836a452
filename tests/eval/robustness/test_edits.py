"""Documents that are changed, and the answers that stay in their places."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from eval.questions import Dataset, Paragraph, Question, Support
from eval.robustness.edits import Edit, changed, edited, moved, of_one_text, rounds
from rag.types import Span
from tests.eval.robustness.sets import small

TEXT = "年假有十五天。The code is 4417."


@st.composite
def edits_around(draw: st.DrawFn) -> tuple[Span, list[Edit]]:
    """An answer of the text, and edits beside it."""
    start = draw(st.integers(0, len(TEXT) - 1))
    answer = Span(start, draw(st.integers(start + 1, len(TEXT))))
    before = draw(st.tuples(st.integers(0, start), st.integers(0, start)).map(sorted))
    after = draw(st.tuples(st.integers(answer.end, len(TEXT)), st.integers(answer.end, len(TEXT))).map(sorted))
    return answer, [
        Edit(Span(before[0], before[1]), draw(st.text(max_size=4))),
        Edit(Span(after[0], after[1]), draw(st.text(max_size=4))),
    ]


@given(edits_around())
def test_an_answer_reads_the_same_wherever_what_stands_beside_it_is_edited(case: tuple[Span, list[Edit]]) -> None:
    answer, edits = case
    assert moved(answer, edits).of(edited(TEXT, edits)) == answer.of(TEXT)


@given(st.integers(0, len(TEXT) - 1), st.integers(1, 6), st.text(min_size=1, max_size=9))
def test_an_answer_that_is_replaced_is_what_it_is_replaced_with(start: int, length: int, other: str) -> None:
    answer = Span(start, min(len(TEXT), start + length))
    edits = [Edit(Span(0, 0), "first. "), Edit(answer, other)]
    assert moved(answer, edits).of(edited(TEXT, edits)) == other


def test_a_changed_document_is_another_and_its_questions_rest_on_it() -> None:
    dataset = small()
    first, *rest = dataset.paragraphs
    after = changed(dataset, {first.id: [Edit(Span(0, 0), "Note. ")]})
    assert after.paragraphs[0].text == f"Note. {first.text}"
    assert after.paragraphs[0].id != first.id
    assert after.paragraphs[1:] == tuple(rest)
    [support] = after.questions[0].supports
    assert support.document == after.paragraphs[0].id
    assert support.span is not None
    assert support.span.of(after.paragraphs[0].text) == "4417"
    assert after.questions[1:] == dataset.questions[1:]


@given(st.lists(st.sets(st.sampled_from("abcd"), min_size=1, max_size=2), max_size=12))
def test_no_round_has_two_questions_on_one_document(documents: list[set[str]]) -> None:
    questions = [
        Question(str(number), "?", "en", "", (), tuple(Support(name) for name in sorted(names)))
        for number, names in enumerate(documents)
    ]
    shared = rounds(questions)
    assert sorted(one.id for some in shared for one in some) == sorted(one.id for one in questions)
    for some in shared:
        names = [name for question in some for name in question.gold]
        assert len(names) == len(set(names))


def test_only_questions_whose_answers_stand_at_known_places_of_one_document_are_taken() -> None:
    dataset = small()
    quoted = replace(dataset.questions[0], supports=(Support(dataset.paragraphs[0].id, "4417"),))
    two = replace(dataset.questions[1], supports=(*dataset.questions[1].supports, *dataset.questions[2].supports))
    able = of_one_text(replace(dataset, questions=(quoted, two, *dataset.questions[2:])))
    assert [question.id for question, _ in able] == [question.id for question in dataset.questions[2:]]


def test_two_documents_that_become_the_same_are_one() -> None:
    pair = Dataset("t:t", (), (Paragraph("a", "x1", "en"), Paragraph("b", "x2", "en")))
    both = {name: [Edit(Span(1, 2), "9")] for name in "ab"}
    assert [paragraph.text for paragraph in changed(pair, both).paragraphs] == ["x9"]
