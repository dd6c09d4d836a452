"""Say of a filter that leaves nothing what may have been meant. Words for people; searches nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import islice

from rag.filters import Filters
from rag.library.columns import Columns
from rag.library.snapshot import Snapshot
from rag.library.tagging import fold_tag
from rag.media import short_name
from rag.paths import PathPattern, fold_path

MOST_NAMED = 8
MOST_COMPARED = 5000  # letter by letter, at some 50 us each
ANY_DEPTH = 99


def what_was_meant(snapshot: Snapshot, filters: Filters) -> list[str]:
    """Return a line for each value that no document meets; one for all where only together they leave none."""
    said = list(_values_met_by_none(snapshot, filters))
    if not said and not snapshot.matches(filters):
        said.append("no document meets all of the filters together")
    return said


def _values_met_by_none(snapshot: Snapshot, filters: Filters) -> Iterator[str]:
    for document_id in filters.document_ids:
        if not snapshot.matches(Filters(document_ids=(document_id,))):
            yield f"there is no document {document_id!r}; `footnote documents list` shows those there are"
    for pattern in filters.sources:
        if not snapshot.matches(Filters(sources=(pattern,))):
            yield f"no document stands at {pattern!r}{_elsewhere(snapshot, pattern)}"
    for name in filters.types:
        if not snapshot.matches(Filters(types=(name,))):
            known = [short_name(media_type) for media_type in snapshot.counts(Columns.types)]
            yield f"no document is of the type {name!r}{_there_are(known)}"
    for code in filters.languages:
        if not snapshot.matches(Filters(languages=(code,))):
            yield f"no document is in {code!r}{_there_are(snapshot.counts(Columns.languages))}"
    for tag in filters.tags:
        if not snapshot.matches(Filters(tags=(tag,))):
            tags = {folded: snapshot.shown_tag(folded) for folded in snapshot.counts(Columns.tags)}
            yield f"no document has the tag {tag!r}{_like(fold_tag(tag), tags) or _there_are(tags.values())}"
    days = Filters(after=filters.after, before=filters.before)
    if days and not snapshot.matches(days):
        facets = snapshot.facets()
        there = f"they are from {facets.first} to {facets.last}" if facets.first else "none has a date"
        yield f"no document is from these days; {there}"


def _elsewhere(snapshot: Snapshot, pattern: str) -> str:
    """Name a place that ends as the pattern does, or one much like it."""
    wanted = PathPattern.of(pattern)
    folders = snapshot.counts(lambda columns, mask: columns.folders(mask, ANY_DEPTH))
    known = {fold_path(folder): folder for folder in folders} | snapshot.places()
    ends = tuple(f"/{name}" for name in (wanted.file, wanted.folder) if name)
    deeper = next((name for name in known if name.endswith(ends)), None)
    if deeper is not None:
        return f"; did you mean {known[deeper]!r}?"
    return _like(wanted.file or wanted.folder, known) or _there_are(sorted(folders))


def _like(folded: str, known: Mapping[str, str]) -> str:
    near = get_close_matches(folded, list(islice(known, MOST_COMPARED)), n=1)
    return f"; did you mean {known[near[0]]!r}?" if near else ""


def _there_are(values: Iterable[str]) -> str:
    some = list(dict.fromkeys(values))
    more = ", …" if len(some) > MOST_NAMED else ""
    return f"; there are {', '.join(some[:MOST_NAMED])}{more}" if some else ""
