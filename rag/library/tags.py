"""Tag documents. Each change is one transaction; it needs no lease, since it touches no index."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, select

from rag.errors import InvalidRequest
from rag.library.database import Database
from rag.library.store import VARIABLES, in_batches, missing_document
from rag.library.tables import documents, tags
from rag.library.tagging import checked_tags, fold_tag, given_tags, keywords_of
from rag.library.writing import log


class Tags:
    def __init__(self, database: Database) -> None:
        self._database = database

    def change(self, document_ids: Iterable[str], *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Give documents tags, and take tags away; what is so already stays so. All of it, or nothing.

        Raises NotFound, and InvalidRequest for what cannot be a tag, or is a document's own keyword to be taken away.
        """
        more, less = checked_tags(add), checked_tags(remove)
        gone = {fold_tag(tag) for tag in less}
        with self._database.writing() as connection:
            for some in in_batches(dict.fromkeys(document_ids), VARIABLES):
                documents_there = _tagged(connection, some)
                held = given_tags(connection, [number for number, _ in documents_there.values()])
                for document_id, (number, own) in documents_there.items():
                    has = held.get(number, [])
                    _check_own(document_id, has, own, less)
                    kept = [tag for tag in has if fold_tag(tag) not in gone]
                    _write(connection, number, document_id, has, checked_tags([*kept, *more]))

    def replace(self, document_id: str, wanted: Iterable[str]) -> None:
        """Let a document have these tags, and its own keywords. Raises NotFound, InvalidRequest."""
        chosen = checked_tags(wanted)
        with self._database.writing() as connection:
            number, own = _tagged(connection, [document_id])[document_id]
            held = given_tags(connection, [number]).get(number, [])
            given = {fold_tag(tag) for tag in held}
            # What comes back as it was shown must not make tags of keywords.
            keywords = {fold_tag(keyword) for keyword in own} - given
            kept = tuple(tag for tag in chosen if fold_tag(tag) not in keywords)
            _write(connection, number, document_id, held, kept)


def _tagged(connection: Connection, document_ids: Sequence[str]) -> dict[str, tuple[int, tuple[str, ...]]]:
    """Return each document's number and its own keywords. Raises NotFound."""
    query = select(documents.c.id, documents.c.number, documents.c.metadata).where(documents.c.id.in_(document_ids))
    found = {row.id: (row.number, keywords_of(json.loads(row.metadata))) for row in connection.execute(query)}
    for document_id in document_ids:
        if document_id not in found:
            raise missing_document(document_id)
    return found


def _check_own(document_id: str, held: Iterable[str], own: Iterable[str], less: Iterable[str]) -> None:
    given = {fold_tag(tag) for tag in held}
    keywords = {fold_tag(keyword) for keyword in own}
    for tag in less:
        if fold_tag(tag) in keywords - given:
            raise InvalidRequest(
                f"{tag!r} is a keyword that document {document_id} names itself",
                hint="only tags that people gave can be taken away; change the file, and ingest it again",
            )


def _write(connection: Connection, number: int, document_id: str, held: Iterable[str], wanted: tuple[str, ...]) -> None:
    if sorted(held) == sorted(wanted):
        return
    connection.execute(delete(tags).where(tags.c.document == number))
    if wanted:
        connection.execute(tags.insert(), [{"document": number, "tag": tag} for tag in wanted])
    log(connection, "tags", document_id, None, None)
