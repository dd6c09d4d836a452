"""Shut a connection when its time has come, also while a read waits on it: a read does not look at the clock."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from types import TracebackType


class Watch:
    """rang: whether the time came. Times are those of time.monotonic()."""

    def __init__(self, connection: socket.socket, *, until: float) -> None:
        self._connection = connection
        self._until = until
        self._over = threading.Event()
        self.rang = False

    def put_off(self, until: float) -> None:
        """Wait until then instead, which is later than before."""
        self._until = until

    def __enter__(self) -> Watch:
        threading.Thread(target=self._run, name="watch", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()

    def _run(self) -> None:
        while (seconds := self._until - time.monotonic()) > 0:
            if self._over.wait(seconds):
                return
        self.rang = True
        with suppress(OSError):  # it has been closed meanwhile
            self._connection.shutdown(socket.SHUT_RDWR)
