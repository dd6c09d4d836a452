"""The FAISS index of a library: loaded from its snapshot, replayed from the log, saved by the lease's holder.

The index is this process's own copy in memory; a reader never writes. Any doubt about the snapshot, and it is made
anew from the truth. Where the writer's has outgrown its layout, or holds what it was not trained for, a thread makes
another beside it, which is brought forward and put in its place: commits go on meanwhile, and searches.
"""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Lock
from uuid import uuid4

import numpy as np

from rag.errors import LibraryDamaged, LibraryError, LibraryMismatch
from rag.library.arrange import FRESH_SHARE, Arranger
from rag.library.durable import drop_leftovers, sha256_of, write_durably
from rag.library.follow import Head, net_changes
from rag.library.lists import Lists
from rag.library.records import State
from rag.library.store import Store
from rag.library.stored import StoredVectors
from rag.library.vectors import FaissIndex
from rag.ports import Keys, Matrix
from rag.types import Hit

SCHEMA = 1
# A snapshot is written whole, so a large one is not written for every few documents: what it lacks is replayed.
SAVE_SHARE = 0.05
SAVE_ALWAYS_BELOW = 20_000  # vectors: 15 MB at 384 dimensions

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Making:
    """An index on its way. begun: where the copy in memory stood, from which on the new one lacks something."""

    begun: Head
    to: int  # the highest key then
    index: Future[FaissIndex | None]  # None: the one there is serves


class _Stopped(Exception):
    """Nobody waits for the index any more."""


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
        self._making: _Making | None = None
        self._stop = Event()
        self._open(state)

    def close(self) -> None:
        """Give up what is being made."""
        self._stop.set()
        self.wait()

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

        Begins to make the index anew where that is due, and takes up what was begun before once it is made.
        """
        self.follow()
        with self._turn:
            self._take_up()
            if self._making is None and self._is_due():
                self._begin()
            small = len(self._index) < SAVE_ALWAYS_BELOW
            if self._saved_seq != self._head.applied_seq and (small or self._unsaved >= SAVE_SHARE * len(self._index)):
                self._write()

    def wait(self) -> bool:
        """Wait for an index that is being made; whether there is one, which save_if_worth() will take up."""
        if self._making is None:
            return False
        wait([self._making.index])
        return True

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

    def _is_due(self) -> bool:
        if self._arranger().outgrown(self._index):
            return True
        fresh = self._index.highest - self._head.judged_to
        return isinstance(self._index.layout, Lists) and fresh >= FRESH_SHARE * len(self._index)

    def _begin(self) -> None:
        thread = ThreadPoolExecutor(1, thread_name_prefix="arrange")
        made = thread.submit(self._made, self._index, self._head.judged_to)
        self._making = _Making(self._head, self._index.highest, made)
        thread.shutdown(wait=False)

    def _made(self, index: FaissIndex, judged_to: int) -> FaissIndex | None:
        arranger = self._arranger()
        if arranger.outgrown(index) or (
            isinstance(index.layout, Lists) and arranger.has_drifted(index.layout, judged_to)
        ):
            return arranger.made()
        return None

    def _take_up(self) -> None:
        """Put the index that was made in the place of the one there is, with what has come meanwhile."""
        making = self._making
        if making is None or not making.index.done():
            return
        self._making = None
        try:
            index = making.index.result()
        except (LibraryError, RuntimeError, MemoryError, _Stopped) as error:
            logger.warning("the vectors' index could not be made anew (%s); the one there is goes on", error)
            return
        if self._head.layout != making.begun.layout:  # made anew meanwhile by others, or of another generation
            return
        if index is None:
            self._head = replace(self._head, judged_to=making.to)
            on_disk = Head.read(self.folder)
            if on_disk is not None and on_disk.layout == self._head.layout:
                replace(on_disk, judged_to=making.to).write(self.folder)
            return
        state = self._store.state()
        head = replace(making.begun, layout=uuid4().hex, judged_to=making.to)
        self._replay_on(index, head, state)
        self._index, self._head = index, replace(_head(state), layout=head.layout, judged_to=head.judged_to)
        self._saved_seq, self._unsaved = -1, len(index)
        logger.info("vectors are now %s, %d of them", index.kind, len(index))

    def _arranger(self) -> Arranger:
        state = self._store.state()
        return Arranger(self._stored(state), state.dimension, stop_if_asked=self._stop_if_asked)

    def _stored(self, state: State) -> StoredVectors:
        return StoredVectors(self._store, state.dimension)

    def _stop_if_asked(self) -> None:
        if self._stop.is_set():
            raise _Stopped("the library is closed")

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
            return FaissIndex.load(path, state.dimension, self._stored(state)), head
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
        self._index = self._arranger().made()
        self._head = replace(_head(state), layout=uuid4().hex, judged_to=self._index.highest)
        self._saved_seq, self._unsaved = -1, len(self._index)

    def _replay(self, state: State) -> None:
        self._unsaved += self._replay_on(self._index, self._head, state)
        self._head = replace(_head(state), layout=self._head.layout, judged_to=self._head.judged_to)

    def _replay_on(self, index: FaissIndex, head: Head, state: State) -> int:
        """Bring an index from where a head says to the end of the log; return how many vectors came and went.

        Delete, then add: replaying twice is harmless. What was removed since is simply not there to be added.
        """
        changed = 0
        removed, added = net_changes(self._store.operations(head.applied_seq, state.seq))
        if removed:
            keys = np.concatenate([np.arange(run.first, run.last + 1) for run in removed])
            index.remove(keys)
            changed += len(keys)
        for run in added:
            for keys, rows in self._stored(state).run(run.first, run.last):
                index.add(keys, rows)
                changed += len(keys)
        return changed

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


def _head(state: State) -> Head:
    return Head(state.library_id, state.generation, state.fingerprint, state.seq, state.mark, SCHEMA, name="")
