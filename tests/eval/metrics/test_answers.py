"""Figures of answers, by hand and by another program."""

from __future__ import annotations

import collections
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.answers import contains, f1


def squad_v1_tokens(text: str) -> list[str]:
    """The official script's normalize_answer, written again from its description."""
    text = "".join(letter for letter in text.lower() if letter not in set(string.punctuation))
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def squad_v1_f1(answer: str, gold: str) -> float:
    found, wanted = squad_v1_tokens(answer), squad_v1_tokens(gold)
    shared = sum((collections.Counter(found) & collections.Counter(wanted)).values())
    if shared == 0:
        return 0.0
    precision, recall = shared / len(found), shared / len(wanted)
    return 2 * precision * recall / (precision + recall)


ENGLISH = st.text(alphabet="aAbthe nT.,-'$%308", min_size=1, max_size=30)


@given(ENGLISH, ENGLISH)
def test_f1_is_that_of_the_squad_script_on_english(answer: str, gold: str) -> None:
    if squad_v1_tokens(answer) and squad_v1_tokens(gold):
        assert f1(answer, [gold]) == pytest.approx(squad_v1_f1(answer, gold))


@pytest.mark.parametrize(
    ("answer", "gold", "expected"),
    [
        ("the Denver Broncos", "Denver Broncos", 1.0),
        ("It was the Denver Broncos.", "Denver Broncos", 2 * 2 / (4 + 2)),
        ("踢爆", "踢爆", 1.0),
        ("即为一踢爆。", "踢爆", 2 * 2 / (5 + 2)),  # five characters, two of them gold
        ("4分钟", "4 分钟", 1.0),
        ("歐洲", "欧洲", 1.0),  # traditional and simplified are the same answer
        ("《跑跑卡丁车》", "跑跑卡丁车", 1.0),
        ("nothing of it", "踢爆", 0.0),
        ("", "踢爆", 0.0),
    ],
)
def test_f1_of_a_worked_example(answer: str, gold: str, expected: float) -> None:
    assert f1(answer, [gold]) == pytest.approx(expected)


def test_the_best_gold_answer_counts() -> None:
    assert f1("308 points", ["none", "308 points"]) == 1.0
    assert f1("308", []) == 0.0


@pytest.mark.parametrize(
    ("answer", "gold", "expected"),
    [
        ("The defense gave up just 308 points.", "308", 1.0),
        ("The defense gave up just 3085 points.", "308", 0.0),
        ("A 308-point season.", "308", 1.0),
        ("訓練數據很重要。", "训练数据", 1.0),
        ("它属于哺乳动物。", "乳动", 1.0),
        ("Denver beat the Broncos", "Denver Broncos", 0.0),
        ("It rose by 5 %.", "%", 1.0),
        ("anything", "", 0.0),
    ],
)
def test_contains_wants_the_words_in_order_and_unbroken(answer: str, gold: str, expected: float) -> None:
    assert contains(answer, [gold]) == expected
