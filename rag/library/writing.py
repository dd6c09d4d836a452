"""The truth, written: each function is one transaction. Knows nothing of indexes; its caller holds the lease."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import numpy as np
from sqlalchemy import Connection, Row, delete, func, or_, select, update

from rag.errors import InvalidRequest, LibraryMismatch
from rag.library.database import Database, now
from rag.library.masked import unmasked
from rag.library.pack import pack_blocks, pack_headings, pack_metadata, pack_vectors
from rag.library.records import FileFacts, Manifest
from rag.library.store import BATCH, VARIABLES, in_batches, missing_document, storable, text_sha256
from rag.library.tables import chunks, documents, jobs, manifest, operations, runtimes, signatures, sources, vectors
from rag.library.tagging import hand_on_tags
from rag.ports import Matrix
from rag.types import BlockKind, Chunk, Document

NORM_TOLERANCE = 0.01
AnyRow = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Written:
    """What a transaction did: the document as stored, and the originals that nothing refers to any more."""

    document: Document | None
    orphans: frozenset[str]


def put(
    database: Database,
    document: Document,
    some: Sequence[Chunk],
    matrix: Matrix,
    facts: FileFacts,
    maker: Manifest,
    bands: Collection[int],
) -> Written:
    """Store a document at a location, in the place of what stood there.

    maker: what made the chunks and vectors. bands: what its near duplicates are found by. Raises LibraryMismatch where
    a rebuild has put another maker in its place, InvalidRequest.
    """
    reader = maker.reader
    values = _document_values(document, facts, reader)
    with database.writing() as connection:
        row = connection.execute(select(manifest)).one()
        _check_maker(database, row, maker)
        check_chunks(document, some, matrix, row.dimension)
        before = _at(connection, facts.location)
        same = connection.execute(select(documents).where(documents.c.id == document.id)).first()
        if same is None:
            version = before.version + 1 if before else 1
            values |= {
                "id": document.id,
                "location": facts.location,
                "source": storable(facts.source),
                "version": version,
            }
            number = _inserted(connection, values)
        else:  # its bytes were read anew: the same document, with another text perhaps
            number, version = same.number, same.version + int(same.text != document.text)
            _remove_chunks(connection, number, document.id)
            del values["added_at"]
            connection.execute(update(documents).where(documents.c.number == number).values(version=version, **values))
        _sign(connection, number, bands)
        first, last = insert_chunks(connection, number, row.generation, some, matrix)
        log(connection, "add", document.id, first, last)
        orphans = _point(connection, facts, number, reader, before)
        if same is not None:
            _settle(connection, number)
        label = connection.execute(select(documents.c.source).where(documents.c.number == number)).scalar_one()
    return Written(replace(document, title=storable(document.title), source=label, version=version), orphans)


def put_duplicate(database: Database, facts: FileFacts, document_id: str, reader: str) -> Written:
    """Say that a document stands at one more location. Raises NotFound."""
    with database.writing() as connection:
        number = _number(connection, document_id)
        before = _at(connection, facts.location)
        orphans = _point(connection, facts, number, reader, before)
        _settle(connection, number)
        return Written(None, orphans)


def touch(database: Database, facts: FileFacts) -> None:
    mine = (sources.c.location == facts.location, sources.c.sha256 == facts.sha256)
    with database.writing() as connection:
        query = select(documents.c.id).join(sources, sources.c.document == documents.c.number)
        document_id = connection.execute(query.where(*mine, sources.c.mtime_ns != facts.mtime_ns)).scalar()
        connection.execute(update(sources).where(*mine).values(size=facts.size, mtime_ns=facts.mtime_ns))
        if document_id is not None:
            log(connection, "source", document_id, None, None)


def forget(database: Database, location: str) -> Written | None:
    """Drop a location, and its document where no other location has it. None where nothing stood there."""
    with database.writing() as connection:
        before = _at(connection, location)
        if before is None:
            return None
        connection.execute(delete(sources).where(sources.c.location == location))
        _settle(connection, before.number)
        return Written(None, _orphans(connection, {before.sha256, before.document_sha256}))


def remove(database: Database, document_id: str) -> Written:
    """Drop a document and every location of it. Raises NotFound."""
    with database.writing() as connection:
        number = _number(connection, document_id)
        query = select(sources.c.sha256).where(sources.c.document == number)
        hashes = set(connection.execute(query).scalars())
        hashes.add(connection.execute(select(documents.c.sha256).where(documents.c.number == number)).scalar_one())
        connection.execute(delete(sources).where(sources.c.document == number))
        _settle(connection, number)
        return Written(None, _orphans(connection, hashes))


def unneeded(database: Database, hashes: set[str]) -> frozenset[str]:
    """Return those originals that nothing needs any more."""
    with database.writing() as connection:  # so that nobody queues a job for them meanwhile
        return _orphans(connection, hashes)


def fill_manifest(database: Database, wanted: Manifest) -> None:
    """Write what the stored manifest leaves blank."""
    names = ("embedder", "fingerprint", "chunker", "reader")
    with database.writing() as connection:
        row = connection.execute(select(manifest)).one()._asdict()
        blanks: dict[str, Any] = {name: getattr(wanted, name) for name in names if row[name] == ""}
        if row["dimension"] == 0:
            blanks["dimension"] = wanted.dimension
        if blanks:  # another process may have opened it a moment before
            connection.execute(update(manifest).values(**blanks))


def note_runtime(database: Database, name: str) -> None:
    """Write down what makes vectors, where it is not written yet."""
    with database.writing() as connection:
        if connection.execute(select(runtimes.c.name).where(runtimes.c.name == name)).first() is None:
            connection.execute(runtimes.insert().values(name=name, since=now()))


def store_generation(
    database: Database, generation: int, document_id: str, some: Sequence[Chunk], matrix: Matrix, dimension: int
) -> None:
    """Write a document's chunks beside those that answer now."""
    with database.writing() as connection:
        row = connection.execute(select(documents).where(documents.c.id == document_id)).first()
        if row is None:
            raise missing_document(document_id)
        bare = Document(row.id, row.title, row.source, row.mime, row.text)
        check_chunks(bare, some, matrix, dimension)
        insert_chunks(connection, row.number, generation, some, matrix)


