"""Every VectorIndex gives the answers of the plainest one, whatever was added, replaced and removed before.

Where faiss sees a card, those of FAISS search on it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import FootnoteError, InvalidRequest, LibraryDamaged, LibraryMismatch
from rag.library.arrange import Arranger
from rag.library.vectors import FaissIndex
from rag.ports import Keys, Matrix
from rag.types import Hit
from tests.contracts.plain import BruteForceIndex, KeptVectors

DIMENSION = 16
FAR = 2**62
NEVER = 1 << 62


def unit(random: np.random.Generator, count: int, dimension: int = DIMENSION) -> Matrix:
    """Unit rows that half precision holds, as those of the store are."""
    rows = random.normal(size=(count, dimension))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float16).astype(np.float32)


def keys(*numbers: int) -> Keys:
    return np.array(numbers, dtype=np.int64)


class Shelved:
    """A FaissIndex beside the vectors that it is made of, as a library has them."""

    def __init__(self, dimension: int = DIMENSION, *, lists_from: int) -> None:
        self.stored = KeptVectors()
        self.arranger = Arranger(self.stored, dimension, lists_from=lists_from)
        self.index = self.arranger.made()

    def __len__(self) -> int:
        return len(self.index)

    def add(self, numbers: Keys, vectors: Matrix) -> None:
        self.index.add(numbers, vectors)
        self.stored.put(numbers, vectors)

    def remove(self, numbers: Keys) -> None:
        self.index.remove(numbers)
        self.stored.drop(numbers)

    def search(self, queries: Matrix, k: int, *, among: Keys | None = None) -> list[list[Hit]]:
        return self.index.search(queries, k, among=among)

    def arrange(self) -> None:
        if self.arranger.outgrown(self.index):
            self.index = self.arranger.made()


class Pair:
    """The index under test and the plainest one, changed alike."""

    def __init__(self, tested: Shelved | BruteForceIndex) -> None:
        self.tested = tested
        self.plain = BruteForceIndex(DIMENSION)

    def add(self, numbers: Keys, vectors: Matrix) -> None:
        self.tested.add(numbers, vectors)
        self.plain.add(numbers, vectors)

    def remove(self, numbers: Keys) -> None:
        self.tested.remove(numbers)
        self.plain.remove(numbers)

    def agree(self, queries: Matrix, k: int, *, among: Keys | None = None) -> list[list[Hit]]:
        """Return the answers, which are the plainest one's: scores in order, and keys where no score is tied."""
        assert len(self.tested) == len(self.plain)
        found, wanted = self.tested.search(queries, k, among=among), self.plain.search(queries, k, among=among)
        for some, others in zip(found, wanted, strict=True):
            assert [hit.score for hit in some] == pytest.approx([hit.score for hit in others], abs=1e-5)
            rows = {hit.key: hit.score for hit in self.plain.search(queries, NEVER, among=among)[found.index(some)]}
            assert all(hit.score == pytest.approx(rows[hit.key], abs=1e-5) for hit in some)
            assert len({hit.key for hit in some}) == len(some)
        return found


MAKERS: dict[str, Callable[[], Shelved | BruteForceIndex]] = {
    "brute force": lambda: BruteForceIndex(DIMENSION),
    "flat": lambda: Shelved(lists_from=NEVER),
    "lists": lambda: Shelved(lists_from=64),
}


@pytest.fixture(params=MAKERS)
def pair(request: pytest.FixtureRequest) -> Pair:
    """With 200 vectors under the keys from 1 on."""
    made = Pair(MAKERS[request.param]())
    made.add(np.arange(1, 201), unit(np.random.default_rng(3), 200))
    if isinstance(made.tested, Shelved):
        made.tested.arrange()
        assert made.tested.index.kind.startswith("ivf" if request.param == "lists" else "flat")
    return made


@pytest.fixture
def queries() -> Matrix:
    return unit(np.random.default_rng(99), 6)


@pytest.mark.parametrize("k", [1, 10, 60, 200, 1000])
def test_the_nearest_come_best_first_with_their_exact_scores(pair: Pair, queries: Matrix, k: int) -> None:
    assert {len(ranking) for ranking in pair.agree(queries, k)} == {min(k, 200)}


def test_each_vector_is_its_own_nearest(pair: Pair) -> None:
    rankings = pair.agree(unit(np.random.default_rng(3), 200)[:20], 1)
    assert [ranking[0].key for ranking in rankings] == list(range(1, 21))


def test_none_are_found_where_none_are_asked_for(pair: Pair, queries: Matrix) -> None:
    assert pair.agree(queries[:2], 0) == [[], []]
    assert pair.agree(queries[:0], 5) == []


