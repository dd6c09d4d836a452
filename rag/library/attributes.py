"""Which chunks a filter leaves: keeps a snapshot of what documents are filtered by in step with the truth.

Knows nothing of indexes. What has changed since the snapshot was made is read again and kept beside it; where that is
much, all is read anew. Safe from many threads.
"""

from __future__ import annotations

from threading import Lock

from rag.filters import Filters
from rag.library.cards import read_cards
from rag.library.columns import Columns
from rag.library.meant import what_was_meant
from rag.library.records import Facets, State
from rag.library.snapshot import Snapshot
from rag.library.store import Store
from rag.ports import Keys

BESIDE_SHARE = 0.05  # of the documents may be kept beside the snapshot
BESIDE_ALWAYS = 1000
FEW_DOCUMENTS = 50  # for so few by their ids it is not worth to learn of all the others


class Attributes:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._turn = Lock()  # of those who bring it forward
        self._snapshot: Snapshot | None = None

    def keys(self, filters: Filters) -> Keys:
        """Return the keys of all chunks of the documents that pass, ascending."""
        by_id = filters == Filters(document_ids=filters.document_ids)
        if by_id and self._snapshot is None and len(filters.document_ids) <= FEW_DOCUMENTS:
            return self._store.keys_of(filters.document_ids)
        return self._current().keys(filters)

    def facets(self) -> Facets:
        return self._current().facets()

    def explain(self, filters: Filters) -> list[str]:
        """Say of each kind of filter that no document meets what may have been meant."""
        return what_was_meant(self._current(), filters)

    def _current(self) -> Snapshot:
        state = self._store.state()
        snapshot = self._snapshot
        if snapshot is not None and snapshot.state == state:
            return snapshot
        with self._turn:
            state = self._store.state()
            if self._snapshot is None or self._snapshot.state != state:
                self._snapshot = self._forward(self._snapshot, state)
            return self._snapshot

    def _forward(self, old: Snapshot | None, state: State) -> Snapshot:
        """Return the snapshot of a state; where the truth is further by now, the next one reads the rest again."""
        if old is not None and self._continues(old.state, state):
            operations = self._store.operations(old.state.seq, state.seq)
            changed = {operation.document_id for operation in operations}
            if len(changed | old.changed) <= max(BESIDE_ALWAYS, BESIDE_SHARE * len(old.base)):
                with self._store.database.reading() as connection:
                    return old.with_changes(state, changed, read_cards(connection, changed))
        with self._store.database.reading() as connection:
            return Snapshot(state, Columns(read_cards(connection)))

    def _continues(self, old: State, new: State) -> bool:
        """Whether the log goes on from there: not after a rebuild, nor in a backup's other history."""
        return (
            (old.library_id, old.generation) == (new.library_id, new.generation)
            and old.seq <= new.seq
            and self._store.mark_of(old.seq) == old.mark
        )
