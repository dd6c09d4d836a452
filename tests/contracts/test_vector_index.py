"""Every VectorIndex gives the answers of the plainest one, whatever was added, replaced and removed before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import LibraryMismatch
from rag.library.vectors import FaissIndex
from rag.ports import Keys, Matrix, VectorIndex
from tests.contracts.plain import BruteForceIndex

DIMENSION = 16
NEVER = 1 << 62
KINDS = ("brute force", "flat", "ivf")


def unit(random: np.random.Generator, count: int, dimension: int = DIMENSION) -> Matrix:
    """Unit rows that half precision holds, as those of the store are."""
    rows = random.normal(size=(count, dimension))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float16).astype(np.float32)


def index_of(kind: str) -> VectorIndex:
    if kind == "brute force":
        return BruteForceIndex(DIMENSION)
    return FaissIndex(DIMENSION, ivf_from=NEVER if kind == "flat" else 64)


def keys(*numbers: int) -> Keys:
    return np.array(numbers, dtype=np.int64)


@pytest.fixture(params=KINDS)
def index(request: pytest.FixtureRequest) -> VectorIndex:
    made = index_of(request.param)
    random = np.random.default_rng(3)
    made.add(np.arange(1, 201), unit(random, 200))
    if request.param == "ivf":
        assert isinstance(made, FaissIndex)
        made.organise()
        assert made.kind.startswith("ivf")
    return made


def test_each_vector_is_its_own_nearest(index: VectorIndex) -> None:
    rows = unit(np.random.default_rng(3), 200)
    rankings = index.search(rows[:20], 1)
    assert [ranking[0].key for ranking in rankings] == list(range(1, 21))
    assert all(ranking[0].score == pytest.approx(1, abs=1e-2) for ranking in rankings)


def test_hits_come_best_first_and_no_more_than_there_are(index: VectorIndex) -> None:
    ranking = index.search(unit(np.random.default_rng(4), 1), 1000)[0]
    assert [hit.score for hit in ranking] == sorted((hit.score for hit in ranking), reverse=True)
    assert len({hit.key for hit in ranking}) == len(ranking) <= 200
    assert index.search(unit(np.random.default_rng(4), 2), 0) == [[], []]
    assert index.search(unit(np.random.default_rng(4), 0), 5) == []


def test_a_key_added_again_is_replaced(index: VectorIndex) -> None:
    row = unit(np.random.default_rng(5), 1)
    index.add(keys(7), row)
    assert len(index) == 200
    assert index.search(row, 1)[0][0].key == 7
    old = unit(np.random.default_rng(3), 200)[6:7]
    assert index.search(old, 1)[0][0].score < 0.99


def test_a_key_given_twice_at_once_stands_with_its_last_vector(index: VectorIndex) -> None:
    rows = unit(np.random.default_rng(6), 2)
    index.add(keys(900, 900), rows)
    assert len(index) == 201
    assert index.search(rows[1:], 1)[0][0].key == 900
    assert index.search(rows[:1], 1)[0][0].score < 0.99


def test_a_removed_key_is_gone_and_an_unknown_one_ignored(index: VectorIndex) -> None:
    row = unit(np.random.default_rng(3), 200)[6:7]
    index.remove(keys(7, 7, 12345))
    assert len(index) == 199
    assert 7 not in {hit.key for hit in index.search(row, 200)[0]}
    index.remove(keys())
    index.add(keys(7), row)
    assert index.search(row, 1)[0][0].key == 7


def test_keys_of_64_bits_are_kept_whole(index: VectorIndex) -> None:
    row = unit(np.random.default_rng(8), 1)
    index.add(keys(2**62 + 1), row)
    assert index.search(row, 1)[0][0].key == 2**62 + 1


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_index_finds_nothing(kind: str) -> None:
    index = index_of(kind)
    assert len(index) == 0
    assert index.search(unit(np.random.default_rng(1), 2), 5) == [[], []]


@pytest.mark.parametrize("kind", KINDS)
def test_vectors_of_another_dimension_are_refused(kind: str) -> None:
    index = index_of(kind)
    with pytest.raises(LibraryMismatch):
        index.add(keys(1), unit(np.random.default_rng(1), 1, DIMENSION + 1))
    with pytest.raises(LibraryMismatch):
        index.search(unit(np.random.default_rng(1), 1, DIMENSION - 1), 3)


Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "remove", "organise"]), st.integers(0, 120), st.integers(1, 60)), max_size=12
)


@settings(max_examples=40)
@given(steps=STEPS, seed=st.integers(0, 9))
def test_flat_answers_as_brute_force_does_after_any_changes(steps: list[Step], seed: int) -> None:
    plain, index = BruteForceIndex(DIMENSION), FaissIndex(DIMENSION, ivf_from=NEVER)
    replay(steps, seed, plain, index)
    queries = unit(np.random.default_rng(99), 4)
    assert len(index) == len(plain)
    for found, wanted in zip(index.search(queries, 10), plain.search(queries, 10), strict=True):
        assert [hit.score for hit in found] == pytest.approx([hit.score for hit in wanted], abs=1e-3)


@settings(max_examples=40)
@given(steps=STEPS, seed=st.integers(0, 9))
def test_lists_hold_the_same_keys_and_answer_filters_exactly(steps: list[Step], seed: int) -> None:
    plain, index = BruteForceIndex(DIMENSION), FaissIndex(DIMENSION, ivf_from=64)
    replay(steps, seed, plain, index)
    queries = unit(np.random.default_rng(99), 4)
    assert len(index) == len(plain)
    among = np.arange(0, 200, 3)
    for found, ranking in zip(index.search(queries, 10, among=among), plain.search(queries, 1000), strict=True):
        wanted = [hit for hit in ranking if hit.key % 3 == 0][:10]
        assert [hit.score for hit in found] == pytest.approx([hit.score for hit in wanted], abs=1e-3)
        assert {hit.key % 3 for hit in found} <= {0}


def replay(steps: list[Step], seed: int, plain: BruteForceIndex, index: FaissIndex) -> None:
    random = np.random.default_rng(seed)
    for kind, first, count in steps:
        some = np.arange(first, first + count)
        if kind == "add":
            rows = unit(random, count)
            plain.add(some, rows)
            index.add(some, rows)
        elif kind == "remove":
            plain.remove(some)
            index.remove(some)
        else:
            index.organise()


def test_lists_recall_what_brute_force_finds_through_growth_and_removal() -> None:
    random = np.random.default_rng(11)
    centres = unit(random, 60, 32)
    plain, index = BruteForceIndex(32), FaissIndex(32, ivf_from=2000)

    def some(count: int) -> Matrix:
        rows = centres[random.integers(0, 60, count)] + 0.6 * unit(random, count, 32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)

    for start in range(0, 6000, 1000):
        numbers, rows = np.arange(start, start + 1000), some(1000)
        for each in (plain, index):
            each.add(numbers, rows)
            each.remove(numbers[::7])
        index.organise()
    assert index.kind.startswith("ivf")
    queries = some(100)
    pairs = zip(plain.search(queries, 20), index.search(queries, 20), strict=True)
    same = sum(len({hit.key for hit in wanted} & {hit.key for hit in found}) for wanted, found in pairs)
    assert same / 2000 >= 0.97


def test_an_index_that_shrinks_far_enough_is_exact_again() -> None:
    random = np.random.default_rng(12)
    index = FaissIndex(DIMENSION, ivf_from=400)
    index.add(np.arange(800), unit(random, 800))
    assert index.organise()
    assert not index.organise()
    index.remove(np.arange(150, 800))
    assert index.organise()
    assert (index.kind.startswith("flat"), len(index)) == (True, 150)


@pytest.mark.parametrize("ivf_from", [NEVER, 64])
def test_a_saved_index_comes_back_the_same(tmp_path: Path, ivf_from: int) -> None:
    index = FaissIndex(DIMENSION, ivf_from=ivf_from)
    index.add(np.arange(5, 205), unit(np.random.default_rng(1), 200))
    index.organise()
    index.save(tmp_path / "index")
    again = FaissIndex.load(tmp_path / "index", DIMENSION)
    queries = unit(np.random.default_rng(2), 5)
    assert again.search(queries, 10) == index.search(queries, 10)
    assert again.keys().tolist() == list(range(5, 205))
    again.remove(keys(5, 6))
    again.add(keys(6, 1000), unit(np.random.default_rng(3), 2))
    assert again.keys().tolist() == [*range(6, 205), 1000]