def test_what_is_added_is_found(pair: Pair, queries: Matrix) -> None:
    pair.add(np.arange(500, 560), unit(np.random.default_rng(4), 60))
    pair.agree(queries, 20)


def test_a_key_added_again_is_replaced(pair: Pair, queries: Matrix) -> None:
    row = unit(np.random.default_rng(5), 1)
    pair.add(keys(7), row)
    assert pair.agree(row, 1)[0][0].key == 7
    pair.agree(queries, 200)


def test_a_key_given_twice_at_once_stands_with_its_last_vector(pair: Pair) -> None:
    rows = unit(np.random.default_rng(6), 2)
    pair.add(keys(900, 900), rows)
    assert pair.agree(rows[1:], 1)[0][0].key == 900
    assert pair.agree(rows[:1], 1)[0][0].score < 0.99


def test_a_removed_key_is_gone_and_an_unknown_one_ignored(pair: Pair, queries: Matrix) -> None:
    row = unit(np.random.default_rng(3), 200)[6:7]
    pair.remove(keys(7, 7, 12345))
    assert 7 not in {hit.key for hit in pair.agree(row, 200)[0]}
    pair.remove(keys())
    pair.add(keys(7), row)
    assert pair.agree(row, 1)[0][0].key == 7
    pair.agree(queries, 50)


def test_everything_can_be_removed_and_added_again(pair: Pair, queries: Matrix) -> None:
    pair.remove(np.arange(1, 201))
    assert pair.agree(queries, 5) == [[]] * len(queries)
    pair.add(np.arange(300, 340), unit(np.random.default_rng(8), 40))
    pair.agree(queries, 10)


@pytest.mark.parametrize("chosen", [range(3, 4), range(1, 201, 3), range(1, 201), range(150, 400), range(900, 950)])
@pytest.mark.parametrize("k", [1, 30, 500])
def test_a_filter_leaves_the_nearest_of_those_allowed(pair: Pair, queries: Matrix, chosen: range, k: int) -> None:
    pair.remove(keys(3, 9, 155))
    pair.agree(queries, k, among=np.array(chosen, dtype=np.int64))


def test_a_filter_that_allows_none_finds_none(pair: Pair, queries: Matrix) -> None:
    assert pair.agree(queries, 5, among=keys()) == [[]] * len(queries)


def test_equal_vectors_score_alike_and_come_by_their_keys(pair: Pair) -> None:
    row = unit(np.random.default_rng(7), 1)
    pair.add(np.arange(600, 620), np.repeat(row, 20, axis=0))
    assert [hit.key for hit in pair.agree(row, 20)[0]] == list(range(600, 620))
    assert len({hit.score for hit in pair.agree(row, 20)[0]}) == 1
    assert {hit.key for hit in pair.agree(row, 5)[0]} < set(range(600, 620))


@pytest.mark.parametrize("k", [1, 30, 300])
def test_keys_of_64_bits_are_kept_whole(pair: Pair, queries: Matrix, k: int) -> None:
    rows = unit(np.random.default_rng(8), 40)
    pair.add(np.arange(FAR - 20, FAR + 20), rows)
    assert pair.agree(rows[-1:], 1)[0][0].key == FAR + 19
    pair.agree(queries, k)
    pair.agree(queries, k, among=np.array([5, 6, *range(FAR - 9, FAR + 9)]))
    pair.agree(queries, k, among=np.arange(FAR, FAR + 18))
    pair.remove(np.arange(FAR, FAR + 20))
    pair.agree(queries, k)


def test_many_questions_at_once_are_answered_as_one_at_a_time(pair: Pair) -> None:
    many = unit(np.random.default_rng(10), 150)
    among = np.arange(1, 150, 2)
    for allowed in (None, among):
        assert pair.tested.search(many, 10, among=allowed) == [
            pair.tested.search(many[row : row + 1], 10, among=allowed)[0] for row in range(len(many))
        ]


def test_threads_that_search_together_get_the_same_answers(pair: Pair) -> None:
    many = unit(np.random.default_rng(10), 60)
    wanted = pair.tested.search(many, 10)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda row: pair.tested.search(many[row : row + 1], 10)[0], range(60)))
    assert found == wanted


def test_searching_goes_on_while_one_adds_and_removes(pair: Pair, queries: Matrix) -> None:
    rows = unit(np.random.default_rng(12), 200)

    def change() -> None:
        for first in range(1000, 1200, 20):
            pair.tested.add(np.arange(first, first + 20), rows[first - 1000 :][:20])
            pair.tested.remove(np.arange(first, first + 10))

    def ask() -> None:
        for _ in range(40):
            assert all(len(ranking) == 10 for ranking in pair.tested.search(queries, 10))

    if isinstance(pair.tested, BruteForceIndex):
        pytest.skip("the plain one is for one thread")
    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(work) for work in (ask, change, ask)]:
            done.result()
    for first in range(1000, 1200, 20):
        pair.plain.add(np.arange(first + 10, first + 20), rows[first - 1000 + 10 :][:10])
    pair.agree(queries, 50)


