"""The FAISS index of a library: loaded from its snapshot, replayed from the log, saved by the lease's holder.

The index is this process's own copy in memory; a reader never writes. Any doubt about the snapshot, and it is made
anew from the truth.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from threading import Lock
from uuid import uuid4

import numpy as np

from rag.errors import LibraryDamaged, LibraryMismatch
from rag.library.durable import drop_leftovers, sha256_of, write_durably
from rag.library.follow import Head, net_changes
from rag.library.pack import unpack_vectors
from rag.library.records import State
from rag.library.store import Store
from rag.library.vectors import FaissIndex
from rag.ports import Keys, Matrix
from rag.types import Hit

SCHEMA = 1
# A snapshot is written whole, so a large one is not written for every few documents: what it lacks is replayed.
SAVE_SHARE = 0.05
SAVE_ALWAYS_BELOW = 20_000  # vectors: 15 MB at 384 dimensions

logger = logging.getLogger(__name__)


class VectorCache:
    _index: FaissIndex
    _head: Head  # where the copy in memory stands
    _saved_seq: int  # where the snapshot stands; -1: none holds this copy's history
    _unsaved: int  # vectors added and removed since

    def __init__(self, folder: Path, store: Store, state: State) -> None:
        self.folder = folder
        self._store = store
        self._turn = Lock()  # of those who bring the copy forward
        self._fingerprint = state.fingerprint
        self._open(state)

    @property
    def index(self) -> FaissIndex:
        return self._index

    @property
    def applied_seq(self) -> int:
        return self._head.applied_seq

    def search(self, queries: Matrix, k: int, among: Keys | None) -> list[list[Hit]]:
        return self._index.search(queries, k, among=among)

    def follow(self) -> State:
        """Bring this process's copy to the end of the log, and say where that is.

        Raises LibraryMismatch after a rebuild with another embedder.
        """
        state = self._store.state()
        if self.stands_at(state):
            return state
        with self._turn:
            state = self._store.state()
            if self.stands_at(state):
                return state
            if state.fingerprint != self._fingerprint:
                raise LibraryMismatch(
                    f"{self.folder.parent} was rebuilt with another embedder while it was open",
                    hint="restart this process with the embedder that the library now names",
                )
            if self._continues(self._head, state):
                newer = self._newer_layout()
                if newer is not None:
                    self._index, self._head = newer
                self._replay(state)
            else:
                self._open(state)
        return state

    def save_if_worth(self) -> None:
        """Write the snapshot where enough has changed since the last; with the lease only.

        Gives the index its layout first: this is where training happens, in the writer alone.
        """
        self.follow()
        with self._turn:
            if self._index.organise():
                self._head = replace(self._head, layout=uuid4().hex)
                self._unsaved = len(self._index)
                logger.info("vectors are now %s, %d of them", self._index.kind, len(self._index))
            small = len(self._index) < SAVE_ALWAYS_BELOW
            if self._saved_seq != self._head.applied_seq and (small or self._unsaved >= SAVE_SHARE * len(self._index)):
                self._write()

    def rebuild(self) -> None:
        """Make it anew from the truth, and save it; with the lease only."""
        with self._turn:
            self._build(self._store.state())
            self._write()

    def stands_at(self, state: State) -> bool:
        head = self._head
        return (head.applied_seq, head.mark) == (state.seq, state.mark) and head.belongs_to(state)

    def _open(self, state: State) -> None:
        loaded = self._load(state)
        if loaded is None:
            self._build(state)
        else:
            self._index, self._head = loaded
            self._saved_seq = self._head.applied_seq
            self._unsaved = 0
            self._replay(state)

    def _load(self, state: State) -> tuple[FaissIndex, Head] | None:
        head = Head.read(self.folder)
        if head is None:
            return None
        if head.schema != SCHEMA or not self._continues(head, state):
            logger.warning("%s: the snapshot is of another history; made anew", self.folder)
            return None
        path = self.folder / head.name
        try:
            if sha256_of(path) != head.sha256:  # before faiss reads it: its reader trusts every byte
                raise LibraryDamaged(f"{path}: its bytes are not those that were written")
            return FaissIndex.load(path, state.dimension), head
        except (OSError, LibraryDamaged) as error:
            logger.warning("the vectors' snapshot cannot be used (%s); made anew from the truth", error)
            return None

    def _continues(self, head: Head, state: State) -> bool:
        """Whether the truth's log goes on from where this head stands."""
        return (
            head.belongs_to(state)
            and head.applied_seq <= state.seq
            and self._store.mark_of(head.applied_seq) == head.mark
        )

    def _newer_layout(self) -> tuple[FaissIndex, Head] | None:
        """The snapshot, where its writer has trained it anew since this copy was read."""
        head = Head.read(self.folder)
        if head is None or head.layout == self._head.layout:
            return None
        return self._load(self._store.state())

    def _build(self, state: State) -> None:
        index = FaissIndex(state.dimension)
        head = replace(_head(state), layout=uuid4().hex)
        first, last = self._store.key_range()
        for rows in self._store.vector_rows(first, last):
            index.add(*_matrix(rows, state.dimension))
        index.organise()
        self._index, self._head, self._saved_seq, self._unsaved = index, head, -1, len(index)

    def _replay(self, state: State) -> None:
        """Delete, then add: replaying twice is harmless. What was removed since is simply not there to be added."""
        removed, added = net_changes(self._store.operations(self._head.applied_seq, state.seq))
        if removed:
            keys = np.concatenate([np.arange(run.first, run.last + 1) for run in removed])
            self._index.remove(keys)
            self._unsaved += len(keys)
        for run in added:
            for rows in self._store.vector_rows(run.first, run.last):
                self._index.add(*_matrix(rows, state.dimension))
                self._unsaved += len(rows)
        self._head = replace(_head(state), layout=self._head.layout)

    def _write(self) -> None:
        name = f"index-{self._head.applied_seq}-{uuid4().hex[:8]}.faiss"
        path = self.folder / name
        drop_leftovers(self.folder)
        write_durably(path, self._index.save)
        head = replace(self._head, name=name, sha256=sha256_of(path))
        old = Head.read(self.folder)
        head.write(self.folder)
        self._head = head
        self._saved_seq = head.applied_seq
        self._unsaved = 0
        for other in self.folder.glob("index-*.faiss"):  # the one before stays: a reader may be at it
            if other.name not in (name, old.name if old else ""):
                other.unlink(missing_ok=True)


def _matrix(rows: list[tuple[int, bytes]], dimension: int) -> tuple[Keys, Matrix]:
    keys = np.array([key for key, _ in rows], dtype=np.int64)
    try:
        return keys, unpack_vectors([vector for _, vector in rows], dimension)
    except (ValueError, TypeError) as error:
        raise LibraryDamaged(
            f"a vector among the chunks {keys[0]} to {keys[-1]} has another dimension than {dimension}",
            hint="`footnote library rebuild` makes the vectors anew",
        ) from error


def _head(state: State) -> Head:
    return Head(state.library_id, state.generation, state.fingerprint, state.seq, state.mark, SCHEMA, name="")
