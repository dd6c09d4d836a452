from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.nearly import says_nearly

POLICY = (
    "Members may borrow up to twelve books at a time. Each loan runs for 28 days and can be renewed once at the desk. "
    "The reading room opens at nine and has lockers in the hall. Late books cost 20 cents a day until they are back. "
    "Whoever loses a book pays what a new copy costs. Dogs wait outside. Questions go to Maria Lind at the front desk, "
    "who is glad to help."
)


def changed(before: str, after: str, text: str = POLICY) -> str:
    assert before in text
    return text.replace(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("28 days", "30 days"),
        ("20 cents", "25 cents"),
        ("twelve books", "ten books"),
        ("Maria Lind", "Clara Berg"),
        ("can be renewed", "can not be renewed"),
        ("can be renewed", "cannot be renewed"),
        ("may borrow", "must borrow"),
        ("until they", "since they"),
        ("who is glad", "who was glad"),
        ("glad", "slow"),
        ("outside", "inside"),
        ("renewed", "removed"),
        (" at the desk", ""),
        ("Whoever loses a book pays what a new copy costs. ", ""),
    ],
)
def test_what_may_be_an_answer_makes_another_text(before: str, after: str) -> None:
    assert not says_nearly(POLICY, changed(before, after))
    assert not says_nearly(changed(before, after), POLICY)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("The reading", "This reading"),
        ("has lockers", "has the lockers"),
        ("renewed", "renewcd"),
        (". Late", " .\nLate"),
        ("POLICY", "Policy"),
    ],
)
def test_idle_words_typos_and_layout_do_not(before: str, after: str) -> None:
    text = "POLICY. " + POLICY
    assert says_nearly(text, changed(before, after, text))
    assert says_nearly(changed(before, after, text), text)


def test_in_chinese_any_word_may_be_a_name() -> None:
    text = "图书馆周一至周五上午九时开放，读者凭证入馆，借阅图书以三十天为限，逾期者须缴滞纳金。青山分馆在公园东门旁。"
    assert says_nearly(text, changed("逾期者须", "逾期的者须", text))
    for before, after in (("青山", "绿水"), ("东门", "西门"), ("九时", "八时"), ("三十天", "二十天"), ("须缴", "不缴")):
        assert not says_nearly(text, changed(before, after, text))


def test_much_that_differs_is_another_text() -> None:
    assert not says_nearly(POLICY, POLICY + " " + POLICY)
    assert not says_nearly(POLICY, " ".join(reversed(POLICY.split())))


@given(st.text(), st.text())
def test_any_texts_may_be_compared(one: str, other: str) -> None:
    assert says_nearly(one, one)
    assert says_nearly(one, other) == says_nearly(other, one)
