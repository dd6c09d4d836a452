"""What a question belongs to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from eval.questions import Dataset, Paragraph, Question, Support
from eval.slices import THIRDS, answer_kind, script_of, sliced
from rag.types import Span


def question(text: str, answer: str = "1998", document: str = "p1") -> Question:
    return Question(text, text, "en", "factoid", (answer,), (Support(document, answer, Span(0, len(answer))),))


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("When was it built?", "latin"),
        ("它是什么时候建成的？", "simplified"),
        ("它是什麼時候建成的？", "traditional"),
        ("他是否在家？", "either"),
        ("GPT-2 有多少参数？", "mixed"),
    ],
)
def test_the_script_of_a_question(text: str, script: str) -> None:
    assert script_of(text) == script


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("308", "number"),
        ("15 亿", "number"),
        ("三百二十人", "number"),
        ("March 1998", "time"),
        ("1998年", "time"),
        ("John of Gaunt", "name"),
        ("to keep the peace", "phrase"),
        ("和平", "phrase"),
    ],
)
def test_the_kind_of_an_answer(answer: str, kind: str) -> None:
    assert answer_kind(question("?", answer)) == kind


def test_thirds_are_of_the_set_itself() -> None:
    asked = [question("w" * length) for length in (3, 6, 9)]
    found = sliced(Dataset("squad:x", tuple(asked), (Paragraph("p1", "text", "en", topic="Towers"),)))
    assert [one.slices["question length"] for one in found.questions] == list(THIRDS)
    assert {one.slices["topic"] for one in found.questions} == {"Towers"}
    assert [replace(one, slices={}) for one in found.questions] == asked


def test_a_chinese_question_is_not_short_because_an_english_one_is_longer() -> None:
    english = [question("w" * length) for length in (30, 60, 90)]
    chinese = [replace(question("问" * length), language="zh") for length in (5, 10, 15)]
    found = sliced(Dataset("squad:x", (*english, *chinese), (Paragraph("p1", "text", "en"),)))
    assert [one.slices["question length"] for one in found.questions] == [*THIRDS, *THIRDS]


def test_files_are_told_by_their_kind_and_what_a_set_says_itself_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>1998</p>", encoding="utf-8")
    asked = replace(question("When?", document="a.html"), slices={"named group": "women", "script": "its own"})
    [found] = sliced(Dataset("qa:x", (asked,), folder=tmp_path)).questions
    assert (found.slices["document type"], found.slices["named group"]) == ("html", "women")
    assert found.slices["script"] == "its own"


def test_a_question_without_answer_or_document_has_the_slices_of_its_wording_alone() -> None:
    asked = replace(question("谁？"), answers=(), supports=())
    [found] = sliced(Dataset("qa:x", (asked,))).questions
    assert set(found.slices) == {"language", "script", "question length"}
