"""The gate's sample of a squad: set: whole articles on files of their own, less a paragraph of each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from eval.gate.sets import GateSet, sample
from eval.questions import Dataset, Paragraph, Question, Support
from rag.types import Span


def articles(count: int, paragraphs: int = 3) -> Dataset:
    """Every paragraph has one question, which its first word answers."""
    texts = [
        Paragraph(
            f"{topic:02}{number:02}" + "0" * 28, f"Fact{topic}x{number} stands here.", "en", topic=f"topic {topic}"
        )
        for topic in range(count)
        for number in range(paragraphs)
    ]
    questions = [
        Question(
            id=one.id,
            text=f"Which fact is of {one.id}?",
            language="en",
            kind="factoid",
            answers=(one.text.split()[0],),
            supports=(Support(one.id, one.text.split()[0], Span(0, len(one.text.split()[0]))),),
        )
        for one in texts
    ]
    return Dataset("squad:x", tuple(questions), tuple(texts))


def test_whole_articles_are_drawn_and_one_paragraph_of_each_has_no_file(tmp_path: Path) -> None:
    found = sample(articles(9), tmp_path / "files", articles=4, salt="x")
    assert len(found.questions) == 4 * 3
    assert sum(not question.answerable for question in found.questions) == 4
    assert len(list((tmp_path / "files").iterdir())) == 4 * 2


def test_a_question_without_its_paragraph_has_no_answer(tmp_path: Path) -> None:
    for question in sample(articles(5), tmp_path / "files", articles=5, salt="x").questions:
        files = {one.document for one in question.supports}
        assert question.answerable == bool(question.answers) == bool(files)
        assert (question.kind == "unanswerable") != question.answerable
        assert all((tmp_path / "files" / name).is_file() for name in files)


def test_the_answer_stands_in_the_file_where_it_is_said_to(tmp_path: Path) -> None:
    for question in sample(articles(5), tmp_path / "files", articles=5, salt="x").questions:
        for one in question.supports:
            assert one.span is not None
            assert one.span.of((tmp_path / "files" / one.document).read_text(encoding="utf-8")) == question.answers[0]


def test_the_same_is_drawn_again_and_of_another_set_others(tmp_path: Path) -> None:
    drawn = [
        sample(articles(20), tmp_path / str(number), articles=5, salt=salt).questions
        for number, salt in enumerate(("x", "x", "y"))
    ]
    assert drawn[0] == drawn[1] != drawn[2]


def test_an_article_of_one_paragraph_keeps_it(tmp_path: Path) -> None:
    found = sample(articles(3, paragraphs=1), tmp_path / "files", articles=3, salt="x")
    assert all(question.answerable for question in found.questions)


@pytest.mark.parametrize("changed", ["question", "answer", "file"])
def test_the_content_is_another_when_anything_is(changed: str, tmp_path: Path) -> None:
    one = GateSet("x", sample(articles(2), tmp_path / "files", articles=2, salt="x"), ours=False)
    before = one.content
    assert GateSet("y", one.dataset, ours=True).content == before
    questions = list(one.dataset.questions)
    if changed == "file":
        file = next((tmp_path / "files").iterdir())
        file.write_text(file.read_text(encoding="utf-8") + " ", encoding="utf-8")
    else:
        first = questions[0]
        questions[0] = replace(first, text="Another?") if changed == "question" else replace(first, answers=("x",))
    after = GateSet("x", replace(one.dataset, questions=tuple(questions)), ours=False)
    assert after.content != before
