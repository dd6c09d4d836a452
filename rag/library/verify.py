"""The deep check: whether truth, indexes, originals and offsets agree. Reads everything, changes nothing."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import numpy as np

from rag.library.catalogue import Catalogue
from rag.library.database import Database
from rag.library.lexical_cache import LexicalCache
from rag.library.masked import is_masked
from rag.library.originals import Originals
from rag.library.pack import STORED
from rag.library.store import Store, text_sha256
from rag.library.vector_cache import VectorCache
from rag.ports import Keys
from rag.types import BlockKind, Document

NAMED = 3  # of many keys that are wrong in one way


def find_problems(
    database: Database, store: Store, originals: Originals, vectors: VectorCache, lexical: LexicalCache
) -> list[str]:
    problems = database.problems()
    if problems:
        return problems  # what the rest would say of a broken database is noise
    return [
        *_documents(store, Catalogue(database), originals),
        *_vectors(store),
        *_indexes(store, vectors, lexical),
    ]


def _documents(store: Store, catalogue: Catalogue, originals: Originals) -> Iterator[str]:
    whole: set[str] = set()
    for document_id in store.document_ids():
        try:
            document = store.document(document_id)
        except (ValueError, TypeError, zlib.error) as error:
            yield f"document {document_id} cannot be unpacked: {error}"
            continue
        name = f"document {document_id} ({document.source})"
        if catalogue.text_hash_of(document_id) != text_sha256(document.text):
            yield f"{name}: its text is not the one that was stored"
        yield from (f"{name}: {problem}" for problem in _offsets(store, document))
        sha256 = catalogue.bytes_of(document_id)
        if is_masked(document.metadata):
            if sha256 in originals and sha256 not in catalogue.referenced():
                yield f"{name}: it is masked, and its original {sha256} is still there"
        elif sha256 not in whole:
            if sha256 not in originals:
                yield f"{name}: its original {sha256} is missing"
            elif not originals.is_whole(sha256):
                yield f"{name}: its original {sha256} has other bytes"
            whole.add(sha256)
    yield from (f"document {document_id} has no location" for document_id in catalogue.documents_nowhere())


def _offsets(store: Store, document: Document) -> Iterator[str]:
    length, end = len(document.text), 0
    for block in document.blocks:
        if not 0 <= block.start <= block.end <= length:
            yield f"block [{block.start}, {block.end}) lies outside the text"
        elif block.kind is not BlockKind.LINE:
            if block.start < end:
                yield f"block [{block.start}, {block.end}) begins inside another"
            end = block.end
    for chunk in store.chunks_of(document.id):
        if not 0 <= chunk.start < chunk.end <= length:
            yield f"chunk {chunk.key} [{chunk.start}, {chunk.end}) lies outside the text"


def _vectors(store: Store) -> Iterator[str]:
    size = store.state().dimension * STORED.itemsize
    seen: list[int] = []
    for rows in store.vector_rows(*store.key_range()):
        for key, vector in rows:
            seen.append(key)
            if not isinstance(vector, bytes) or len(vector) != size:  # SQLite stores text where it is given text
                yield f"chunk {key}: its vector is not one of {size} bytes"
            elif not np.isfinite(np.frombuffer(vector, dtype=STORED)).all():
                yield f"chunk {key}: its vector holds what is no number"
    keys = store.keys()
    yield from _difference("the chunks", keys, "vectors", np.array(seen, dtype=np.int64))
    if len(keys) and keys[-1] >= store.next_key():
        yield f"chunk {keys[-1]} has a key that has not been given out yet"


def _indexes(store: Store, vectors: VectorCache, lexical: LexicalCache) -> Iterator[str]:
    state = store.state()
    keys = store.keys()
    if vectors.applied_seq == state.seq:
        yield from _difference("the store", keys, "the vector index", vectors.index.keys())
    else:
        yield f"the vector index stands at {vectors.applied_seq}, the log at {state.seq}"
    if lexical.index is not None and lexical.stands_at(state):
        yield from _difference("the store", keys, "the lexical index", lexical.index.keys())
    else:
        yield f"the lexical index stands at {lexical.applied_seq}, the log at {state.seq}: is another process writing?"


def _difference(a_name: str, a: Keys, b_name: str, b: Keys) -> Iterator[str]:
    for names, only in (((a_name, b_name), np.setdiff1d(a, b)), ((b_name, a_name), np.setdiff1d(b, a))):
        if len(only):
            some = ", ".join(str(key) for key in only[:NAMED]) + (" ..." if len(only) > NAMED else "")
            yield f"{len(only)} keys are in {names[0]} and not in {names[1]}: {some}"
    if len(np.unique(b)) != len(b):
        yield f"{b_name} holds {len(b) - len(np.unique(b))} keys twice"
