"""rag.fuse: rankings become one."""

import itertools
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from rag.fuse import Weights, fuse, normalise
from rag.types import Hit

RANKINGS = st.dictionaries(st.integers(1, 30), st.floats(-5, 50), max_size=12).map(
    lambda scores: sorted((Hit(key, score) for key, score in scores.items()), key=lambda hit: -hit.score)
)


@given(RANKINGS)
def test_normalised_scores_keep_the_order_and_lie_between_0_and_1(ranking: list[Hit]) -> None:
    scores = normalise(ranking)
    assert all(0.0 <= score <= 1.0 for score in scores.values())
    assert all(scores[a.key] >= scores[b.key] for a, b in itertools.pairwise(ranking))
    assert not ranking or scores[ranking[0].key] == 1.0


@given(RANKINGS, RANKINGS)
def test_a_leg_without_weight_changes_nothing(one: list[Hit], other: list[Hit]) -> None:
    assert fuse([normalise(one), normalise(other)], [1.0, 0.0]) == fuse([normalise(one)], [1.0])


@given(RANKINGS, RANKINGS, st.floats(0.01, 10))
def test_only_the_ratio_of_the_weights_counts(one: list[Hit], other: list[Hit], factor: float) -> None:
    legs = [normalise(one), normalise(other)]
    plain = {hit.key: hit.score for hit in fuse(legs, [0.3, 0.7])}
    scaled = {hit.key: hit.score for hit in fuse(legs, [0.3 * factor, 0.7 * factor])}
    assert plain.keys() == scaled.keys()
    assert all(abs(plain[key] - scaled[key]) < 1e-9 for key in plain)


def test_what_both_legs_find_stands_before_what_one_finds() -> None:
    dense = normalise([Hit(1, 0.9), Hit(2, 0.8), Hit(3, 0.1)])
    lexical = normalise([Hit(4, 9.0), Hit(2, 8.0)], floor=0.0)
    assert next(hit.key for hit in fuse([dense, lexical], [0.5, 0.5])) == 2


def test_no_weight_at_all_gives_no_ranking() -> None:
    assert fuse([{1: 1.0}], [0.0]) == []
    assert fuse([], []) == []


@given(RANKINGS, RANKINGS, st.randoms())
def test_the_order_of_input_is_of_no_consequence(one: list[Hit], other: list[Hit], dice: Random) -> None:
    legs = [normalise(one), normalise(other)]
    shuffled = [normalise(dice.sample(ranking, len(ranking))) for ranking in (one, other)]
    assert fuse(legs, [0.4, 0.6]) == fuse(shuffled, [0.4, 0.6])


@given(RANKINGS, RANKINGS)
def test_every_key_of_a_leg_with_weight_is_ranked_once(one: list[Hit], other: list[Hit]) -> None:
    ranking = fuse([normalise(one), normalise(other)], [0.4, 0.6])
    assert sorted(hit.key for hit in ranking) == sorted({hit.key for hit in (*one, *other)})
    assert all(0.0 <= hit.score <= 1.0 for hit in ranking)


def test_the_dense_leg_counts_for_more_where_words_are_missing() -> None:
    weights = Weights(dense=1.0, dense_for_missing=2.0, lexical=1.0, closeness=1.0)
    assert [weights.of_dense(held) for held in (1.0, 0.5, 0.0)] == [1.0, 2.0, 3.0]
