"""The truth, read: documents, chunks, vectors, sources and the log. Knows nothing of indexes; writes nothing."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Sequence
from threading import Lock
from typing import Any, TypeVar

import numpy as np
from sqlalchemy import Row, bindparam, func, select

from rag.errors import InvalidRequest, NotFound
from rag.library.database import Database
from rag.library.pack import unpack_blocks, unpack_headings, unpack_vectors
from rag.library.records import Manifest, Operation, State
from rag.library.tables import chunks, documents, manifest, operations, vectors
from rag.ports import Keys, LexicalEntry, Matrix
from rag.types import Chunk, Document

BATCH = 4096  # rows of a replay in memory at once: 6 MB of vectors at 384 dimensions
VARIABLES = 500  # in one IN list
CACHED_CHARACTERS = 8_000_000
BODY = "id title source mime language version metadata text blocks".split()

Item = TypeVar("Item")


def text_sha256(text: str) -> str:
    """Raises InvalidRequest where the text holds half a surrogate pair, which no file can store."""
    try:
        return hashlib.sha256(text.encode()).hexdigest()
    except UnicodeEncodeError as error:
        raise InvalidRequest(f"the text has a lone surrogate at {error.start}", hint="decode it again") from error


def storable(label: str) -> str:
    """A label without what no file can store: a file's name may be bytes that are no text."""
    return label.encode("utf-8", "replace").decode()


def in_batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    batch: list[Item] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def current_generation() -> Any:
    """A subquery, so that a rebuild's flip is seen by whole statements or not at all."""
    return select(manifest.c.generation).scalar_subquery()


# What every question asks is put together once: that takes longer than the answer.
_NEWEST = select(operations.c.seq, operations.c.mark).order_by(operations.c.seq.desc()).limit(1).subquery()
_STATE = select(
    manifest.c.library_id,
    manifest.c.generation,
    manifest.c.fingerprint,
    manifest.c.dimension,
    _NEWEST.c.seq,
    _NEWEST.c.mark,
).select_from(manifest.outerjoin(_NEWEST, _NEWEST.c.seq.is_not(None)))
_THESE = chunks.c.key.in_(bindparam("keys", expanding=True))
_LIVE = select(chunks.c.key).where(_THESE, chunks.c.generation == current_generation())
_CHUNK_ROWS = (
    select(chunks.c.key, documents.c.id.label("document_id"), chunks.c.start, chunks.c.end, chunks.c.headings)
    .join(documents, documents.c.number == chunks.c.document)
    .where(chunks.c.generation == current_generation())
)
_CHUNKS = _CHUNK_ROWS.where(_THESE)
_HEADS = select(
    documents.c.id, documents.c.number, documents.c.version, documents.c.source, documents.c.added_at
).where(documents.c.id.in_(bindparam("ids", expanding=True)))
_BODIES = select(*(documents.c[name] for name in BODY)).where(
    documents.c.number.in_(bindparam("numbers", expanding=True))
)


