"""Words are counted and compared alike in both languages, whoever read them."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.bench.words import Numbers, joined_at_hyphens, lacking, numbers_lacking, words

TEXTS = st.text(alphabet="ab c检索1.\n", max_size=30)


def test_chinese_counts_by_character_and_english_by_word() -> None:
    assert words("检索 retrieval 檢索") == Counter(["检", "索", "retrieval", "檢", "索"])


def test_chinese_beside_english_does_not_melt_into_it() -> None:
    assert words("用GPT模型3次") == Counter(["用", "gpt", "模", "型", "3", "次"])


def test_width_case_ligatures_and_invisible_characters_make_no_difference() -> None:
    assert words("ＦＵＬＬ ﬁnd zero\u200bwidth soft\u00adhyphen") == words("full find zerowidth softhyphen")


def test_hangul_counts_by_word_and_kana_by_character() -> None:
    assert words("안녕 かな") == Counter(["안녕", "か", "な"])


def test_a_word_is_lacking_as_often_as_it_is() -> None:
    assert lacking(words("tea tea tea 茶茶"), words("tea 茶")) == Counter({"tea": 2, "茶": 1})


def test_words_run_together_or_apart_are_not_lacking() -> None:
    assert not lacking(words("Total 3.5 mm"), words("Total3 5mm"))
    assert not lacking(words("WordArt"), words("Word Art"))


def test_letters_below_each_other_make_a_word() -> None:
    assert not lacking(words("v e r t i c a l"), words("vertical"))


def test_what_another_word_holds_by_chance_is_lacking_all_the_same() -> None:
    assert lacking(words("art"), words("start")) == Counter(["art"])
    assert lacking(words("art art"), words("word art, wordart")) == Counter(["art"])


@given(TEXTS)
def test_nothing_of_a_text_is_lacking_in_itself(text: str) -> None:
    assert not lacking(words(text), words(text))


@given(TEXTS, TEXTS)
def test_what_more_there_is_in_ours_never_adds_to_what_is_lacking(text: str, more: str) -> None:
    ours = words(text) + words(more)
    assert not lacking(words(text), ours)
    assert lacking(words(more), words(text)).total() <= words(more).total()


def test_a_word_broken_at_a_line_end_is_joined() -> None:
    assert words(joined_at_hyphens("infor-\nmation, well-known")) == words("information well known")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1234.5, "1,234.50"),
        (0.025, "2.5%"),
        (0.125, "0.13"),
        (0.125, "12.5 %"),
        (-42.0, "(42)"),
        (2.5e-7, "2.5E-07"),
        (1e21, "1E+21"),
        (0.1 + 0.2, "0.3"),
        (1599.99, "￥1,599.99 元"),
        (0.0, "0"),
    ],
)
def test_a_number_is_found_by_its_value_as_far_as_its_digits_say_it(value: float, shown: str) -> None:
    assert Numbers(shown).take(value)


@pytest.mark.parametrize(("value", "shown"), [(1234.5, "1,235.5"), (0.3, "0"), (12.0, "123"), (7.0, "seven")])
def test_another_number_is_not_taken_for_it(value: float, shown: str) -> None:
    assert not Numbers(shown).take(value)


def test_each_number_is_found_once() -> None:
    assert numbers_lacking([3.0, 3.0, 4.0], "3 | 4") == [3.0]


def test_a_rounded_number_is_not_taken_by_a_shorter_one() -> None:
    assert numbers_lacking([3.0, 3.14159], "3.14159 | 3") == []
