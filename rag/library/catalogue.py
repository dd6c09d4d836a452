"""The truth's card index: documents and sources as lists show them, and what refers to which bytes. Writes nothing."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, or_, select, union_all

from rag.errors import NotFound
from rag.library.database import Database
from rag.library.masked import unmasked
from rag.library.records import DocumentRow, SourceRow
from rag.library.store import VARIABLES, current_generation, in_batches, missing_document, text_sha256
from rag.library.tables import chunks, documents, jobs, runtimes, signatures, sources
from rag.library.tagging import given_tags, with_keywords
from rag.types import Span

CROWD = 200  # documents looked at of each band
SHA256 = re.compile(r"[0-9a-f]{64}")


class Catalogue:
    def __init__(self, database: Database) -> None:
        self.database = database

    def count_documents(self) -> int:
        with self.database.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(documents)).scalar_one())

    def counts(self) -> tuple[int, int, int]:
        """Documents, characters of their texts, sources."""
        with self.database.reading() as connection:
            amount, characters = connection.execute(
                select(func.count(), func.coalesce(func.sum(documents.c.characters), 0)).select_from(documents)
            ).one()
            located = connection.execute(select(func.count()).select_from(sources)).scalar_one()
        return amount, characters, located

    def runtimes(self) -> tuple[str, ...]:
        """What has made the vectors, oldest first."""
        with self.database.reading() as connection:
            return tuple(connection.execute(select(runtimes.c.name).order_by(runtimes.c.since)).scalars())

    def document_row(self, document_id: str) -> DocumentRow:
        with self.database.reading() as connection:
            rows = _document_rows(connection, _listing().where(documents.c.id == document_id))
        if not rows:
            raise missing_document(document_id)
        return rows[0]

    def document_rows(self, limit: int, after: str | None) -> list[DocumentRow]:
        """By source, then id; after is the last id of the page before. Raises NotFound where that one is gone."""
        query = _listing().order_by(documents.c.source, documents.c.id).limit(limit)
        with self.database.reading() as connection:
            if after is not None:
                last = connection.execute(select(documents.c.source).where(documents.c.id == after)).scalar()
                if last is None:
                    raise NotFound(f"no document {after} to go on from", hint="list from the beginning again")
                query = query.where(
                    or_(documents.c.source > last, and_(documents.c.source == last, documents.c.id > after))
                )
            return _document_rows(connection, query)

    def document_with_bytes(self, sha256: str, reader: str) -> str | None:
        query = select(documents.c.id).where(documents.c.sha256 == sha256, documents.c.reader == reader)
        with self.database.reading() as connection:
            return connection.execute(query.order_by(documents.c.number).limit(1)).scalar()

    def document_with_text(self, text: str) -> str | None:
        query = select(documents.c.id).where(documents.c.text_sha256 == text_sha256(text))
        with self.database.reading() as connection:
            return connection.execute(query.order_by(documents.c.number).limit(1)).scalar()

    def documents_sharing(self, bands: Collection[int], reader: str, characters: Span, limit: int) -> list[str]:
        """Those of this reader with so many characters that share a band, the most bands first, then the oldest."""
        wanted = sorted(set(bands))
        if not wanted:
            return []
        values = {
            "reader": reader,
            "shortest": characters.start,
            "beyond": characters.end,
            "crowd": CROWD,
            "limit": limit,
        }
        values |= {f"band{place}": band for place, band in enumerate(wanted)}
        with self.database.reading() as connection:
            return list(connection.execute(_sharing(len(wanted)), values).scalars())

    def bytes_of(self, document_id: str) -> str:
        with self.database.reading() as connection:
            found = connection.execute(select(documents.c.sha256).where(documents.c.id == document_id)).scalar()
        if found is None:
            raise missing_document(document_id)
        return str(found)

    def text_hash_of(self, document_id: str) -> str | None:
        with self.database.reading() as connection:
            return connection.execute(select(documents.c.text_sha256).where(documents.c.id == document_id)).scalar()

    def documents_nowhere(self) -> list[str]:
        query = select(documents.c.id).where(documents.c.number.not_in(select(sources.c.document)))
        with self.database.reading() as connection:
            return list(connection.execute(query).scalars())

    def referenced(self) -> set[str]:
        """The sha256 of every original that a document, a source or an unfinished job may still need."""
        with self.database.reading() as connection:
            kept = select(documents.c.sha256).where(unmasked())
            located = select(sources.c.sha256).join(documents, documents.c.number == sources.c.document)
            found = set(connection.execute(kept.union(located.where(unmasked()))).scalars())
            unfinished = select(jobs.c.payload).where(jobs.c.state.in_(("queued", "running")))
            for payload in connection.execute(unfinished).scalars():
                found.update(SHA256.findall(payload))
        return found

    def sources(self, under: str | None = None) -> list[SourceRow]:
        query = _source_rows().order_by(sources.c.location)
        folder = under.rstrip("/") + "/" if under is not None else ""
        if under is not None:  # a range, since LIKE folds case in SQLite; "0" is the character after "/"
            query = query.where(
                or_(
                    sources.c.location == under,
                    and_(sources.c.location >= folder, sources.c.location < folder[:-1] + "0"),
                )
            )
        with self.database.reading() as connection:
            return [SourceRow(*row) for row in connection.execute(query)]

    def source_at(self, location: str) -> SourceRow | None:
        with self.database.reading() as connection:
            row = connection.execute(_source_rows().where(sources.c.location == location)).first()
        return SourceRow(*row) if row else None


@lru_cache(maxsize=8)  # to put it together takes longer than to ask it
def _sharing(amount: int) -> Select[Any]:
    # Letters on one form crowd a few bands; of each a part is enough, since the rarer bands tell more.
    crowds = [
        select(
            select(signatures.c.document)
            .where(signatures.c.hash == bindparam(f"band{place}"))
            .limit(bindparam("crowd"))
            .subquery()
        )
        for place in range(amount)
    ]
    sharing = union_all(*crowds).subquery()
    return (
        select(documents.c.id)
        .join(sharing, sharing.c.document == documents.c.number)
        .where(documents.c.reader == bindparam("reader"))
        .where(documents.c.characters >= bindparam("shortest"), documents.c.characters < bindparam("beyond"))
        .group_by(documents.c.number)
        .order_by(func.count().desc(), documents.c.number)
        .limit(bindparam("limit"))
    )


def _listing() -> Select[Any]:
    names = "number id title source mime language version characters pages added_at metadata location".split()
    amount = (
        select(func.count())
        .select_from(chunks)
        .where(chunks.c.document == documents.c.number, chunks.c.generation == current_generation())
        .scalar_subquery()
    )
    return select(*(documents.c[name] for name in names), amount.label("chunks"))


def _document_rows(connection: Connection, query: Select[Any]) -> list[DocumentRow]:
    rows = connection.execute(query).all()
    others: defaultdict[int, list[str]] = defaultdict(list)
    primary = {row.number: row.location for row in rows}
    for some in in_batches(primary, VARIABLES):
        query = select(sources.c.document, sources.c.location, sources.c.source).where(sources.c.document.in_(some))
        for row in connection.execute(query.order_by(sources.c.location)):
            if row.location != primary[row.document]:
                others[row.document].append(row.source)
    given = given_tags(connection, primary)
    facts = {row.number: json.loads(row.metadata) for row in rows}
    return [
        DocumentRow(
            id=row.id,
            title=row.title,
            source=row.source,
            mime=row.mime,
            language=row.language,
            version=row.version,
            chunks=row.chunks,
            characters=row.characters,
            pages=row.pages,
            added_at=row.added_at,
            metadata=facts[row.number],
            also_at=tuple(others[row.number]),
            tags=with_keywords(given.get(row.number, ()), facts[row.number]),
        )
        for row in rows
    ]


def _source_rows() -> Select[Any]:
    names = ("location", "source", "sha256", "size", "mtime_ns")
    return select(*(sources.c[name] for name in names), documents.c.id, sources.c.reader).join(
        documents, documents.c.number == sources.c.document
    )