class Store:
    def __init__(self, database: Database) -> None:
        self.database = database
        self._documents = _DocumentCache(CACHED_CHARACTERS)
        self._state = str(_STATE.compile(database.engine, compile_kwargs={"literal_binds": True}))

    # --- where the truth stands

    def state(self) -> State:
        row = self.database.row(self._state)
        assert row is not None  # the manifest's, which is there from the beginning
        library_id, generation, fingerprint, dimension, seq, mark = row
        return State(library_id, generation, fingerprint, dimension, seq or 0, mark or "")

    def manifest(self) -> Manifest:
        with self.database.reading() as connection:
            row = connection.execute(select(manifest)).one()
        return Manifest(row.embedder, row.fingerprint, row.dimension, row.chunker, row.reader)

    def created_at(self) -> str:
        with self.database.reading() as connection:
            return str(connection.execute(select(manifest.c.created_at)).scalar_one())

    def mark_of(self, seq: int) -> str | None:
        """The mark of an operation; "" of the time before the first; None where there is no such operation."""
        if seq == 0:
            return ""
        with self.database.reading() as connection:
            return connection.execute(select(operations.c.mark).where(operations.c.seq == seq)).scalar()

    def operations(self, after: int, until: int) -> list[Operation]:
        columns = [operations.c[name] for name in ("seq", "kind", "document_id", "first_key", "last_key")]
        query = select(*columns).where(operations.c.seq > after, operations.c.seq <= until).order_by(operations.c.seq)
        with self.database.reading() as connection:
            return [Operation(*row) for row in connection.execute(query)]

    def count_chunks(self) -> int:
        query = select(func.count()).select_from(chunks).where(chunks.c.generation == current_generation())
        with self.database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    # --- chunks and vectors

    def live(self, keys: Iterable[int]) -> set[int]:
        found: set[int] = set()
        with self.database.reading() as connection:
            for some in in_batches(keys, VARIABLES):
                found.update(key for (key,) in connection.execute(_LIVE, {"keys": some}).all())
        return found

    def chunks(self, keys: Iterable[int]) -> dict[int, Chunk]:
        found: dict[int, Chunk] = {}
        with self.database.reading() as connection:
            for some in in_batches(keys, VARIABLES):
                found.update((row[0], _chunk(row)) for row in connection.execute(_CHUNKS, {"keys": some}).all())
        return found

    def chunks_of(self, document_id: str) -> tuple[Chunk, ...]:
        with self.database.reading() as connection:
            rows = connection.execute(_CHUNK_ROWS.where(documents.c.id == document_id).order_by(chunks.c.key))
            return tuple(_chunk(row) for row in rows)

    def keys_of(self, document_ids: Collection[str]) -> Keys:
        found: list[int] = []
        with self.database.reading() as connection:
            for some in in_batches(sorted(set(document_ids)), VARIABLES):
                query = (
                    select(chunks.c.key)
                    .join(documents, documents.c.number == chunks.c.document)
                    .where(documents.c.id.in_(some), chunks.c.generation == current_generation())
                )
                found += connection.execute(query).scalars()
        return np.array(sorted(found), dtype=np.int64)

    def keys(self) -> Keys:
        query = select(chunks.c.key).where(chunks.c.generation == current_generation()).order_by(chunks.c.key)
        with self.database.reading() as connection:
            return np.fromiter(connection.execute(query).scalars(), dtype=np.int64)

    def vectors(self, keys: Sequence[int], dimension: int) -> Matrix:
        """Rows in the order of the keys. Raises NotFound, naming a key that has none."""
        found = self.packed_vectors(keys)
        missing = next((key for key in keys if key not in found), None)
        if missing is not None:
            raise NotFound(f"no chunk {missing}", hint="it was removed; search again")
        return unpack_vectors([found[key] for key in keys], dimension)

    def packed_vectors(self, keys: Iterable[int]) -> dict[int, bytes]:
        """Those that there are, of any generation."""
        found: dict[int, bytes] = {}
        for some in in_batches(keys, VARIABLES):
            named = ",".join(f"{key:d}" for key in some)
            rows = self.database.rows(f"SELECT key, vector FROM vectors WHERE key IN ({named})")
            found.update((key, vector) for key, vector in rows)
        return found

    def vector_rows(self, first: int, last: int) -> Iterator[list[tuple[int, bytes]]]:
        """Stream what is live of a run of keys, in their order, a batch at a time."""
        query = (
            select(vectors.c.key, vectors.c.vector)
            .join(chunks, chunks.c.key == vectors.c.key)
            .where(chunks.c.generation == current_generation())
            .order_by(vectors.c.key)
            .limit(BATCH)
        )
        while first <= last:
            with self.database.reading() as connection:
                rows = connection.execute(query.where(vectors.c.key.between(first, last))).all()
            if not rows:
                return
            yield [(row.key, row.vector) for row in rows]
            first = rows[-1].key + 1

    def lexical_entries(self, first: int, last: int) -> Iterator[list[LexicalEntry]]:
        """Stream the live chunks of a run of keys as a lexical index wants them; their documents' texts come once."""
        query = _CHUNK_ROWS.order_by(chunks.c.key).limit(BATCH)
        while first <= last:
            with self.database.reading() as connection:
                rows = connection.execute(query.where(chunks.c.key.between(first, last))).all()
                if not rows:
                    return
                at_hand = ("", "", "")  # id, title and text of a document
                entries = []
                for row in rows:
                    if row.document_id != at_hand[0]:
                        found = select(documents.c.id, documents.c.title, documents.c.text)
                        at_hand = connection.execute(found.where(documents.c.id == row.document_id)).one()
                    headings = " ".join(unpack_headings(row.headings))
                    entries.append(LexicalEntry(row.key, at_hand[2][row.start : row.end], at_hand[1], headings))
            yield entries
            first = rows[-1].key + 1

    def next_key(self) -> int:
        with self.database.reading() as connection:
            return int(connection.execute(select(manifest.c.next_key)).scalar_one())

    def key_range(self) -> tuple[int, int]:
        """The first and last live key; (1, 0) of an empty library."""
        query = select(func.min(chunks.c.key), func.max(chunks.c.key)).where(
            chunks.c.generation == current_generation()
        )
        with self.database.reading() as connection:
            first, last = connection.execute(query).one()
        return (1, 0) if first is None else (first, last)

    # --- documents

    def document(self, document_id: str) -> Document:
        """Raises NotFound."""
        found = self.documents((document_id,)).get(document_id)
        if found is None:
            raise missing_document(document_id)
        return found

    def documents(self, document_ids: Iterable[str]) -> dict[str, Document]:
        """Those that there are. A body comes from a cache, the right to be read from the truth."""
        found: dict[str, Document] = {}
        for some in in_batches(document_ids, VARIABLES):
            with self.database.reading() as connection:
                stamps = {stamp[0]: tuple(stamp) for stamp in connection.execute(_HEADS, {"ids": some}).all()}
                lacking: list[int] = []
                for document_id, stamp in stamps.items():
                    held = self._documents.get(document_id, stamp)
                    if held is None:
                        lacking.append(stamp[1])
                    else:
                        found[document_id] = held
                for row in connection.execute(_BODIES, {"numbers": lacking}) if lacking else ():
                    found[row.id] = _document(row)
                    self._documents.put(found[row.id], stamps[row.id])
        return found

    def document_ids(self) -> Iterator[str]:
        """All of them, oldest first, in batches: what is added meanwhile comes too."""
        last = 0
        while True:
            query = select(documents.c.number, documents.c.id).where(documents.c.number > last)
            with self.database.reading() as connection:
                rows = connection.execute(query.order_by(documents.c.number).limit(BATCH)).all()
            if not rows:
                return
            for row in rows:
                yield row.id
            last = rows[-1].number


