"""The vector index on a card: the same keys, the same answers."""

from __future__ import annotations

import faiss
import numpy as np
import pytest

from rag.library.arrange import Arranger
from rag.library.device import has_device
from rag.library.vectors import FaissIndex
from rag.ports import Keys, Matrix
from rag.types import Hit
from tests.contracts.plain import KeptVectors

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not hasattr(faiss, "StandardGpuResources"), reason="this faiss is built for the CPU alone"),
    pytest.mark.skipif(not has_device(), reason="faiss sees no card"),
]

DIMENSION, NEVER = 64, 1 << 62


def unit(seed: int, count: int) -> Matrix:
    rows = np.random.default_rng(seed).normal(size=(count, DIMENSION))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float16).astype(np.float32)


def on_the_host(index: FaissIndex, queries: Matrix, k: int) -> list[list[Hit]]:
    """A filter is always answered by the host's index, and exactly."""
    return index.search(queries, k, among=index.keys())


def same(found: list[list[Hit]], wanted: list[list[Hit]]) -> float:
    pairs = zip(found, wanted, strict=True)
    return float(np.mean([len({hit.key for hit in a} & {hit.key for hit in b}) / len(b) for a, b in pairs]))


def index_of(stored: KeptVectors, lists_from: int) -> FaissIndex:
    return Arranger(stored, DIMENSION, lists_from=lists_from).made()


@pytest.mark.parametrize(("lists_from", "agreement"), [(NEVER, 0.995), (2000, 0.9)])
def test_the_card_answers_as_the_host_does_through_changes(lists_from: int, agreement: float) -> None:
    stored = KeptVectors()
    stored.put(np.arange(5000), unit(1, 5000))
    index = index_of(stored, lists_from)
    assert index.kind.endswith("gpu")

    def add(keys: Keys, rows: Matrix) -> None:
        stored.put(keys, rows)
        index.add(keys, rows)

    queries = unit(2, 32)
    assert same(index.search(queries, 20), on_the_host(index, queries, 20)) >= agreement
    add(np.arange(9000, 9500), unit(3, 500))
    assert index.search(unit(3, 500)[:1], 1)[0][0].key == 9000
    index.remove(np.array([9000, 0, 1]))
    assert 9000 not in {hit.key for hit in index.search(unit(3, 500)[:1], 50)[0]}
    assert same(index.search(queries, 20), on_the_host(index, queries, 20)) >= agreement
    for query, hits in zip(queries, index.search(queries, 20), strict=True):
        _, rows = stored.of(np.array([hit.key for hit in hits]))
        order = np.argsort([hit.key for hit in hits])
        assert np.allclose(rows @ query, np.array([hit.score for hit in hits])[order], atol=1e-3)


def test_more_hits_than_a_card_returns_come_from_the_host() -> None:
    stored = KeptVectors()
    stored.put(np.arange(4000), unit(1, 4000))
    assert len(index_of(stored, NEVER).search(unit(2, 1), 3000)[0]) == 3000
