"""Figures of rankings, by hand and by another program."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from eval.metrics.ranking import ndcg, recall, reciprocal_rank

RANKING = ["d3", "d1", "d9", "d2", "d7"]


def test_recall_is_the_share_of_gold_within_the_first_k() -> None:
    assert recall(RANKING, {"d1", "d2"}, 1) == 0.0
    assert recall(RANKING, {"d1", "d2"}, 2) == 0.5
    assert recall(RANKING, {"d1", "d2"}, 5) == 1.0
    assert recall([], {"d1"}, 5) == 0.0


def test_reciprocal_rank_looks_at_the_first_gold_and_not_past_k() -> None:
    assert reciprocal_rank(RANKING, {"d9", "d7"}, 10) == pytest.approx(1 / 3)
    assert reciprocal_rank(RANKING, {"d7"}, 4) == 0.0


def test_ndcg_of_a_worked_example() -> None:
    # gains 0 1 0 1 0, two gold documents: (1/log2 3 + 1/log2 5) / (1/log2 2 + 1/log2 3)
    expected = (1 / math.log2(3) + 1 / math.log2(5)) / (1 + 1 / math.log2(3))
    assert ndcg(RANKING, {"d1": 1.0, "d2": 1.0}, 10) == pytest.approx(expected)


def test_ndcg_counts_gold_that_was_never_found_against_the_ranking() -> None:
    assert ndcg(["d1"], {"d1": 1.0, "elsewhere": 1.0}, 10) == pytest.approx(1 / (1 + 1 / math.log2(3)))


@given(st.lists(st.integers(0, 3), min_size=2, max_size=12), st.integers(1, 12))
def test_ndcg_agrees_with_scikit_learn(grades: list[int], k: int) -> None:
    ids = [str(number) for number in range(len(grades))]
    gold = {key: float(grade) for key, grade in zip(ids, grades, strict=True) if grade}
    if gold:
        scores = [[float(-number) for number in range(len(ids))]]
        assert ndcg(ids, gold, k) == pytest.approx(ndcg_score([grades], scores, k=k))