@pytest.mark.parametrize("kind", MAKERS)
def test_an_empty_index_finds_nothing(kind: str, queries: Matrix) -> None:
    index = MAKERS[kind]()
    assert len(index) == 0
    assert index.search(queries, 5) == [[]] * len(queries)
    assert index.search(queries, 5, among=keys(1, 2)) == [[]] * len(queries)


def test_vectors_of_another_dimension_are_refused(pair: Pair) -> None:
    with pytest.raises(LibraryMismatch):
        pair.tested.add(keys(1), unit(np.random.default_rng(1), 1, DIMENSION + 1))
    with pytest.raises(LibraryMismatch):
        pair.tested.search(unit(np.random.default_rng(1), 1, DIMENSION - 1), 3)


@pytest.mark.parametrize("value", [0.0, float("nan"), float("inf")])
def test_a_vector_without_direction_is_refused_and_its_chunk_named(pair: Pair, queries: Matrix, value: float) -> None:
    rows = unit(np.random.default_rng(1), 3)
    rows[1] = value
    with pytest.raises(InvalidRequest):
        pair.tested.add(keys(801, 802, 803), rows)
    pair.agree(queries, 20)
    if isinstance(pair.tested, Shelved):
        with pytest.raises(FootnoteError, match="802"):
            pair.tested.add(keys(801, 802, 803), rows)


@pytest.mark.parametrize("value", [float("nan"), float("-inf")])
def test_a_question_that_is_no_number_is_refused(pair: Pair, queries: Matrix, value: float) -> None:
    queries[2, 5] = value
    with pytest.raises(InvalidRequest):
        pair.tested.search(queries, 3)


def test_hits_that_the_store_has_no_more_are_left_to_whoever_asks_it(pair: Pair, queries: Matrix) -> None:
    """Else a search that finds fewer than were asked for would look as if there were no more."""
    if isinstance(pair.tested, Shelved):
        pair.tested.stored.drop(np.arange(1, 201, 2))
    assert all(len(ranking) == 50 for ranking in pair.tested.search(queries, 50))


Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "remove", "arrange"]), st.integers(0, 120), st.integers(1, 60)), max_size=12
)


@pytest.mark.parametrize("lists_from", [NEVER, 64])
@settings(max_examples=40)
@given(steps=STEPS, seed=st.integers(0, 9))
def test_any_changes_leave_the_answers_of_brute_force(lists_from: int, steps: list[Step], seed: int) -> None:
    shelved = Shelved(lists_from=lists_from)
    pair, random = Pair(shelved), np.random.default_rng(seed)
    for kind, first, count in steps:
        some = np.arange(first, first + count)
        if kind == "add":
            pair.add(some, unit(random, count))
        elif kind == "remove":
            pair.remove(some)
        else:
            shelved.arrange()
    questions = unit(np.random.default_rng(99), 4)
    pair.agree(questions, 10)
    pair.agree(questions, 10, among=np.arange(0, 200, 3))
    assert shelved.index.keys().tolist() == shelved.stored.keys().tolist()


@pytest.mark.parametrize("kind", ["flat", "lists"])
def test_a_saved_index_comes_back_the_same(tmp_path: Path, kind: str, queries: Matrix) -> None:
    shelved = MAKERS[kind]()
    assert isinstance(shelved, Shelved)
    pair = Pair(shelved)
    pair.add(np.arange(5, 205), unit(np.random.default_rng(1), 200))
    shelved.arrange()
    shelved.index.save(tmp_path / "index")
    again = FaissIndex.load(tmp_path / "index", DIMENSION, shelved.stored)
    assert again.kind == shelved.index.kind
    for among in (None, np.arange(5, 205, 4)):
        assert again.search(queries, 10, among=among) == shelved.search(queries, 10, among=among)
    shelved.index = again
    pair.remove(keys(5, 6))
    pair.add(keys(6, 1000), unit(np.random.default_rng(3), 2))
    pair.agree(queries, 30)
    pair.agree(queries, 30, among=np.arange(5, 1001, 5))
    assert again.keys().tolist() == [*range(6, 205), 1000]
    with pytest.raises(LibraryDamaged):
        FaissIndex.load(tmp_path / "index", DIMENSION + 1, shelved.stored)
