"""What documents are filtered by, a card each, read from the truth. Knows nothing of filters."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, func, select

from rag.library.store import VARIABLES, current_generation, in_batches
from rag.library.tables import chunks, documents, sources, tags
from rag.library.tagging import with_keywords

Item = TypeVar("Item")

NO_DAY = 0  # of what has no date; day 1 is the first of January of the year 1
DATES = ("modified", "created", "date")  # in a document's metadata, the telling ones first
NANOSECONDS = 1_000_000_000

_YEAR = re.compile(r"\s*([12]\d{3})(?:[-/](\d{1,2}))?\s*")
_DAY = re.compile(r"([12]\d{3})\s*[-/.:年]\s*(\d{1,2})\s*[-/.:月]\s*(\d{1,2})")


@dataclass(frozen=True, slots=True)
class Card:
    """first and last: the run of its chunks' keys, both ends included; (0, -1) where it has none."""

    document_id: str
    first: int
    last: int
    mime: str
    language: str
    day: int  # days since the year 1 began, of UTC
    tags: tuple[str, ...]
    sources: tuple[str, ...]  # labels of all locations it stands at


def read_cards(connection: Connection, document_ids: Collection[str] | None = None) -> list[Card]:
    """Return the cards of these documents, those that are there; None: of all."""
    if document_ids is None:
        return _cards(connection, ())
    found: list[Card] = []
    for some in in_batches(document_ids, VARIABLES):
        found += _cards(connection, (documents.c.id.in_(some),))
    return found


def _cards(connection: Connection, which: tuple[Any, ...]) -> list[Card]:
    mine = select(documents.c.number).where(*which)
    runs_of = select(chunks.c.document, func.min(chunks.c.key), func.max(chunks.c.key))
    runs_of = runs_of.where(chunks.c.generation == current_generation()).group_by(chunks.c.document)
    places_of = select(sources.c.document, sources.c.source, sources.c.mtime_ns).order_by(sources.c.location)
    tags_of = select(tags.c.document, tags.c.tag)
    if which:
        runs_of = runs_of.where(chunks.c.document.in_(mine))
        places_of = places_of.where(sources.c.document.in_(mine))
        tags_of = tags_of.where(tags.c.document.in_(mine))
    runs = {number: (first, last) for number, first, last in connection.execute(runs_of)}
    places = _gathered((number, (label, time)) for number, label, time in connection.execute(places_of))
    given = _gathered((number, tag) for number, tag in connection.execute(tags_of))
    query = select(*(documents.c[name] for name in ("number", "id", "mime", "language", "metadata"))).where(*which)
    return [
        _card(row, runs.get(row.number, (0, -1)), places.get(row.number, ()), given.get(row.number, ()))
        for row in connection.execute(query)
    ]


def _card(row: Any, run: tuple[int, int], places: Collection[tuple[str, int]], given: Collection[str]) -> Card:
    facts = json.loads(row.metadata)
    return Card(
        document_id=row.id,
        first=run[0],
        last=run[1],
        mime=row.mime.casefold(),
        language=row.language.casefold().replace("_", "-"),
        day=own_day(facts, [time for _, time in places]),
        tags=with_keywords(given, facts),
        sources=tuple(label for label, _ in places),
    )


def own_day(metadata: Mapping[str, Any], times: Iterable[int]) -> int:
    """Return the day of the document itself, else the earliest of its files' times, in nanoseconds; NO_DAY without.

    A copy of a file is younger than what it says; an upload has no time.
    """
    for name in DATES:
        day = _day(metadata.get(name))
        if day != NO_DAY:
            return day
    seconds = min((time // NANOSECONDS for time in times if time > 0), default=None)
    if seconds is None:
        return NO_DAY
    with suppress(OverflowError, ValueError, OSError):  # a time beyond the calendar
        return datetime.fromtimestamp(seconds, UTC).toordinal()
    return NO_DAY


def own_date(metadata: Mapping[str, Any]) -> str | None:
    """Return the document's own day, ISO 8601; its files' times say too little of it to be told to readers."""
    day = own_day(metadata, ())
    return None if day == NO_DAY else date.fromordinal(day).isoformat()


def _day(value: Any) -> int:
    """Read a date as files have it: ISO 8601 and its beginnings, a mail's, or year, month and day in some form."""
    if not isinstance(value, str):
        return NO_DAY
    with suppress(ValueError, OverflowError):
        return _in_utc(datetime.fromisoformat(value.strip()))
    with suppress(ValueError):
        if (part := _YEAR.fullmatch(value)) is not None:
            return date(int(part[1]), int(part[2] or 1), 1).toordinal()
        if (part := _DAY.search(value)) is not None:
            return date(int(part[1]), int(part[2]), int(part[3])).toordinal()
    with suppress(ValueError, OverflowError, TypeError):
        return _in_utc(parsedate_to_datetime(value))
    return NO_DAY


def _in_utc(moment: datetime) -> int:
    """A time that names no zone is taken as it stands."""
    return (moment if moment.tzinfo is None else moment.astimezone(UTC)).toordinal()


def _gathered(rows: Iterable[tuple[int, Item]]) -> Mapping[int, list[Item]]:
    found: defaultdict[int, list[Item]] = defaultdict(list)
    for number, item in rows:
        found[number].append(item)
    return found
