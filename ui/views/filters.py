"""The small box above the question: which documents it is asked of. What can be chosen, the API says."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date
from typing import Any

import streamlit as st

from rag.wire import FacetOut, FacetsOut, FiltersIn
from ui.client import ApiDown, ApiError
from ui.session import client, collection, session, words

FRESH_SECONDS = 20.0  # the page runs again at every click; the documents do not change as often


def filter_box() -> FiltersIn | None:
    """Draw the box where there is anything to choose from; return what is chosen, None for everything."""
    facets = _facets()
    if facets is None or not facets.documents:
        return None
    say = words()
    with st.popover(say.filters, icon=":material/filter_list:", key="filters"):
        sources = _choice(say.filter_sources, "sources", facets.sources)
        types = _choice(say.filter_types, "types", facets.types, least=2)
        languages = _choice(say.filter_languages, "languages", facets.languages, least=2)
        tags = _choice(say.filter_tags, "tags", facets.tags)
        after = before = None
        if facets.first is not None:
            left, right = st.columns(2)
            after = _day(left, say.filter_after, "after", facets)
            before = _day(right, say.filter_before, "before", facets)
    if after is not None and before is not None and after > before:
        after, before = before, after
    chosen = FiltersIn(
        sources=sources, types=types, languages=languages, tags=tags, after=after, before=before, document_ids=None
    )
    return chosen if chosen.filters() else None


def chosen_line(filters: FiltersIn) -> str:
    """Say in one line what a question was limited to."""
    say = words()
    values = [
        value for some in (filters.sources, filters.types, filters.languages, filters.tags) for value in some or ()
    ]
    values += [f"≥ {filters.after}"] if filters.after else []
    values += [f"≤ {filters.before}"] if filters.before else []
    return f"{say.filtered_by}{say.colon}{say.comma.join(values)}"


def _choice(label: str, name: str, facets: Sequence[FacetOut], *, least: int = 1) -> list[str] | None:
    if len(facets) < least:
        return None
    counts = {facet.value: facet.documents for facet in facets}
    chosen: list[str] = st.multiselect(
        label,
        list(counts),
        key=f"filter-{name}-{collection()}",
        format_func=lambda value: f"{value} ({counts.get(value, 0)})",
        placeholder=words().filter_any,
    )
    return chosen or None


def _day(area: Any, label: str, name: str, facets: FacetsOut) -> date | None:
    chosen = area.date_input(
        label,
        value=None,
        min_value=facets.first,
        max_value=facets.last,
        key=f"filter-{name}-{collection()}",
        format="YYYY-MM-DD",
    )
    return chosen if isinstance(chosen, date) else None


def _facets() -> FacetsOut | None:
    """Ask the API now and then; without an answer there is nothing to choose, and the question goes to everything."""
    here = session()
    now = time.monotonic()
    held = here.facets.get(collection())
    if held is None or now - held[0] > FRESH_SECONDS:
        try:
            here.facets[collection()] = (now, client().facets(collection=collection()))
        except ApiDown:
            raise
        except ApiError:
            return None
    return here.facets[collection()][1]
