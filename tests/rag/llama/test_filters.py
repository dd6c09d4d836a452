from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rag.errors import InvalidRequest
from rag.filters import Filters
from rag.library.library import Library

pytest.importorskip("llama_index.core", reason="the llama extra is not installed")

from llama_index.core.vector_stores import SimpleVectorStore
from llama_index.core.vector_stores.types import (
    FilterCondition,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
)

from rag.llama import (
    FootnoteVectorStore,
    filters_from,
)
from rag.llama.filters import passing
from tests.rag.llama.doors import HashEmbedding, node_of


@pytest.fixture
def store(shelf: Library) -> FootnoteVectorStore:
    return FootnoteVectorStore(shelf)


CASES = [
    MetadataFilters(filters=[MetadataFilter(key="kind", value="bat")]),
    MetadataFilters(filters=[MetadataFilter(key="kind", value="bat", operator=FilterOperator.NE)]),
    MetadataFilters(filters=[MetadataFilter(key="year", value=2003, operator=FilterOperator.LT)]),
    MetadataFilters(filters=[MetadataFilter(key="kind", value=["bat", "owl"], operator=FilterOperator.IN)]),
    MetadataFilters(filters=[MetadataFilter(key="tags", value="wet", operator=FilterOperator.CONTAINS)]),
    MetadataFilters(
        filters=[
            MetadataFilter(key="kind", value="bat"),
            MetadataFilter(key="year", value=2003, operator=FilterOperator.GT),
        ],
        condition=FilterCondition.OR,
    ),
    MetadataFilters(filters=[MetadataFilter(key="kind", value="owl")], condition=FilterCondition.NOT),
]


@pytest.mark.parametrize("filters", CASES)
@pytest.mark.parametrize("k", [2, 20])
def test_a_filtered_query_gives_what_their_own_store_gives(
    store: FootnoteVectorStore, filters: MetadataFilters, k: int
) -> None:
    kinds = ("otter", "bat", "owl")
    nodes = [
        node_of(
            f"{kinds[n % 3]} {n} sleeps", f"n{n}", f"d{n % 4}", kind=kinds[n % 3], year=2000 + n, tags=["wet"] * (n % 2)
        )
        for n in range(9)
    ]
    theirs = SimpleVectorStore()
    theirs.add(nodes)
    store.add(nodes)
    query = VectorStoreQuery(HashEmbedding().get_query_embedding("owl 5 sleeps"), k, filters=filters)
    # Equals may come in any order, so it is their scores that are compared.
    ours, expected = store.query(query), theirs.query(query)
    assert ours.similarities == pytest.approx(expected.similarities, abs=1e-3)
    if k == 20:
        assert set(ours.ids or ()) == set(expected.ids or ())


def test_filters_within_filters_are_understood(store: FootnoteVectorStore) -> None:
    either = MetadataFilters(
        filters=[MetadataFilter(key="kind", value="bat"), MetadataFilter(key="kind", value="owl")],
        condition=FilterCondition.OR,
    )
    late = MetadataFilter(key="year", value=2004, operator=FilterOperator.GTE)
    passes = passing(MetadataFilters(filters=[either, late]))
    assert [passes({"kind": kind, "year": year}) for kind in ("bat", "otter") for year in (2003, 2004)] == [
        False,
        True,
        False,
        False,
    ]
    with pytest.raises(InvalidRequest, match="year"):
        passes({"kind": "bat", "year": "unknown"})


def one(key: str, value: Any, operator: FilterOperator = FilterOperator.EQ) -> MetadataFilter:
    return MetadataFilter(key=key, value=value, operator=operator)


def test_filters_that_have_a_counterpart_become_ours() -> None:
    assert filters_from(Filters(tags=("a",))) == Filters(tags=("a",))
    assert filters_from(MetadataFilters(filters=[])) == Filters()
    found = filters_from(
        MetadataFilters(
            filters=[
                one("doc_id", ["a", "b"], FilterOperator.IN),
                one("source", "policies/"),
                one("file_type", "application/pdf"),
                one("language", "zh"),
                one("tags", ["x", "y"], FilterOperator.ANY),
                one("date", "2026-01-02", FilterOperator.GTE),
                one("date", "2026-03-01", FilterOperator.LT),
            ]
        )
    )
    assert found == Filters(
        document_ids=("a", "b"),
        sources=("policies/",),
        types=("application/pdf",),
        languages=("zh",),
        tags=("x", "y"),
        after=date(2026, 1, 2),
        before=date(2026, 2, 28),
    )
    either = MetadataFilters(filters=[one("tag", "x"), one("tag", "y")], condition=FilterCondition.OR)
    assert filters_from(either) == Filters(tags=("x", "y"))


@pytest.mark.parametrize(
    "filters",
    [
        MetadataFilters(filters=[one("author", "Mei")]),
        MetadataFilters(filters=[one("tag", "x", FilterOperator.NE)]),
        MetadataFilters(filters=[one("tag", 3)]),
        MetadataFilters(filters=[one("tag", "x"), one("tag", "y")]),
        MetadataFilters(filters=[one("tag", "x")], condition=FilterCondition.NOT),
        MetadataFilters(filters=[one("tag", "x"), one("source", "y")], condition=FilterCondition.OR),
        MetadataFilters(filters=[MetadataFilters(filters=[one("tag", "x")])]),
        MetadataFilters(filters=[one("date", "soon")]),
        MetadataFilters(filters=[one("date", "2026-01-01", FilterOperator.IN)]),
    ],
)
def test_filters_that_have_none_are_refused(filters: MetadataFilters) -> None:
    with pytest.raises(InvalidRequest) as caught:
        filters_from(filters)
    assert caught.value.hint