def flip_generation(database: Database, generation: int, wanted: Manifest) -> None:
    """Let another generation answer from this commit on, with the manifest that made it."""
    values: dict[str, Any] = {
        name: getattr(wanted, name)
        for name in ("embedder", "fingerprint", "dimension", "chunker", "reader")
        if getattr(wanted, name)
    }
    with database.writing() as connection:
        connection.execute(update(manifest).values(generation=generation, **values))
        connection.execute(delete(runtimes))
        log(connection, "generation", "", None, None)


def drop_other_generations(database: Database) -> None:
    """Delete the chunks of finished and of broken-off rebuilds, some at a time."""
    current = select(manifest.c.generation).scalar_subquery()
    while True:
        with database.writing() as connection:
            query = select(chunks.c.key).where(chunks.c.generation != current).limit(VARIABLES * 20)
            stale = list(connection.execute(query).scalars())
            for keys in in_batches(stale, VARIABLES):
                connection.execute(delete(vectors).where(vectors.c.key.in_(keys)))
                connection.execute(delete(chunks).where(chunks.c.key.in_(keys)))
        if not stale:
            return


def _check_maker(database: Database, row: AnyRow, maker: Manifest) -> None:
    for name in ("fingerprint", "dimension", "chunker", "reader"):
        stands, came = getattr(row, name), getattr(maker, name)
        if came and stands != came:
            raise LibraryMismatch(
                f"{database.path.parent} was rebuilt meanwhile: its {name} is {stands!r}, not {came!r}",
                hint="start again, with the embedder and chunker that the library now names",
            )


