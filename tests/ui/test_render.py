"""Answers and windows as the page's data."""

from __future__ import annotations

import html
from dataclasses import fields
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.wire import AnswerOut, CitationOut
from tests.ui.fake_api import FakeApi, document
from ui.render import answer_data, answer_lines, copy_text, streaming_html, window
from ui.words import CHINESE, ENGLISH, Words, language_for


def citation(mark: int, start: int, end: int) -> CitationOut:
    return CitationOut(
        mark=mark,
        answer_start=start,
        answer_end=end,
        document_id="d",
        version=1,
        title="Title",
        source="d.txt",
        start=0,
        end=5,
        quote="quote",
        page=None,
        boxes=[],
        status="verified",
    )


def canned(question: str = "q") -> AnswerOut:
    api = FakeApi()
    api.add(document("d", "Handbook", pages=2), "First fact. Second fact.")
    api.answers["q"] = [("First fact.", "d", "First fact."), ("Second fact.", "d", "Second fact.")]
    return api.answer(question)


@given(st.text(), st.integers(-5, 60), st.integers(-5, 60), st.integers(0, 9), st.integers(0, 9))
def test_a_window_is_a_stretch_of_the_text_around_the_quote(
    text: str, start: int, end: int, before: int, after: int
) -> None:
    view = window(text, start, end, before=before, after=after)
    assert view.before + view.quote + view.after == text[view.start : view.end]
    assert view.more_before == (view.start > 0)
    assert view.more_after == (view.end < len(text))
    if 0 <= start <= end <= len(text):
        assert view.quote == text[start:end]


def test_each_mark_stands_for_the_citation_of_its_sentence() -> None:
    text = "One [1] two [2] three [1]"
    lines = answer_lines(text, [citation(1, 0, 3), citation(2, 8, 11), citation(1, 16, 21)])
    assert [piece.get("index") for piece in lines[0]["pieces"] if "mark" in piece] == [0, 1, 2]
    assert [piece["text"] for piece in lines[0]["pieces"] if "text" in piece] == ["One", " two", " three"]


def test_a_number_in_brackets_that_is_no_footnote_stays_text() -> None:
    assert answer_lines("see [7]", [citation(1, 0, 3)])[0]["pieces"] == [{"text": "see [7]"}]


def test_a_list_keeps_its_bullets_and_marks() -> None:
    lines = answer_lines("- first [1]\n2. second\n\nplain", [citation(1, 2, 7)])
    assert [line["bullet"] for line in lines] == ["-", "2.", ""]
    assert lines[0]["pieces"][-1]["index"] == 0


def test_a_line_between_two_items_goes_on_with_the_first() -> None:
    lines = answer_lines("Two ways:\n- one\nand more of it\n- two\nThat is all.", [])
    assert [line["item"] for line in lines] == [False, True, True, True, False]


@pytest.mark.parametrize("line", ["3.11 is needed", "-5 degrees", "1.5 LLM 的能力", "*: any"])
def test_a_line_that_begins_with_a_number_or_a_sign_is_no_list_item(line: str) -> None:
    assert answer_lines(line, [])[0] == {"bullet": "", "item": False, "pieces": [{"text": line}]}


def test_the_items_of_a_list_stand_on_lines_of_their_own_while_they_are_written() -> None:
    written = streaming_html("原因有两种： [1]\n- 没有文档 [2]\n- 没有依据", caret="|")
    assert written.count("<p") == 3
    assert written.count('<p class="item">') == 2
    assert written.count('<span class="fn-mark">') == 2
    assert written.endswith("没有依据|</p></div>")


@given(st.text(max_size=80), st.lists(st.tuples(st.integers(1, 4), st.integers(0, 80)), max_size=5))
def test_no_word_of_an_answer_is_lost(text: str, marks: list[tuple[int, int]]) -> None:
    citations = [citation(mark, start, start + 1) for mark, start in marks]
    shown = ""
    for line in answer_lines(text, citations):
        shown += line["bullet"]
        for piece in line["pieces"]:
            shown += piece["text"] if "text" in piece else f"[{piece['mark']}]"
    assert "".join(shown.split()).replace("[0", "[") == "".join(text.split()).replace("[0", "[")


@given(st.text())
def test_an_answer_being_written_is_escaped(text: str) -> None:
    inner = streaming_html(text + "<script>[1]</script>", caret="")
    assert "<script" not in inner
    assert html.escape("<script>") in inner


def test_each_quoted_span_is_one_footnote_and_can_be_copied() -> None:
    answer = canned()
    data = answer_data(answer, ENGLISH, active=1)
    assert [row["mark"] for row in data["footnotes"]] == [1, 2]
    assert data["activeMark"] == 2
    assert copy_text(answer, ENGLISH).endswith("[2] Handbook, p. 1: “Second fact.”")


@pytest.mark.parametrize(("milliseconds", "took"), [(0.02, "1 毫秒"), (41.7, "42 毫秒"), (1234.0, "1.2 秒")])
def test_a_quick_answer_is_told_in_milliseconds(milliseconds: float, took: str) -> None:
    answer = canned().model_copy(update={"timings_ms": {"total": milliseconds}})
    assert answer_data(answer, CHINESE, active=None)["took"] == took


def test_a_refusal_shows_no_confidence_and_calls_its_passages_nearest() -> None:
    data = answer_data(canned("another"), CHINESE, active=None)
    assert data["refused"]
    assert data["confidence"] is None
    assert data["words"]["passages"] == CHINESE.nearest


@pytest.mark.parametrize("name", [field.name for field in fields(Words) if field.name != "examples"])
def test_both_languages_say_everything_with_the_same_blanks(name: str) -> None:
    blanks = [
        {blank for _, blank, _, _ in Formatter().parse(getattr(words, name)) if blank} for words in (ENGLISH, CHINESE)
    ]
    assert blanks[0] == blanks[1]
    assert getattr(CHINESE, name)


@pytest.mark.parametrize(
    ("locale", "name"), [("zh-CN", "中文"), ("zh", "中文"), ("en-GB", "English"), (None, "English")]
)
def test_the_browser_chooses_the_language(locale: str | None, name: str) -> None:
    assert language_for(locale) == name
