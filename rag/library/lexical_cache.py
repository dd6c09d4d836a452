"""The tantivy index of a library: one folder that all processes read, brought forward by the lease's holder.

It may lag the truth for a moment; whoever searches drops the keys that the truth no longer has. The collection's
lexicon beside it is read again when it has changed; an index made with other words answers until a writer has made
it anew.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from uuid import uuid4

from rag.errors import LibraryDamaged, Misconfigured
from rag.lexicon import NAME as LEXICON
from rag.lexicon import load_lexicon
from rag.library.durable import drop_leftovers
from rag.library.follow import NOTE, Head, Run, net_changes
from rag.library.lexical import SCHEMA, TantivyIndex
from rag.library.records import State
from rag.library.store import Store
from rag.ports import Keys
from rag.types import Hit

logger = logging.getLogger(__name__)


class LexicalCache:
    def __init__(self, folder: Path, store: Store) -> None:
        """Raises Misconfigured where the collection's lexicon cannot be read."""
        self.folder = folder
        self._lexicon_file = folder.parent / LEXICON
        self._lexicon_seen = _stamp(self._lexicon_file)
        self._lexicon = load_lexicon(folder.parent)
        self._store = store
        self._turn = Lock()
        self._index: TantivyIndex | None = None
        self._head: Head | None = None
        self._seen: tuple[int, int] | None = None
        self.reload()

    @property
    def applied_seq(self) -> int:
        return self._head.applied_seq if self._head else 0

    @property
    def index(self) -> TantivyIndex | None:
        return self._index

    def stands_at(self, state: State) -> bool:
        head = self._head
        return (
            self._index is not None
            and head is not None
            and (head.applied_seq, head.mark) == (state.seq, state.mark)
            and head.layout == self._lexicon.fingerprint
            and head.belongs_to(state)
        )

    def reload(self) -> None:
        """See what a writer has committed since; costs a look at two files where nothing has."""
        self._reload_lexicon()
        seen = _stamp(self.folder / NOTE)
        if seen == self._seen:
            return
        with self._turn:
            self._see(_stamp(self.folder / NOTE))

    def search(self, query: str, k: int, among: Keys | None) -> list[Hit]:
        index = self._index
        return index.search(query, k, among=among) if index else []

    def frequency(self, term: str) -> int:
        index = self._index
        return index.frequency(term) if index else 0

    def catch_up(self) -> None:
        """Bring the folder to the end of the log; with the lease only."""
        self.reload()
        with self._turn:
            state = self._store.state()
            if self.stands_at(state):
                return
            head, index = self._head, self._index
            if index is None or head is None or not self._continues(head, state):
                self._build(state)
                return
            removed, added = net_changes(self._store.operations(head.applied_seq, state.seq))
            try:
                for run in removed:
                    index.remove(range(run.first, run.last + 1))
                self._add(index, added)
                self._commit(index, state, head.name)
            except ValueError as error:  # tantivy's word for every fault of its files
                logger.warning("%s cannot be written (%s); made anew from the truth", self.folder, error)
                self._build(state)
            except BaseException:
                index.rollback()  # and let go of the folder's lock: another process may have the lease next
                raise

    def rebuild(self) -> None:
        """Make it anew beside the old, which answers meanwhile; with the lease only."""
        with self._turn:
            self._build(self._store.state())

    def _continues(self, head: Head, state: State) -> bool:
        return (
            head.belongs_to(state)
            and head.layout == self._lexicon.fingerprint
            and head.applied_seq <= state.seq
            and self._store.mark_of(head.applied_seq) == head.mark
        )

    def _reload_lexicon(self) -> None:
        seen = _stamp(self._lexicon_file)
        if seen == self._lexicon_seen:
            return
        with self._turn:
            self._lexicon_seen = seen
            try:
                self._lexicon = load_lexicon(self.folder.parent)
            except Misconfigured as error:
                logger.warning("%s; %s. Until then the words and synonyms stay as they were", error, error.hint)
            if self._index is not None:
                self._index.lexicon = self._lexicon

    def _see(self, seen: tuple[int, int] | None) -> None:
        head = Head.read(self.folder)
        if head is None or head.schema != SCHEMA:
            self._index = self._head = None
        else:
            try:
                if self._index is None or self._head is None or self._head.name != head.name:
                    self._index = TantivyIndex.open(self.folder / head.name, self._lexicon)
                else:
                    self._index.reload()
                self._head = head
            except (LibraryDamaged, ValueError) as error:
                logger.warning("the lexical index cannot be used (%s); the next writer makes it anew", error)
                self._index = self._head = None
        self._seen = seen

    def _build(self, state: State) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"index-{state.seq}-{uuid4().hex[:8]}"
        index = TantivyIndex(self.folder / name, self._lexicon)
        first, last = self._store.key_range()
        self._add(index, [Run(first, last)])
        self._commit(index, state, name)
        self._index = index
        drop_leftovers(self.folder)
        for other in self.folder.glob("index-*"):  # a reader that has one open keeps its files until it looks again
            if other.name != name:
                shutil.rmtree(other, ignore_errors=True)

    def _add(self, index: TantivyIndex, runs: Iterable[Run]) -> None:
        for run in runs:
            for entries in self._store.lexical_entries(run.first, run.last):
                index.add(entries)

    def _commit(self, index: TantivyIndex, state: State, name: str) -> None:
        index.commit()
        head = Head(
            state.library_id,
            state.generation,
            state.fingerprint,
            state.seq,
            state.mark,
            SCHEMA,
            name,
            layout=self._lexicon.fingerprint,
        )
        head.write(self.folder)
        self._head = head
        self._seen = _stamp(self.folder / NOTE)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns
