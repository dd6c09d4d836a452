from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.cli.output import checked_question, emit_json, plain
from rag.errors import InvalidRequest

ANY_TEXT = st.text(st.characters())  # lone surrogates too: a file's name may hold them
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=8,
)


class Bytes:
    """Standard output as bytes, without pytest's fixture, which hypothesis would share between examples."""

    def __init__(self) -> None:
        self.buffer = self
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data

    def flush(self) -> None: ...


@given(value=JSON)
def test_what_is_printed_is_one_line_of_utf8_that_reads_back_the_same(value: Any) -> None:
    out = Bytes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", out)
        emit_json({"value": value})
    text = out.data.decode("utf-8")
    assert text.count("\n") == 1
    assert json.loads(text) == {"value": value}


def test_chinese_is_printed_as_itself(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    emit_json({"答": "脚注"})
    assert capsysbinary.readouterr().out.decode() == '{"答": "脚注"}\n'


def test_not_a_number_is_refused_rather_than_printed_as_broken_json() -> None:
    with pytest.raises(ValueError, match="JSON"):
        emit_json({"score": float("nan")})


@given(text=ANY_TEXT)
def test_no_escape_sequence_of_a_document_reaches_the_terminal(text: str) -> None:
    shown = plain(text)
    assert len(shown) == len(text)
    assert "\x1b" not in shown
    assert "\r" not in shown
    shown.encode("utf-8")


@pytest.mark.parametrize("text", ["", " \n", "\u3000"])
def test_an_empty_question_is_wrong_usage(text: str) -> None:
    with pytest.raises(InvalidRequest):
        checked_question(text)


def test_a_question_longer_than_the_api_takes_is_refused_here_too() -> None:
    assert checked_question("长" * 4000)
    with pytest.raises(InvalidRequest, match="4001"):
        checked_question("长" * 4001)


def test_bytes_that_are_no_utf8_do_not_break_a_question() -> None:
    checked_question("what is \udcff?").encode("utf-8")
