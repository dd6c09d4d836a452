"""Tell when something under some paths may have changed. Reads no file, and does not say what it was."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from watchfiles import Change, watch

log = logging.getLogger(__name__)

SETTLE_MILLISECONDS = 1600  # what changes within so short a time is told together
LOOK_MILLISECONDS = 60_000  # a network share tells nothing of what others write to it, so it is looked at anyway


class Watcher:
    """Looks from its making on, in a thread: what changes while its owner is busy is told afterwards."""

    def __init__(self, paths: Sequence[Path], data: Path, stop: threading.Event) -> None:
        """data: Footnote's own folder, which is not looked at. stop ends it."""
        self._stop = stop
        self._news = threading.Event()
        self._fault: OSError | None = None
        self._thread = threading.Thread(target=self._look, args=(list(paths), str(data.resolve())), daemon=True)
        self._thread.start()

    def changes(self) -> Iterator[None]:
        """Yield after each burst of changes, and every minute. Raises OSError where nothing can be watched."""
        while True:
            self._news.wait()
            self._news.clear()
            if self._fault is not None:
                raise self._fault
            if self._stop.is_set():
                return
            yield

    def _look(self, paths: Sequence[Path], own: str) -> None:
        def is_news(_: Change, path: str) -> bool:
            return not (path == own or path.startswith(own + "/"))

        def look(*, force_polling: bool) -> None:
            for _ in watch(
                *(path if path.is_dir() else path.parent for path in paths),
                watch_filter=is_news,
                debounce=SETTLE_MILLISECONDS,
                rust_timeout=LOOK_MILLISECONDS,
                yield_on_timeout=True,
                stop_event=self._stop,
                raise_interrupt=False,
                force_polling=force_polling,
                ignore_permission_denied=True,
            ):
                self._news.set()

        try:
            try:
                look(force_polling=False)
            except OSError as error:
                log.warning("the system does not tell of changes (%s); looking every moment instead", error)
                look(force_polling=True)
        except OSError as error:
            self._fault = error
        self._news.set()
