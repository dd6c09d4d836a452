"""Read a file as an ingest does, and keep what is dropped on the way. Runs in the reading process."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ingest.clean import clean
from ingest.read import html_furniture, read
from ingest.read.limits import Limits

_REPEATED = re.compile(r"on (\d+) pages")


@dataclass(frozen=True, slots=True)
class FirstReading:
    """text: what is indexed. read: before cleaning. dropped: what the reader has left out."""

    text: str
    read: str
    dropped: str


def first_reading(data: bytes, name: str, limits: Limits) -> FirstReading:
    """Raises the Unreadable family."""
    html_furniture.MAX_CHARACTERS = html_furniture.MAX_ROWS = sys.maxsize  # what people are told is cut short
    document = read(data, name, limits=limits)
    dropped = "\n".join(as_often_as_it_stood(document.metadata.get("dropped", ())))
    return FirstReading(clean(document).text, document.text, dropped)


def as_often_as_it_stood(rows: Iterable[dict[str, str]]) -> Iterator[str]:
    """Yield the texts of rows of what was dropped: a running line as often as there are pages that it stood on."""
    for row in rows:
        times = _REPEATED.search(row["reason"])
        yield from [row["text"]] * (int(times[1]) if times else 1)
