"""Lines on a terminal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from rag.cli.wrap import wrap

MIXED = st.text(st.sampled_from("脚注段落，。（）“”「」abcDE 12.-\n"), max_size=120)


@given(text=MIXED, width=st.integers(12, 40))
def test_no_line_is_wider_than_the_terminal_and_nothing_is_lost(text: str, width: int) -> None:
    lines = wrap(text, width, first="- ", rest="    ")
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).removeprefix("-").split()) == "".join(text.split())


def test_chinese_fills_the_line_and_its_punctuation_never_begins_one() -> None:
    assert wrap("文档库是空的，没有找到。", 12) == ["文档库是空", "的，没有找", "到。"]


def test_an_english_word_stays_whole_and_what_follows_hangs_under_the_first_line() -> None:
    assert wrap("索引 library.db 重新生成", 14, first="[1] ", rest="    ") == [
        "[1] 索引",
        "    library.db",
        "    重新生成",
    ]


def test_a_word_wider_than_the_terminal_is_cut() -> None:
    assert wrap("abcdefgh", 4) == ["abcd", "efgh"]


def test_the_lines_of_a_list_stay_lines() -> None:
    assert wrap("原因：\n- 一\n- 二", 40) == ["原因：", "- 一", "- 二"]
