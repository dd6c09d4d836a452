"""Bytes to characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.read.encoding import decode

SIMPLIFIED = "银行应当在三个工作日内答复客户的投诉，并说明理由。"
TRADITIONAL = "銀行應當在三個工作天內答覆客戶的投訴，並說明理由。"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SIMPLIFIED, "utf-8"),
        (SIMPLIFIED, "utf-8-sig"),
        (SIMPLIFIED, "utf-16"),
        (SIMPLIFIED, "utf-16-le"),
        (SIMPLIFIED, "utf-16-be"),
        (SIMPLIFIED, "utf-32"),
        (SIMPLIFIED, "gb18030"),
        (SIMPLIFIED, "gb2312"),
        (SIMPLIFIED, "hz"),
        (TRADITIONAL, "gb18030"),
        (TRADITIONAL, "big5"),
        ("人工智能", "gb18030"),
        ("人工智慧", "big5"),
        ("この文書は日本語で書かれています。", "shift_jis"),
        ("이 문서는 한국어로 쓰여 있습니다.", "cp949"),
        ("Café, naïve, résumé, Übermaß.", "latin-1"),
        ("Привет, мир. Как дела сегодня?", "cp1251"),
        ("plain ASCII", "utf-16-be"),
        ("emoji 👩‍👩‍👧 and 汉字", "utf-16"),
    ],
)
def test_the_text_comes_back_whatever_it_was_encoded_in(text: str, encoding: str) -> None:
    decoded = decode(text.encode(encoding))
    assert decoded is not None
    assert decoded[0] == text


@given(st.text(min_size=1).filter(lambda text: "\0" not in text and sum(c < " " for c in text) == 0))
def test_valid_utf8_is_never_read_as_anything_else(text: str) -> None:
    decoded = decode(text.encode())
    assert decoded is None or decoded[0].lstrip("\ufeff") == text.lstrip("\ufeff")


def test_a_few_broken_bytes_do_not_turn_utf8_into_another_encoding() -> None:
    decoded = decode(SIMPLIFIED.encode() * 4 + b"\xe4\xbd")
    assert decoded is not None
    assert decoded[0].startswith(SIMPLIFIED)
    assert decoded[1] == "utf-8"


def test_bytes_that_are_no_characters_are_refused() -> None:
    assert decode(bytes(range(256)) * 20) is None
