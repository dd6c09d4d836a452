"""rag.check.numbers: one quantity is one quantity, however it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.check.numbers import quantities, unsaid
from rag.check.said import said

SAME = [
    ["1,750 people", "1750 people", "1.75 thousand people", "one thousand seven hundred and fifty people"],
    ["17.5万人", "175,000人", "十七万五千人", "17万5千人"],
    ["5%", "5 percent", "five per cent", "百分之五", "百分之5"],
    ["5 km", "5 kilometres", "5公里", "五千米", "5000 m", "５ｋｍ"],
    ["the third time", "the 3rd time", "第三", "第3"],
    ["1亿2000万元", "120 million yuan", "1.2亿元"],
    ["$3.5 million", "US$3,500,000", "350万美元"],
    ["13:30", "1:30 pm", "13：30"],
    ["三分之一", "one third of them", "a third of them"],
]
UNLIKE = [
    ("5 km", "5 miles"),
    ("5 kg", "5 km"),
    ("5%", "5 people"),
    ("第三", "three"),
    ("1,750", "1,570"),
    ("$5", "€5"),
    ("17.5万", "17.5"),
    ("20 degrees celsius", "20 degrees fahrenheit"),
]


def lacking(claim: str, quote: str) -> int:
    return len(unsaid(quantities(said(claim)), quantities(said(quote))))


@pytest.mark.parametrize("forms", SAME, ids=lambda forms: forms[0])
def test_whichever_form_is_the_claims_and_whichever_the_quotes(forms: list[str]) -> None:
    assert all(quantities(said(form)) for form in forms)
    assert not [(one, other) for one in forms for other in forms if lacking(one, other)]


@pytest.mark.parametrize(("claim", "quote"), UNLIKE)
def test_what_only_looks_alike_is_told_apart(claim: str, quote: str) -> None:
    assert lacking(claim, quote) == 1
    assert lacking(quote, claim) == 1


def test_a_length_may_be_told_in_another_unit() -> None:
    assert not lacking("a run of 5 miles", "a run of 8 km")
    assert lacking("a run of 5 miles", "a run of 9 km")


def test_both_ends_of_a_range_count() -> None:
    assert not lacking("3 to 5 km", "3–5 km")
    assert not lacking("3至5公里", "3-5 km")
    assert lacking("3 to 6 km", "3–5 km") == 1


def test_about_so_much_may_be_rounded_and_a_bare_number_may_not() -> None:
    assert not lacking("about 1.8 million people", "1,789,000 people")
    assert not lacking("约1.8亿", "1.789亿")
    assert lacking("1.8 million people", "1,789,000 people")


def test_five_of_one_thing_are_not_five_of_another() -> None:
    assert lacking("5 cats and 3 dogs", "3 cats and 5 dogs") == 2


@pytest.mark.parametrize("text", ["十分重要", "四川省", "万一下雨", "GPT-4", "COVID-19", "3D printing", "v3.5.1"])
def test_what_is_no_quantity_is_not_taken_for_one(text: str) -> None:
    assert quantities(said(text)) == []


def test_one_and_first_need_not_be_meant_as_numbers() -> None:
    assert not lacking("one of them was the first to go", "they went")
    assert not lacking("一个城市", "城市")


@given(st.integers(2, 10**9))
def test_grouping_changes_no_number(number: int) -> None:
    assert not lacking(f"{number:,}", f"{number}.")
    assert not lacking(f"{number}", f"共{number:,}。")


@given(st.integers(2, 9999), st.integers(2, 9999))
def test_two_numbers_are_the_same_only_if_they_are(one: int, other: int) -> None:
    assert (lacking(f"it has {one} parts", f"it has {other} parts") == 0) == (one == other)


@given(st.text(alphabet="0123456789.,-–:/% 万亿千百十一二三四五点分之第 "))
def test_no_jumble_of_digits_is_an_error(text: str) -> None:
    quantities(said(text))
