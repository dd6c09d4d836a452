"""Read files ahead of those who need them, each in a reading process. Knows nothing of what is done with documents."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from ingest.archives.walk import Member, members
from ingest.prepare import prepare
from ingest.read.limits import Limits
from ingest.read_apart import ReadApart
from rag.types import Document

PREPARE = f"{prepare.__module__}:{prepare.__name__}"
MEMBERS = f"{members.__module__}:{members.__name__}"


class Reading(Protocol):
    """How an ingest has its files read."""

    def document(self, data: bytes, name: str, limits: Limits) -> Future[Document]:
        """Begin to read a file. The future raises the Unreadable family, and what is no file's fault."""
        ...

    def members(self, data: bytes, name: str, limits: Limits) -> Iterator[Member]:
        """Yield what an archive holds. Raises the Unreadable family."""
        ...

    def close(self) -> None:
        """End the processes; the next file starts new ones."""
        ...


class ReadAhead:
    """So many files at once, each in a process of its own for as long as it is read."""

    def __init__(self, processes: int, *, prepare: str = PREPARE, members: str = MEMBERS) -> None:
        """prepare, members: "module:function" that the processes import."""
        self._processes = processes
        self._prepare = prepare
        self._members = members
        self._lock = threading.Lock()
        self._idle: list[ReadApart] = []
        self._all: list[ReadApart] = []
        self._threads: ThreadPoolExecutor | None = None
        self._unpacker = ReadApart()

    def document(self, data: bytes, name: str, limits: Limits) -> Future[Document]:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._processes, thread_name_prefix="read")
        return self._threads.submit(self._read, data, name, limits)

    def members(self, data: bytes, name: str, limits: Limits) -> Iterator[Member]:
        return self._unpacker.iterate(self._members, data, name, limits)

    def close(self) -> None:
        threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown(wait=False, cancel_futures=True)
        for reader in self._all:
            reader.close()  # which ends what its thread waits for
        if threads is not None:
            threads.shutdown(wait=True)
        self._all, self._idle = [], []
        self._unpacker.close()

    def _read(self, data: bytes, name: str, limits: Limits) -> Document:
        with self._lock:
            if not self._idle:
                self._idle.append(ReadApart())
                self._all.append(self._idle[-1])
            reader = self._idle.pop()
        try:
            document = reader.call(self._prepare, data, name, limits)
        finally:
            with self._lock:
                self._idle.append(reader)
        assert isinstance(document, Document)
        return document


class ReadHere:
    """In this process, one after another: for a test, or for files that are trusted."""

    def document(self, data: bytes, name: str, limits: Limits) -> Future[Document]:
        future: Future[Document] = Future()
        try:
            future.set_result(prepare(data, name, limits))
        except Exception as error:  # noqa: BLE001  (handed on to whoever asks for the result)
            future.set_exception(error)
        return future

    def members(self, data: bytes, name: str, limits: Limits) -> Iterator[Member]:
        return members(data, name, limits)

    def close(self) -> None:
        """There is nothing to end."""
