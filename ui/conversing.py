"""A conversation that the API keeps: made with its first question. Knows nothing of what is asked in it."""

from __future__ import annotations

import threading
from typing import Protocol


class Keeper(Protocol):
    def create_conversation(self, *, collection: str) -> str: ...


class Conversation:
    """Safe from many threads: two first questions make one conversation."""

    def __init__(self, collection: str, id: str | None = None) -> None:  # noqa: A002
        self.collection = collection
        self.id = id
        self._turn = threading.Lock()

    def name(self, keeper: Keeper) -> str:
        """Return its id; make it where there is none yet."""
        with self._turn:
            if self.id is None:
                self.id = keeper.create_conversation(collection=self.collection)
            return self.id

    def renew(self, gone: str) -> None:
        """Go on in another than the one that is gone."""
        with self._turn:
            if self.id == gone:
                self.id = None
