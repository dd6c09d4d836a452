"""A collection's own words and synonyms, and the file that they are read from."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import Misconfigured
from rag.lexicon import NAME, NO_LEXICON, Lexicon, load_lexicon


def loaded(folder: Path, text: str | bytes) -> Lexicon:
    (folder / NAME).write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_lexicon(folder)


def test_where_there_is_no_file_there_is_nothing_special(tmp_path: Path) -> None:
    assert load_lexicon(tmp_path) == NO_LEXICON
    assert NO_LEXICON.alternatives("年假") == {}
    assert NO_LEXICON.fingerprint == ""


def test_words_and_synonyms_are_read_line_by_line(tmp_path: Path) -> None:
    text = "\ufeff# of people\r\n雲上貴州  # a platform\r\n\r\n年假＝带薪休假 = Annual  Leave\n云上贵州\n"
    assert loaded(tmp_path, text) == Lexicon(("云上贵州",), (("年假", "带薪休假", "annual leave"),))


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        ("云上贵州\nannual leave\n", ":2", "is not cut"),
        ("C语言\n", ":1", "is not cut"),
        ("年假 =\n", ":1", "nothing that can be searched for"),
        ("\n= = \n", ":2", "nothing that can be searched for"),
        ("年假 = 年假\n", ":1", "both sides"),
        ("长" * 100, ":1", "100 characters"),
        (b"\xff\xfe\x00", ":1", "not UTF-8"),
    ],
)
def test_a_fault_is_named_by_its_line_with_its_remedy(tmp_path: Path, text: str | bytes, where: str, says: str) -> None:
    with pytest.raises(Misconfigured, match=says) as caught:
        loaded(tmp_path, text)
    assert f"{NAME}{where}:" in str(caught.value)
    assert caught.value.hint


@given(st.binary(max_size=80))
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.getbasetemp()
    with suppress(Misconfigured):
        loaded(folder, data)


def test_a_word_that_is_kept_whole_is_not_cut() -> None:
    assert Lexicon(words=("云上贵州",)).cut("用云上贵州办事") == ["用", "云上贵州", "办事"]
    assert "云上贵州" not in NO_LEXICON.cut("用云上贵州办事")


def test_only_the_words_decide_what_an_index_holds() -> None:
    assert Lexicon(groups=(("年假", "休假"),)).fingerprint == NO_LEXICON.fingerprint
    assert Lexicon(words=("甲乙", "丙丁")).fingerprint == Lexicon(words=("丙丁", "甲乙")).fingerprint
    assert Lexicon(words=("甲乙",)).fingerprint != Lexicon(words=("丙丁",)).fingerprint


LEAVE = Lexicon(groups=(("年假", "带薪休假", "annual leave"),))


@pytest.mark.parametrize("question", ["年假有几天", "請問年假怎麼申請", "How are Annual Leaves granted?"])
def test_a_question_with_one_entry_asks_for_the_others(question: str) -> None:
    assert {"带薪", "休假"} <= set(LEAVE.alternatives(question))


@pytest.mark.parametrize("question", ["", "今年假期怎么过", "the annual report", "annualleave"])
def test_a_question_without_any_asks_for_nothing_more(question: str) -> None:
    assert LEAVE.alternatives(question) == {}


def test_what_was_said_counts_for_more_than_its_synonym() -> None:
    assert max(LEAVE.alternatives("年假").values()) <= 1.0
    assert sum(LEAVE.alternatives("annual leave").values()) < 2 * 2
