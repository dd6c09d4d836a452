"""What is said in chunks, and above them: for those who look at many chunks and read none of them on.

Of a short document the database hands out the chunk alone; a long one comes from the cache of documents, or from
scanning it anew for each of its chunks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy import bindparam, case, func, select

from rag.library.database import Database
from rag.library.pack import unpack_headings
from rag.library.tables import chunks, documents, manifest
from rag.types import Document

LONG_CHARACTERS = 50_000

_EXCERPTS = (
    select(
        chunks.c.key,
        documents.c.id,
        documents.c.title,
        chunks.c.headings,
        chunks.c.start,
        chunks.c.end,
        case(
            (
                documents.c.characters < LONG_CHARACTERS,
                func.substr(documents.c.text, chunks.c.start + 1, chunks.c.end - chunks.c.start),
            )
        ).label("body"),
    )
    .join(documents, documents.c.number == chunks.c.document)
    .where(
        chunks.c.key.in_(bindparam("keys", expanding=True)),
        chunks.c.generation == select(manifest.c.generation).scalar_subquery(),
    )
)


def read_excerpts(database: Database, keys: Iterable[int], whole: Callable[[str], Document]) -> dict[int, str]:
    """Return title, headings and text of each chunk that is there, a line each. whole: the document of an id."""
    with database.reading() as connection:
        rows = connection.execute(_EXCERPTS, {"keys": list(keys)}).all()
    found: dict[int, str] = {}
    for key, document_id, title, headings, start, end, body in rows:
        text = whole(document_id).text[start:end] if body is None else body
        above = dict.fromkeys(part for part in (title, *unpack_headings(headings)) if part)
        found[key] = "\n".join([*above, text])
    return found