def check_chunks(document: Document, some: Sequence[Chunk], matrix: Matrix, dimension: int) -> None:
    """Raises InvalidRequest, naming the chunk, where spans or vectors cannot be what they say they are."""
    if matrix.shape != (len(some), dimension):
        raise InvalidRequest(
            f"{document.source}: {len(some)} chunks of dimension {dimension} came with vectors of shape {matrix.shape}"
        )
    before = 0
    for chunk in some:
        if chunk.document_id != document.id:
            raise InvalidRequest(f"{document.source}: a chunk of {chunk.document_id} came with document {document.id}")
        if not 0 <= chunk.start < chunk.end <= len(document.text):
            raise InvalidRequest(f"{document.source}: chunk [{chunk.start}, {chunk.end}) lies outside the text")
        if chunk.start < before:  # their keys follow this order, and neighbours are found by them
            raise InvalidRequest(f"{document.source}: chunk [{chunk.start}, {chunk.end}) comes after a later one")
        before = chunk.start
    norms = np.sqrt(np.einsum("ij,ij->i", matrix, matrix, dtype=np.float64))  # no copy: of a long document it is large
    wrong = np.flatnonzero(~(np.abs(norms - 1.0) <= NORM_TOLERANCE))  # so written, NaN is wrong too
    if wrong.size:
        raise InvalidRequest(
            f"{document.source}: the vector of chunk {wrong[0]} has length {norms[wrong[0]]:.3g}, not 1",
            hint="the embedder must return unit rows; check its weights",
        )


def insert_chunks(
    connection: Connection, number: int, generation: int, some: Sequence[Chunk], matrix: Matrix
) -> tuple[int | None, int | None]:
    """Give the chunks a run of keys that was never used, in their order; return its first and last."""
    if not some:
        return None, None
    first = connection.execute(select(manifest.c.next_key)).scalar_one()
    connection.execute(update(manifest).values(next_key=first + len(some)))
    for done in range(0, len(some), BATCH):
        batch, start = some[done : done + BATCH], first + done
        rows = [
            {
                "key": start + place,
                "generation": generation,
                "document": number,
                "start": chunk.start,
                "end": chunk.end,
                "headings": pack_headings(chunk.headings),
            }
            for place, chunk in enumerate(batch)
        ]
        connection.execute(chunks.insert(), rows)
        packed = pack_vectors(matrix[done : done + BATCH])
        values = [{"key": start + place, "vector": row} for place, row in enumerate(packed)]
        connection.execute(vectors.insert(), values)
    return first, first + len(some) - 1


def log(connection: Connection, kind: str, document_id: str, first: int | None, last: int | None) -> None:
    connection.execute(
        operations.insert().values(
            kind=kind, document_id=document_id, first_key=first, last_key=last, mark=uuid4().hex, at=now()
        )
    )


def _document_values(document: Document, facts: FileFacts, reader: str) -> dict[str, Any]:
    _check_blocks(document)
    pages = document.metadata.get("pages")
    if not isinstance(pages, int):
        pages = max((block.box.page for block in document.blocks if block.box), default=None)
    return {
        "title": storable(document.title),
        "mime": document.mime,
        "language": document.language,
        "sha256": facts.sha256,
        "reader": reader,
        "text": document.text,
        "text_sha256": text_sha256(document.text),
        "characters": len(document.text),
        "pages": pages,
        "blocks": pack_blocks(document.blocks),
        "metadata": pack_metadata(document.metadata),
        "added_at": now(),
    }


def _check_blocks(document: Document) -> None:
    end = 0
    for block in document.blocks:
        if not 0 <= block.start <= block.end <= len(document.text):
            raise InvalidRequest(f"{document.source}: block [{block.start}, {block.end}) lies outside the text")
        if block.kind is not BlockKind.LINE:
            if block.start < end:
                raise InvalidRequest(f"{document.source}: block [{block.start}, {block.end}) begins inside another")
            end = block.end


