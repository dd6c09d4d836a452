"""rag.check.dates: one day is one day, however it is written, and a claim may say less than its quote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.check.dates import dates, unsaid
from rag.check.said import said

SAME = [
    [
        "March 5, 2019",
        "5 March 2019",
        "2019年3月5日",
        "2019-03-05",
        "二〇一九年三月五日",
        "the 5th of March 2019",
        "2019/3/5",
    ],
    ["the 1990s", "20世纪90年代", "1990年代"],
    ["the 19th century", "the nineteenth century", "19世纪", "十九世紀"],
    ["1919年", "民国八年", "in 1919", "民國8年"],
    ["300 BC", "公元前300年", "300 BCE"],
]


def lacking(claim: str, quote: str) -> int:
    return len(unsaid(dates(said(claim)), dates(said(quote))))


@pytest.mark.parametrize("forms", SAME, ids=lambda forms: forms[0])
def test_whichever_form_is_the_claims_and_whichever_the_quotes(forms: list[str]) -> None:
    assert all(dates(said(form)) for form in forms)
    assert not [(one, other) for one in forms for other in forms if lacking(one, other)]


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("in 2019", "on March 5, 2019"),
        ("2019年3月", "2019年3月5日"),
        ("on March 5", "2019-03-05"),
        ("in the 1990s", "in 1995"),
        ("in the nineties", "in 1995"),
        ("20世纪", "1995年"),
        ("5/3/2019", "March 5, 2019"),
        ("5/3/2019", "3 May 2019"),
        ("in 1995", "from 1990 to 1995"),
        ("in 1995", "1990–95"),
    ],
)
def test_a_claim_may_say_less_than_its_quote(claim: str, quote: str) -> None:
    assert lacking(claim, quote) == 0


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("on March 5, 2019", "in March 2019"),
        ("on March 5, 2019", "on March 6, 2019"),
        ("in May 2019", "on March 5, 2019"),
        ("2018年", "2019年"),
        ("in 1995", "in the 1990s"),
        ("18世纪", "19世纪"),
        ("民国九年", "1919年"),
        ("300 BC", "300年"),
    ],
)
def test_a_claim_may_not_say_more_or_another_thing(claim: str, quote: str) -> None:
    assert lacking(claim, quote) == 1


def test_how_long_something_took_is_no_date() -> None:
    assert dates(said("it took 12年 and 3 years and 5个月")) == []


def test_a_year_that_is_written_as_a_plain_number_is_found() -> None:
    assert not unsaid(dates(said("in 1995")), [], [1995.0])


@given(st.integers(1000, 2099), st.integers(1, 12), st.integers(1, 28))
def test_a_day_is_the_same_in_both_languages(year: int, month: int, day: int) -> None:
    assert not lacking(f"{year}年{month}月{day}日", f"{year}-{month:02}-{day:02}")


@given(st.text(alphabet="0123456789年月日世纪代初 -/.,九十march may thsrdn公元前民国", max_size=60))
def test_no_jumble_is_an_error(text: str) -> None:
    unsaid(dates(said(text)), dates(said(text[::-1])))
