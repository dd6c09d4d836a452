"""Questions with slips, in the other script and in full width."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eval.robustness.slips import common_characters, full_width, simplified, slip, traditional
from rag.text import fold

COMMON = common_characters(["年假有几天", "年假怎么申请"])


def test_the_commonest_characters_come_first() -> None:
    assert COMMON[:2] == ["假", "年"]


def test_the_other_script_and_width_fold_to_the_same() -> None:
    assert traditional("发展历史") == "發展歷史"
    assert simplified("發展歷史") == "发展历史"
    assert full_width("GPT-4 x") == "ＧＰＴ－４　ｘ"
    assert fold(full_width("GPT-4 年假")) == fold("gpt-4 年假")


def test_a_slip_makes_one_character_wrong_and_always_the_same() -> None:
    wrong = slip("水獭为什么手拉手", COMMON, "1")
    assert wrong == slip("水獭为什么手拉手", COMMON, "1")
    assert len(wrong) == 8
    assert sum(one != other for one, other in zip(wrong, "水獭为什么手拉手", strict=True)) == 1
    assert slip("a b 12", COMMON, "1") == "a b 12"


@given(st.from_regex(r"[a-z]{4,9}", fullmatch=True), st.integers(0, 99))
def test_a_slip_in_an_english_word_leaves_its_first_and_last_letter(word: str, seed: int) -> None:
    wrong = slip(word, COMMON, str(seed))
    assert wrong != word
    assert len(word) - 1 <= len(wrong) <= len(word)
    assert (wrong[0], wrong[-1]) == (word[0], word[-1])
