"""Damaged characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.offsets import apply_edits
from ingest.repair import PASSES


def repaired(text: str) -> str:
    for mend in PASSES:
        text, _ = apply_edits(text, mend(text))
    return text


@pytest.mark.parametrize(
    ("damaged", "whole"),
    [
        ("國(guó)際(jì)貿(mào)易的規(guī)則", "國際貿易的規則"),
        ("開(kāi)發(fā)人員(yuán)可以選擇(zé)(可選)的方案(RNN)", "開發人員可以選擇(可選)的方案(RNN)"),
        ("這個(gè)們(men)的問(wèn)題(tí)", "這個們的問題"),
    ],
)
def test_pinyin_notes_in_traditional_text_are_taken_out(damaged: str, whole: str) -> None:
    assert repaired(damaged) == whole


@pytest.mark.parametrize(
    "text",
    [
        "「龘」(dá)是一個很少見的字。" + "這裡還有許多別的內容，說的是別的事情。" * 10,
        "饕餮(tiè)是传说中的怪兽。",
        "我们(women)和他们都来了，用的是(de)这个。",
        "循環神經網絡(RNN)和長短期記憶網絡(LSTM)，見 (fā) 一節。",
    ],
)
def test_a_note_that_somebody_meant_stays(text: str) -> None:
    assert repaired(text) == text


def test_a_character_that_the_notes_have_parted_is_put_back() -> None:
    elsewhere = "學(xué)習(xí)對(duì)比對(duì)象的學(xué)者，實(shí)現(xiàn)實(shí)驗(yàn)。"
    assert repaired(elsewhere + "能夠?qū)W習(xí)到，能夠?qū)η熬Y標(biāo)記").endswith("能夠學習到，能夠對前綴標記")


@pytest.mark.parametrize(
    ("damaged", "whole"),
    [
        ("人工智能正在改变世界".encode().decode("gb18030", errors="strict"), "人工智能正在改变世界"),
        ("人工智能正在改变世界。".encode().decode("latin-1"), "人工智能正在改变世界。"),
        ("人工智能正在改变世界。".encode("gb18030").decode("latin-1"), "人工智能正在改变世界。"),
        ("It wasnâ€™t there.", "It wasn’t there."),
        ("caf\u00c3\u00a9", "café"),
        ("zero\u200bwidth\ufeff and soft\u00adhyphen", "zerowidth and softhyphen"),
        ("a\xa0b\u2009c", "a b c"),
        ("e\u0301", "é"),
    ],
)
def test_wrongly_decoded_and_invisible_characters_are_mended(damaged: str, whole: str) -> None:
    assert repaired(damaged) == whole


@pytest.mark.parametrize(
    "text",
    [
        "他说：“你好，世界！”（笑）——然后走了……",
        "全角ＡＢＣ１２３和半角ABC，都留着。",
        "「引號」『雙引號』《書名》",
        "👩‍👩‍👧 和 ✓",
        "Ça alors, où êtes-vous passés ? Größe, naïve, São Paulo, Ærøskøbing",
        "می‌خواهم",
    ],
)
def test_sound_text_is_left_as_it_is(text: str) -> None:
    assert repaired(text) == text


@given(st.text(max_size=200))
def test_repair_never_fails(text: str) -> None:
    repaired(text)
