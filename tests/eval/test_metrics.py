"""Metrics against values computed by hand, or by another program that computes the same."""

from __future__ import annotations

import collections
import math
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score, roc_auc_score

from eval import metrics

RANKING = ["d3", "d1", "d9", "d2", "d7"]


def test_recall_is_the_share_of_gold_within_the_first_k() -> None:
    assert metrics.recall(RANKING, {"d1", "d2"}, 1) == 0.0
    assert metrics.recall(RANKING, {"d1", "d2"}, 2) == 0.5
    assert metrics.recall(RANKING, {"d1", "d2"}, 5) == 1.0
    assert metrics.recall([], {"d1"}, 5) == 0.0


def test_reciprocal_rank_looks_at_the_first_gold_and_not_past_k() -> None:
    assert metrics.reciprocal_rank(RANKING, {"d9", "d7"}, 10) == pytest.approx(1 / 3)
    assert metrics.reciprocal_rank(RANKING, {"d7"}, 4) == 0.0


def test_ndcg_of_a_worked_example() -> None:
    # gains 0 1 0 1 0, two gold documents: (1/log2 3 + 1/log2 5) / (1/log2 2 + 1/log2 3)
    expected = (1 / math.log2(3) + 1 / math.log2(5)) / (1 + 1 / math.log2(3))
    assert metrics.ndcg(RANKING, {"d1": 1.0, "d2": 1.0}, 10) == pytest.approx(expected)


def test_ndcg_counts_gold_that_was_never_found_against_the_ranking() -> None:
    assert metrics.ndcg(["d1"], {"d1": 1.0, "elsewhere": 1.0}, 10) == pytest.approx(1 / (1 + 1 / math.log2(3)))


@given(st.lists(st.integers(0, 3), min_size=2, max_size=12), st.integers(1, 12))
def test_ndcg_agrees_with_scikit_learn(grades: list[int], k: int) -> None:
    ids = [str(number) for number in range(len(grades))]
    gold = {key: float(grade) for key, grade in zip(ids, grades, strict=True) if grade}
    if gold:
        scores = [[float(-number) for number in range(len(ids))]]
        assert metrics.ndcg(ids, gold, k) == pytest.approx(ndcg_score([grades], scores, k=k))


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
def test_f1_and_exact_are_those_of_the_squad_script_on_english(answer: str, gold: str) -> None:
    if squad_v1_tokens(answer) and squad_v1_tokens(gold):
        assert metrics.f1(answer, [gold]) == pytest.approx(squad_v1_f1(answer, gold))
    assert metrics.exact(answer, [gold]) == float(squad_v1_tokens(answer) == squad_v1_tokens(gold))


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
    assert metrics.f1(answer, [gold]) == pytest.approx(expected)


def test_the_best_gold_answer_counts() -> None:
    assert metrics.f1("308 points", ["none", "308 points"]) == 1.0
    assert metrics.exact("308 points", ["none", "308"]) == 0.0
    assert metrics.f1("308", []) == 0.0


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
    assert metrics.contains(answer, [gold]) == expected


@pytest.mark.parametrize(
    ("quote", "gold", "expected"),
    [
        ("对齐是指将 LLM 的行为与人类偏好对齐的过程。", "将LLM的行为与人类偏好对齐", True),
        ("将 LLM 的行为与人类偏好对齐", "对齐是指将 LLM 的行为与人类偏好对齐的过程。", True),
        ("偏好", "对齐是指将 LLM 的行为与人类偏好对齐的过程。", False),  # too short a piece of it
        ("先讲别的。对齐是指将 LLM 的行为与人类", "对齐是指将 LLM 的行为与人类偏好对齐的过程。", True),
        ("數據增強：持續擴充", "数据增强:持续扩充", True),
        ("2019年发布的GPT-2包含15亿个参数", "2019年發(fā)布的GPT-2包含15億個(gè)參數(shù)。", True),
        ("", "anything", False),
        ("anything", "", False),
    ],
)
def test_quotes_overlap_when_they_share_half_of_the_gold_one(quote: str, gold: str, expected: bool) -> None:
    assert metrics.overlaps(quote, gold) is expected


SCORES = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.5001, 0.9, 1.0]), min_size=1, max_size=30)


@given(SCORES, SCORES)
def test_auroc_agrees_with_scikit_learn_ties_and_all(positives: list[float], negatives: list[float]) -> None:
    labels = [1] * len(positives) + [0] * len(negatives)
    assert metrics.auroc(positives, negatives) == pytest.approx(roc_auc_score(labels, positives + negatives))


def test_auroc_of_equal_scores_is_a_half_and_of_one_class_unknown() -> None:
    assert metrics.auroc([0.4, 0.4], [0.4]) == 0.5
    assert metrics.auroc([0.4], []) is None


def test_a_mean_over_nothing_is_none_and_not_a_number_that_looks_measured() -> None:
    assert metrics.mean([]) is None
    assert metrics.mean([0.0, 1.0, 0.5]) == 0.5
