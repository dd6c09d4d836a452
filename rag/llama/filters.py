"""LlamaIndex's metadata filters: as ours where they can be, else asked of each node's metadata."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from llama_index.core.vector_stores.types import FilterCondition, FilterOperator, MetadataFilter, MetadataFilters
from llama_index.core.vector_stores.utils import build_metadata_filter_fn

from rag.errors import InvalidRequest
from rag.filters import Filters

# What a key is called in LlamaIndex's readers and stores, and here.
KINDS = {
    "document_id": "document_ids",
    "doc_id": "document_ids",
    "ref_doc_id": "document_ids",
    "source": "sources",
    "file_path": "sources",
    "mime": "types",
    "type": "types",
    "file_type": "types",
    "language": "languages",
    "tag": "tags",
    "tags": "tags",
}
DATES = ("date", "creation_date", "last_modified_date")
ANY_OF = (FilterOperator.EQ, FilterOperator.IN, FilterOperator.CONTAINS, FilterOperator.ANY)
HINT = f"filter by {', '.join(sorted(KINDS))} with ==, in or any, or by date with ==, >, >=, < or <="
DAY = timedelta(days=1)


def filters_from(filters: Filters | MetadataFilters) -> Filters:
    """Return the same filters as ours. Raises InvalidRequest, naming what has no counterpart."""
    if isinstance(filters, Filters):
        return filters
    if filters.condition is FilterCondition.NOT:
        raise InvalidRequest("a filter that negates has no counterpart", hint=HINT)
    values: dict[str, tuple[str, ...]] = {}
    after: date | None = None
    before: date | None = None
    for one in filters.filters:
        if isinstance(one, MetadataFilters):
            raise InvalidRequest("filters within filters have no counterpart", hint=HINT)
        if one.key in DATES:
            first, last = _dates(one)
            after = max(filter(None, (after, first)), default=None)
            before = min(filter(None, (before, last)), default=None)
        else:
            kind, some = _values(one)
            known = values.get(kind)
            if known is not None and filters.condition is not FilterCondition.OR:
                raise InvalidRequest(f"two filters by {one.key} that must both hold have no counterpart", hint=HINT)
            values[kind] = (*(known or ()), *some)
    kinds = len(values) + bool(after or before)
    if filters.condition is FilterCondition.OR and (kinds > 1 or (after and before)):
        raise InvalidRequest("`or` between filters of several kinds has no counterpart", hint=HINT)
    return Filters(**values, after=after, before=before)


def passing(filters: MetadataFilters | None) -> Callable[[Mapping[str, Any]], bool]:
    """Return whether metadata passes, as LlamaIndex's own stores see it; filters may stand within filters."""
    if filters is None or not filters.filters:
        return lambda _: True
    tests = [_test(one) for one in filters.filters]
    if filters.condition is FilterCondition.OR:
        return lambda metadata: any(test(metadata) for test in tests)
    if filters.condition is FilterCondition.NOT:
        return lambda metadata: not any(test(metadata) for test in tests)
    return lambda metadata: all(test(metadata) for test in tests)


def _test(one: MetadataFilter | MetadataFilters) -> Callable[[Mapping[str, Any]], bool]:
    if isinstance(one, MetadataFilters):
        return passing(one)
    alone = MetadataFilters(filters=[one])

    def test(metadata: Mapping[str, Any]) -> bool:
        try:
            return build_metadata_filter_fn(lambda _: metadata, alone)("")
        except TypeError as error:  # a number compared with a word
            raise InvalidRequest(f"filter {one.key} {one.operator.value} {one.value!r}: {error}") from error

    return test


def _values(one: MetadataFilter) -> tuple[str, tuple[str, ...]]:
    kind = KINDS.get(one.key)
    if kind is None or one.operator not in ANY_OF:
        raise InvalidRequest(f"the filter {one.key} {one.operator.value} has no counterpart", hint=HINT)
    some = one.value if isinstance(one.value, list) else [one.value]
    if not some or not all(isinstance(value, str) and value for value in some):
        raise InvalidRequest(f"the filter {one.key} wants words, not {one.value!r}", hint=HINT)
    return kind, tuple(str(value) for value in some)


def _dates(one: MetadataFilter) -> tuple[date | None, date | None]:
    """Return the first and the last day that pass."""
    try:
        day = date.fromisoformat(str(one.value)[:10])
    except ValueError as error:
        raise InvalidRequest(f"the filter {one.key} wants a date, not {one.value!r}", hint="2026-03-31") from error
    limits: dict[FilterOperator, tuple[date | None, date | None]] = {
        FilterOperator.EQ: (day, day),
        FilterOperator.GTE: (day, None),
        FilterOperator.GT: (day + DAY, None),
        FilterOperator.LTE: (None, day),
        FilterOperator.LT: (None, day - DAY),
    }
    if one.operator not in limits:
        raise InvalidRequest(f"the filter {one.key} {one.operator.value} has no counterpart", hint=HINT)
    return limits[one.operator]
