from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from rag.diversify import CONSIDERED, Diversify, diverse
from rag.library.library import Library
from rag.plan import Found
from rag.ports import Matrix
from rag.types import Hit
from tests.rag.makers import shelve

EAST, NORTH = (1.0, 0.0), (0.0, 1.0)
BETWEEN = (0.8, 0.6)


def rows(*vectors: tuple[float, float]) -> Matrix:
    return np.array(vectors, dtype=np.float32)


def test_the_order_is_that_computed_by_hand() -> None:
    # After the first: 0.5 * 0.9 - 0.5 * 1.0 = -0.05, 0.5 * 0.8 - 0.5 * 0.8 = 0.0, 0.5 * 0.4 - 0.5 * 0.0 = 0.2.
    # After NORTH: BETWEEN is like EAST by 0.8 still, the second EAST by 1.0.
    assert diverse([1.0, 0.9, 0.8, 0.4], rows(EAST, EAST, BETWEEN, NORTH), 0.5) == [0, 3, 2, 1]
    # A little diversity: 0.9 * 0.9 - 0.1 = 0.71, 0.9 * 0.8 - 0.08 = 0.64, 0.9 * 0.4 = 0.36.
    assert diverse([1.0, 0.9, 0.8, 0.4], rows(EAST, EAST, BETWEEN, NORTH), 0.1) == [0, 1, 2, 3]


def test_at_one_nothing_but_unlikeness_counts_after_the_first() -> None:
    assert diverse([1.0, 0.9, 0.8, 0.0], rows(EAST, EAST, BETWEEN, NORTH), 1.0) == [0, 3, 2, 1]


def test_a_ranking_that_gives_its_parts_turns_keeps_them() -> None:
    assert diverse([1.0, 0.2, 0.9, 0.1], rows(EAST, NORTH, EAST, NORTH), 0.0) == [0, 1, 2, 3]


@st.composite
def rankings(draw: st.DrawFn) -> tuple[list[float], Matrix]:
    scores = sorted(draw(st.lists(st.floats(0, 1), max_size=20)), reverse=True)
    matrix = draw(arrays.arrays(np.float32, (len(scores), 3), elements=st.floats(-1, 1, width=32)))
    matrix[:, 0] += 2  # none is without a direction
    return scores, matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


@given(rankings(), st.floats(0, 1))
def test_nothing_is_lost_or_doubled_and_the_best_stays_first(ranking: tuple[list[float], Matrix], share: float) -> None:
    scores, vectors = ranking
    order = diverse(scores, vectors, share)
    assert sorted(order) == list(range(len(scores)))
    assert order[:1] == [0][: len(scores)]


@given(rankings())
def test_without_diversity_nothing_moves(ranking: tuple[list[float], Matrix]) -> None:
    scores, vectors = ranking
    assert diverse(scores, vectors, 0.0) == list(range(len(scores)))


def test_a_ranking_of_a_library_is_reordered_by_its_vectors(shelf: Library) -> None:
    document = shelve(shelf, "otters sleep\notters sleep\nbats fly at night", "a.txt")
    keys = [chunk.key for chunk in shelf.chunks_of(document.id)]
    hits = [Hit(key, score) for key, score in zip(keys, (1.0, 0.9, 0.8), strict=True)]
    found = Diversify(shelf, 0.5)("otters", Found(hits, {"dense": {keys[0]: 0.7}}, is_all=False))
    assert list(found.ranking) == [hits[0], hits[2], hits[1]]
    assert (found.legs, found.is_all) == ({"dense": {keys[0]: 0.7}}, False)
    assert found.note == "2 moved"


def test_what_was_removed_meanwhile_leaves_the_ranking_as_it_is(shelf: Library) -> None:
    found = Found([Hit(7, 1.0), Hit(8, 0.5)])
    assert Diversify(shelf, 0.5)("otters", found) is found


def test_what_stands_far_behind_keeps_its_place(shelf: Library) -> None:
    document = shelve(shelf, "\n".join(f"otter {number}" for number in range(CONSIDERED + 3)), "a.txt")
    hits = [Hit(chunk.key, 1 / (place + 1)) for place, chunk in enumerate(shelf.chunks_of(document.id))]
    found = Diversify(shelf, 0.9)("otters", Found(hits))
    assert list(found.ranking[CONSIDERED:]) == hits[CONSIDERED:]
    assert set(found.ranking) == set(hits)
