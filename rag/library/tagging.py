"""What documents are tagged with: what people gave them, then the keywords that they name themselves.

Knows nothing of who may change them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, select

from rag.errors import InvalidRequest
from rag.library.store import VARIABLES, in_batches
from rag.library.tables import tags
from rag.text import fold

LONGEST_TAG = 100
KEYWORDS = "keywords"  # in a document's metadata
MOST_KEYWORDS = 50  # of one document: some name half their index
_SEPARATORS = re.compile(r"[,;，；、|\n]")


@lru_cache(maxsize=10_000)
def fold_tag(tag: str) -> str:
    """Return what tags are compared by: neither case nor width nor script tells two apart."""
    return " ".join(fold(tag).split())


def checked_tags(given: Iterable[str]) -> tuple[str, ...]:
    """Return tags as they are stored, each once. Raises InvalidRequest."""
    cleaned: dict[str, str] = {}
    for one in given:
        tag = " ".join(unicodedata.normalize("NFC", one).split())
        if not tag or len(tag) > LONGEST_TAG or not tag.isprintable():
            raise InvalidRequest(
                f"{one[:LONGEST_TAG]!r} cannot be a tag", hint=f"a tag is a word or a few, of {LONGEST_TAG} characters"
            )
        cleaned.setdefault(fold_tag(tag), tag)
    return tuple(cleaned.values())


def keywords_of(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keywords that a document names itself, as tags."""
    found = metadata.get(KEYWORDS)
    parts = found if isinstance(found, list) else _SEPARATORS.split(found) if isinstance(found, str) else []
    words = (" ".join(part.split()) for part in parts if isinstance(part, str))
    return tuple(dict.fromkeys(word for word in words if 0 < len(word) <= LONGEST_TAG))[:MOST_KEYWORDS]


def with_keywords(given: Iterable[str], metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """Return all that a document is tagged with, each once."""
    every: dict[str, str] = {}
    for tag in (*given, *keywords_of(metadata)):
        every.setdefault(fold_tag(tag), tag)
    return tuple(every.values())


def given_tags(connection: Connection, numbers: Iterable[int]) -> Mapping[int, list[str]]:
    """Return the tags that people gave these documents, by the documents' numbers."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for some in in_batches(numbers, VARIABLES):
        query = select(tags.c.document, tags.c.tag).where(tags.c.document.in_(some)).order_by(tags.c.tag)
        for row in connection.execute(query):
            found[row.document].append(row.tag)
    return found


def hand_on_tags(connection: Connection, before: int, after: int) -> None:
    """Give a document the tags of the one whose place it takes."""
    given = given_tags(connection, (before, after))
    has = {fold_tag(tag) for tag in given.get(after, ())}
    more = [tag for tag in given.get(before, ()) if fold_tag(tag) not in has]
    if more:
        connection.execute(tags.insert(), [{"document": after, "tag": tag} for tag in more])