class _DocumentCache:
    """The documents that were read last, as long as their texts together stay within a budget."""

    def __init__(self, characters: int) -> None:
        self._budget = characters
        self._held: OrderedDict[str, tuple[tuple[Any, ...], Document]] = OrderedDict()
        self._characters = 0
        self._turn = Lock()

    def get(self, document_id: str, stamp: tuple[Any, ...]) -> Document | None:
        with self._turn:
            found = self._held.get(document_id)
            if found is None or found[0] != stamp:
                return None
            self._held.move_to_end(document_id)
            return found[1]

    def put(self, document: Document, stamp: tuple[Any, ...]) -> None:
        with self._turn:
            old = self._held.pop(document.id, None)
            self._characters += len(document.text) - (len(old[1].text) if old else 0)
            self._held[document.id] = (stamp, document)
            while self._characters > self._budget and len(self._held) > 1:
                _, (_, dropped) = self._held.popitem(last=False)
                self._characters -= len(dropped.text)


def missing_document(document_id: str) -> NotFound:
    return NotFound(f"no document {document_id}", hint="`footnote documents list` shows those there are")


def _chunk(row: Row[*tuple[Any, ...]]) -> Chunk:
    key, document_id, start, end, headings = row  # by place: by name takes twice as long
    return Chunk(key, document_id, start, end, unpack_headings(headings))


def _document(row: Row[Any]) -> Document:
    return Document(
        id=row.id,
        title=row.title,
        source=row.source,
        mime=row.mime,
        text=row.text,
        blocks=unpack_blocks(row.blocks),
        language=row.language,
        metadata=json.loads(row.metadata),
        version=row.version,
    )
