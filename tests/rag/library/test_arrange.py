"""The layout follows the size, and lists are looked into as far as the recall that is promised asks for."""

from __future__ import annotations

from collections.abc import Iterator

import faiss
import numpy as np
import pytest

from rag.library import lists
from rag.library.arrange import Arranger
from rag.library.lists import Lists
from rag.library.vectors import FaissIndex
from rag.ports import Keys, Matrix
from tests.contracts.plain import KeptVectors

DIMENSION = 32


@pytest.fixture(autouse=True)
def look_at_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few vectors as here would all be looked at."""
    monkeypatch.setattr(lists, "LOOK_AT_LEAST", 1)
    monkeypatch.setattr(lists, "LOOK_AT_ALLOWED", 1)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """So little work is only slowed by handing it round, and by minutes where the machine has other work."""
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    yield
    faiss.omp_set_num_threads(before)


class Subjects:
    """Vectors that lie around centres, as texts on subjects do."""

    def __init__(self, seed: int, count: int = 60) -> None:
        self._random = np.random.default_rng(seed)
        self._centres = self._unit(count)

    def some(self, count: int) -> Matrix:
        rows = self._centres[self._random.integers(0, len(self._centres), count)] + 0.6 * self._unit(count)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)

    def _unit(self, count: int) -> Matrix:
        rows = self._random.normal(size=(count, DIMENSION))
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def put(stored: KeptVectors, index: FaissIndex, first: int, rows: Matrix) -> None:
    keys = np.arange(first, first + len(rows))
    stored.put(keys, rows)
    index.add(keys, rows)


def recall(stored: KeptVectors, index: FaissIndex, queries: Matrix, k: int, among: Keys | None = None) -> float:
    keys, rows = stored.of(stored.keys() if among is None else among)
    wanted = keys[np.argsort(-(queries @ rows.T), axis=1)[:, :k]]
    found = index.search(queries, k, among=among)
    return float(
        np.mean([len({hit.key for hit in a} & set(b.tolist())) / len(b) for a, b in zip(found, wanted, strict=True)])
    )


def filled(rows: Matrix, *, lists_from: int) -> tuple[KeptVectors, Arranger, FaissIndex]:
    stored = KeptVectors()
    stored.put(np.arange(1, len(rows) + 1), rows)
    arranger = Arranger(stored, DIMENSION, lists_from=lists_from)
    return stored, arranger, arranger.made()


@pytest.fixture(scope="module")
def subjects() -> Subjects:
    return Subjects(11)


def lists_in(index: FaissIndex) -> Lists:
    assert isinstance(index.layout, Lists)
    return index.layout


def test_a_small_library_is_searched_exactly_and_a_large_one_by_lists(subjects: Subjects) -> None:
    stored, arranger, index = filled(subjects.some(900), lists_from=1000)
    assert index.kind.startswith("flat")
    assert not arranger.outgrown(index)
    put(stored, index, 2000, subjects.some(100))
    assert arranger.outgrown(index)
    assert arranger.made().kind.startswith("ivf")
    stored.drop(stored.keys()[:500])
    assert arranger.made().kind.startswith("flat")


def test_lists_are_outgrown_by_growth_and_by_shrinking(subjects: Subjects) -> None:
    stored, arranger, index = filled(subjects.some(1000), lists_from=500)
    put(stored, index, 2000, subjects.some(1000))
    assert not arranger.outgrown(index)
    put(stored, index, 4000, subjects.some(2500))
    assert arranger.outgrown(index)
    index.remove(stored.keys()[:4400])
    assert arranger.outgrown(index)


def test_the_promised_recall_is_kept_through_growth_and_removal(subjects: Subjects) -> None:
    stored, _, index = filled(subjects.some(4000), lists_from=2000)
    put(stored, index, 10_000, subjects.some(2000))
    gone = stored.keys()[::7]
    stored.drop(gone)
    index.remove(gone)
    queries = subjects.some(100)
    assert lists_in(index).probes < lists_in(index).lists / 2
    assert recall(stored, index, queries, 10) >= 0.97
    assert recall(stored, index, queries, 20) >= 0.97


@pytest.mark.parametrize("share", [0.5, 0.1, 0.01])
def test_a_filter_keeps_the_recall(subjects: Subjects, share: float) -> None:
    stored, _, index = filled(subjects.some(5000), lists_from=2000)
    random = np.random.default_rng(5)
    queries = subjects.some(60)
    scattered = np.sort(random.choice(stored.keys(), int(5000 * share), replace=False))
    # Those that lie together, far from most questions: the lists that are near hold none of them.
    keys, rows = stored.of(stored.keys())
    together = np.sort(keys[np.argsort(rows @ queries[0])[: len(scattered)]])
    for among in (scattered, together):
        assert recall(stored, index, queries, 10, among) >= 0.97


def test_what_lies_elsewhere_is_drift_and_more_of_the_same_is_not(subjects: Subjects) -> None:
    stored, arranger, index = filled(subjects.some(4000), lists_from=2000)
    put(stored, index, 10_000, subjects.some(1000))
    assert not arranger.has_drifted(lists_in(index), 9_999)
    put(stored, index, 20_000, Subjects(77, 3).some(3000))  # few subjects, so few lists take them all
    assert arranger.has_drifted(lists_in(index), 19_999)
    assert not arranger.has_drifted(lists_in(arranger.made()), 19_999)


def test_nothing_new_is_no_drift(subjects: Subjects) -> None:
    _, arranger, index = filled(subjects.some(2500), lists_from=2000)
    assert not arranger.has_drifted(lists_in(index), index.highest)


def test_work_is_given_up_when_asked() -> None:
    stored = KeptVectors()
    stored.put(np.arange(100), Subjects(1).some(100))

    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        Arranger(stored, DIMENSION, stop_if_asked=stop).made()
