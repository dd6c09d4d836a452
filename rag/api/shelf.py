"""Which collections are open, by whom they are used, and when they may be closed. Knows nothing of HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from rag.config import Settings, check_collection_name
from rag.errors import Conflict, NotFound
from rag.library.collections import collection_folder, create_collection, list_collections, remove_collection
from rag.library.conversations import Conversations
from rag.library.ratings import Ratings
from rag.ports import Embedder, LanguageModel

if TYPE_CHECKING:
    from rag.answer import Answerer
    from rag.library.library import Library
    from rag.retrieve import Retriever


class Build(Protocol):
    """What rag.build offers, and what a test may put in its place."""

    def build_embedder(self, settings: Settings) -> Embedder: ...
    def open_library(self, settings: Settings, collection: str | None = None, *, embedder: Embedder) -> Library: ...
    def build_retriever(self, settings: Settings, library: Library, embedder: Embedder) -> Retriever: ...
    def build_answerer(self, settings: Settings, library: Library, embedder: Embedder) -> Answerer: ...
    def build_language_model(self, settings: Settings) -> LanguageModel | None: ...


@dataclass(frozen=True, slots=True)
class Opened:
    """A collection and what answers from it."""

    name: str
    library: Library
    retriever: Retriever
    answerer: Answerer
    conversations: Conversations
    ratings: Ratings

    def close(self) -> None:
        self.ratings.close()
        self.conversations.close()
        self.library.close()


@dataclass(slots=True)
class _Place:
    """An open collection's place on the shelf."""

    opened: Opened
    identity: tuple[int, int] | None  # of library.db: another file under the same name is another collection
    users: int = 0
    retired: bool = False


class Shelf:
    """Opens each collection once, when first asked for. Safe from many threads."""

    def __init__(self, settings: Settings, build: Build) -> None:
        self._settings = settings
        self._build = build
        self._lock = threading.Lock()
        self._opening: dict[str, threading.Lock] = {}
        self._places: dict[str, _Place] = {}
        self._embedder: Embedder | None = None
        self._closed = False

    def name_of(self, collection: str | None) -> str:
        """Return the name, or the default's. Raises InvalidRequest for one that cannot be a collection's."""
        return check_collection_name(self._settings.collection if collection is None else collection)

    def folder(self, name: str) -> Path:
        return collection_folder(self._settings.data, name)

    @property
    def embedder(self) -> Embedder:
        with self._lock:
            if self._embedder is None:
                self._embedder = self._build.build_embedder(self._settings)
            return self._embedder

    def load_language_model(self) -> None:
        """Make the one that answers ready, if there is any. Raises Misconfigured, ModelError."""
        model = self._build.build_language_model(self._settings)
        if model is not None:
            model.load()

    @contextmanager
    def use(self, name: str) -> Iterator[Opened]:
        """Lend an open collection; it is not closed before it is given back.

        Raises NotFound, and whatever the library raises that cannot be opened.
        """
        place = self._take(name)
        try:
            yield place.opened
        finally:
            self._give_back(place)

    def names(self) -> list[str]:
        """Return every collection, and the default one even before its first document."""
        return sorted({*list_collections(self._settings.data), self._settings.collection})

    def create(self, name: str) -> None:
        """Make an empty collection. Raises Conflict where there is one."""
        check_collection_name(name)
        with self._turn(name):
            if name in self.names():
                raise Conflict(f"there is a collection {name!r} already", hint="take another name, or add to this one")
            create_collection(self._settings.data, name)
        with self.use(name):
            pass  # its manifest is written on opening

    def remove(self, name: str) -> None:
        """Delete the collection and all its files. Questions under way finish on what they hold open.

        Raises NotFound, and LibraryBusy while something is written to it.
        """
        check_collection_name(name)
        with self._turn(name):
            remove_collection(self._settings.data, name)
            self._retire(name)

    def close(self) -> None:
        """Close what nobody uses, the rest as soon as it is given back."""
        with self._lock:
            self._closed = True
            names = list(self._places)
        for name in names:
            self._retire(name)

    def _turn(self, name: str) -> threading.Lock:
        """Return the lock under which this collection is opened, made and removed."""
        with self._lock:
            return self._opening.setdefault(name, threading.Lock())

    def _take(self, name: str) -> _Place:
        check_collection_name(name)
        with self._turn(name):
            identity = _identity(self.folder(name))
            with self._lock:
                if self._closed:
                    raise NotFound("the server is stopping", hint="ask again once it is up")
                place = self._places.get(name)
                if place is not None and place.identity == identity:
                    place.users += 1
                    return place
            self._retire(name)
            place = self._open(name)
            with self._lock:
                self._places[name] = place
                place.users += 1
            return place

    def _open(self, name: str) -> _Place:
        embedder = self.embedder
        library = self._build.open_library(self._settings, name, embedder=embedder)
        try:
            opened = Opened(
                name=name,
                library=library,
                retriever=self._build.build_retriever(self._settings, library, embedder),
                answerer=self._build.build_answerer(self._settings, library, embedder),
                conversations=Conversations(self.folder(name), keep_days=self._settings.answer.keep_conversations_days),
                ratings=Ratings(self.folder(name)),
            )
        except BaseException:
            library.close()
            raise
        return _Place(opened, _identity(self.folder(name)))

    def _retire(self, name: str) -> None:
        with self._lock:
            place = self._places.pop(name, None)
            if place is None:
                return
            place.retired = True
            unused = place.users == 0
        if unused:
            place.opened.close()

    def _give_back(self, place: _Place) -> None:
        with self._lock:
            place.users -= 1
            unused = place.retired and place.users == 0
        if unused:
            place.opened.close()


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = (folder / "library.db").stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino
