"""Load the models before the first question needs them. Knows whether that is done, under way, or failed and why."""

from __future__ import annotations

import logging
import threading
from typing import Literal

from rag.api.shelf import Shelf
from rag.errors import FootnoteError

Warmth = Literal["cold", "warming", "warm"]
log = logging.getLogger(__name__)


class Warmup:
    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._lock = threading.Lock()
        self._state: Warmth = "cold"
        self._failure: FootnoteError | None = None
        self._thread: threading.Thread | None = None

    @property
    def state(self) -> Warmth:
        return self._state

    def start(self) -> None:
        """Begin in the background, unless that was done and did not fail."""
        with self._lock:
            if self._state != "cold":
                return
            self._state = "warming"
        # daemon: a server told to stop does not wait for weights to load
        self._thread = threading.Thread(target=self._run, name="warm-up", daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Wait until what was begun is done or has failed."""
        if self._thread is not None:
            self._thread.join()

    def check(self) -> None:
        """Raise what the last try failed with, and try again in the background."""
        failure = self._failure
        if failure is not None:
            self.start()
            raise failure

    def _run(self) -> None:
        try:
            self._shelf.embedder.embed_queries(["warm-up"])
            self._shelf.load_language_model()
        except FootnoteError as error:
            self._fail(error)
        except Exception as error:  # an edge: a thread has nobody to raise to
            log.exception("the models could not be loaded")
            self._fail(FootnoteError(f"the models could not be loaded: {error}", hint="run `footnote doctor`"))
        else:
            self._failure = None
            self._state = "warm"

    def _fail(self, error: FootnoteError) -> None:
        log.warning("the models could not be loaded: %s", error)
        self._failure = error
        self._state = "cold"
