"""Figures of rankings, by hand and by another program."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from eval.metrics.ranking import average_precision, ndcg, precision, recall, reciprocal_rank, success

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


def test_precision_counts_places_that_the_ranking_does_not_fill() -> None:
    assert precision(RANKING, {"d1", "d2"}, 2) == 0.5
    assert precision(RANKING, {"d1", "d2"}, 4) == 0.5
    assert precision(["d1"], {"d1"}, 5) == 0.2


def test_success_is_any_gold_within_the_first_k() -> None:
    assert success(RANKING, {"d2", "elsewhere"}, 3) == 0.0
    assert success(RANKING, {"d2", "elsewhere"}, 4) == 1.0


def test_average_precision_of_a_worked_example() -> None:
    assert average_precision(RANKING, {"d1", "d2"}, 10) == pytest.approx((1 / 2 + 2 / 4) / 2)
    assert average_precision(RANKING, {"d1", "d2", "elsewhere"}, 3) == pytest.approx((1 / 2) / 3)
    assert average_precision([], {"d1"}, 10) == 0.0


def test_a_second_library_agrees_on_a_thousand_random_runs() -> None:
    measures = pytest.importorskip("ir_measures", reason="the dev extra is not installed")
    depths = (1, 3, 5, 10, 100)
    ours = {
        "P": precision,
        "R": recall,
        "Success": success,
        "RR": reciprocal_rank,
        "AP": average_precision,
        "nDCG": ndcg,
    }
    asked = {(name, k): getattr(measures, name) @ k for name in ours for k in depths}
    rankings, judged = _random_runs(1000)
    # Scores fall by a whole one from place to place: no ties, which each library breaks in its own way.
    scores = {
        query: {key: float(len(ranking) - place) for place, key in enumerate(ranking)}
        for query, ranking in rankings.items()
    }
    found = {
        (str(one.query_id), one.measure): one.value for one in measures.iter_calc(list(asked.values()), judged, scores)
    }
    assert any(not ranking for ranking in rankings.values())
    for query, ranking in rankings.items():
        gold = {key: float(grade) for key, grade in judged[query].items() if grade > 0}
        for (name, k), measure in asked.items():
            # What was never ranked is left out by some of its providers: it scores 0.
            assert ours[name](ranking, gold, k) == pytest.approx(found.get((query, measure), 0.0), abs=1e-9), measure


def _random_runs(count: int) -> tuple[dict[str, list[str]], dict[str, dict[str, int]]]:
    """Rankings of none to thirty documents, and judgements from 0 to 3, some of documents that were not found."""
    chance = random.Random(6)
    documents = [f"d{number}" for number in range(40)]
    rankings, judged = {}, {}
    for number in range(count):
        rankings[f"q{number}"] = chance.sample(documents, chance.choice((0, 1, 2, 5, 9, 10, 11, 30)))
        grades = {key: chance.randint(0, 3) for key in chance.sample(documents, chance.randint(0, 15))}
        judged[f"q{number}"] = grades | {chance.choice(documents): chance.randint(1, 3)}
    return rankings, judged