def _inserted(connection: Connection, values: dict[str, Any]) -> int:
    key = connection.execute(documents.insert().values(**values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def _sign(connection: Connection, number: int, bands: Collection[int]) -> None:
    """They go with their document: the table says so."""
    connection.execute(delete(signatures).where(signatures.c.document == number))
    if bands:
        connection.execute(signatures.insert(), [{"hash": band, "document": number} for band in sorted(set(bands))])


def _at(connection: Connection, location: str) -> AnyRow | None:
    return connection.execute(
        select(
            sources.c.sha256,
            documents.c.number,
            documents.c.version,
            documents.c.sha256.label("document_sha256"),
        )
        .join(documents, documents.c.number == sources.c.document)
        .where(sources.c.location == location)
    ).first()


def _number(connection: Connection, document_id: str) -> int:
    number = connection.execute(select(documents.c.number).where(documents.c.id == document_id)).scalar()
    if number is None:
        raise missing_document(document_id)
    return int(number)


def _point(connection: Connection, facts: FileFacts, number: int, reader: str, before: AnyRow | None) -> frozenset[str]:
    """Make the location name this document, with the tags of the one it named before, and settle that one.

    Returns the orphaned originals.
    """
    values = {
        "source": storable(facts.source),
        "sha256": facts.sha256,
        "size": facts.size,
        "mtime_ns": facts.mtime_ns,
        "document": number,
        "reader": reader,
    }
    if before is None:
        connection.execute(sources.insert().values(location=facts.location, **values))
        return _orphans(connection, {facts.sha256})
    connection.execute(update(sources).where(sources.c.location == facts.location).values(**values))
    if before.number != number:
        hand_on_tags(connection, before.number, number)
        _settle(connection, before.number)
    return _orphans(connection, {facts.sha256, before.sha256, before.document_sha256})


def _settle(connection: Connection, number: int) -> None:
    """Give a document the label of a location that it still has, or remove it where it has none; log either."""
    row = connection.execute(
        select(documents.c.id, documents.c.location, documents.c.source).where(documents.c.number == number)
    ).one()
    places = connection.execute(
        select(sources.c.location, sources.c.source).where(sources.c.document == number).order_by(sources.c.location)
    ).all()
    if not places:
        _remove_chunks(connection, number, row.id)
        connection.execute(delete(documents).where(documents.c.number == number))
        return
    chosen = next((place for place in places if place.location == row.location), places[0])
    if (chosen.location, chosen.source) != (row.location, row.source):
        connection.execute(
            update(documents).where(documents.c.number == number).values(location=chosen.location, source=chosen.source)
        )
    log(connection, "source", row.id, None, None)


def _remove_chunks(connection: Connection, number: int, document_id: str) -> None:
    mine = chunks.c.document == number
    current = chunks.c.generation == select(manifest.c.generation).scalar_subquery()
    first, last = connection.execute(select(func.min(chunks.c.key), func.max(chunks.c.key)).where(mine, current)).one()
    connection.execute(delete(vectors).where(vectors.c.key.in_(select(chunks.c.key).where(mine))))
    connection.execute(delete(chunks).where(mine))
    log(connection, "remove", document_id, first, last)


def _orphans(connection: Connection, hashes: set[str]) -> frozenset[str]:
    """Those that no document, no source and no unfinished job needs; a masked document needs none."""
    orphans = set()
    for sha256 in hashes:
        kept = (
            select(documents.c.number).where(documents.c.sha256 == sha256, unmasked()),
            select(sources.c.document)
            .join(documents, documents.c.number == sources.c.document)
            .where(sources.c.sha256 == sha256, unmasked()),
            select(jobs.c.number).where(
                or_(jobs.c.state == "queued", jobs.c.state == "running"), jobs.c.payload.contains(sha256)
            ),
        )
        if not any(connection.execute(query.limit(1)).first() for query in kept):
            orphans.add(sha256)
    return frozenset(orphans)
