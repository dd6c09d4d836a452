"""The writers' lease: one holder a library, released by the system when its process dies."""

from __future__ import annotations

import os
import platform
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from rag.errors import LibraryBusy
from rag.library.durable import read_json, write_json_durably

POLL_SECONDS = 0.02


class Lease:
    """A lock file, and beside it a note that names the holder.

    Reentrant: whoever shares this object shares the lease, in any thread. Another object waits, even in this process.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._note = path.with_suffix(".holder.json")
        self._lock = FileLock(path, thread_local=False)
        self._turn = threading.Lock()
        self._depth = 0

    @property
    def held(self) -> bool:
        return self._depth > 0

    @contextmanager
    def hold(self, *, timeout_seconds: float = 0) -> Iterator[bool]:
        """Hold the lease; yields whether this is its outermost holding. Raises LibraryBusy, naming the holder."""
        outermost = self._enter(timeout_seconds)
        try:
            yield outermost
        finally:
            self._leave()

    def _enter(self, timeout_seconds: float) -> bool:
        deadline = time.monotonic() + timeout_seconds
        while True:
            with self._turn:  # not while waiting: another thread may want to know at once that it is busy
                if self._depth or self._take():
                    self._depth += 1
                    return self._depth == 1
            if time.monotonic() >= deadline:
                raise self._busy()
            time.sleep(POLL_SECONDS)

    def _take(self) -> bool:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        now = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            write_json_durably(self._note, {"pid": os.getpid(), "host": platform.node(), "since": now})
        except BaseException:  # a full disk, say: without its note the lease is not held
            self._lock.release()
            raise
        return True

    def _leave(self) -> None:
        with self._turn:
            self._depth -= 1
            if self._depth == 0:
                self._note.unlink(missing_ok=True)
                self._lock.release()

    def _busy(self) -> LibraryBusy:
        holder = read_json(self._note)
        who = f"process {holder.get('pid')} on {holder.get('host')}" if holder else "another process"
        since = f" since {holder.get('since')}" if holder else ""
        return LibraryBusy(
            f"{self._path.parent}: {who} is writing to this library{since}",
            hint="wait for it to finish, or stop it; the lease ends with its process",
        )
