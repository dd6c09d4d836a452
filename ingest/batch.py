"""Embed what was read, many documents together, and commit it one document at a time. Knows nothing of files."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

import numpy as np

from ingest.examine import Ready
from ingest.passage import embed_once, passage_texts
from ingest.report import Slot, bad, describe
from rag.build import runtime_of
from rag.errors import LibraryError, ModelError
from rag.library.library import Library
from rag.library.masked import is_masked
from rag.ports import Embedder, Matrix
from rag.wire import FileOut

log = logging.getLogger(__name__)

BATCH_PASSAGES = 256  # embedded together: enough to sort by length, little to lose when killed
HOLD_SECONDS = 2.0  # the longest that a read document waits for others to be embedded with
CATCH_UP_SECONDS = 5.0  # between the indexes' steps forward; until then a document is committed and not yet found
LEASE_SECONDS = 60.0  # other writers are let in between two batches, and so must be waited for


class Stopped(Exception):
    """Asked to stop; what is committed stays."""


class Batch:
    """Documents on their way into the library. settle is told what became of each, once it is committed."""

    def __init__(
        self,
        library: Library,
        embedder: Embedder,
        *,
        passages: int,
        settle: Callable[[Slot, FileOut], None],
        stop_if_asked: Callable[[], None],
    ) -> None:
        self._library = library
        self._embedder = embedder
        self._passages = passages
        self._settle = settle
        self._stop_if_asked = stop_if_asked
        self._waiting: list[tuple[Slot, Ready]] = []
        self._since = self._caught_up = time.monotonic()

    def add(self, slot: Slot, ready: Ready) -> None:
        if not self._waiting:
            self._since = time.monotonic()
        self._waiting.append((slot, ready))

    def is_due(self) -> bool:
        if not self._waiting:
            return False
        waiting = sum(len(ready.chunks) for _, ready in self._waiting)
        return waiting >= self._passages or time.monotonic() - self._since > HOLD_SECONDS

    def flush(self) -> None:
        """Embed what waits, together, and commit it. Raises LibraryError, OSError, Stopped."""
        batch, self._waiting = self._waiting, []
        if not batch:
            return
        try:
            self._commit(batch, self._embed([ready for _, ready in batch]))
        except ModelError as error:
            if len(batch) == 1:
                slot, ready = batch[0]
                self._settle(slot, bad(ready.facts.source, "failed", error.name, describe(error)))
            else:  # find the one that the model cannot take
                for one in batch:
                    self._waiting = [one]
                    self.flush()

    def _embed(self, batch: Sequence[Ready]) -> list[Matrix]:
        texts = [text for ready in batch for text in passage_texts(ready.document, ready.chunks, self._embedder)]
        slices: list[Matrix] = []
        for first in range(0, len(texts), self._passages):
            self._stop_if_asked()
            slices.append(self._vectors(texts[first : first + self._passages]))
        ends = np.cumsum([len(ready.chunks) for ready in batch])
        return list(np.split(np.concatenate(slices), ends[:-1]))

    def _vectors(self, texts: Sequence[str]) -> Matrix:
        try:
            return embed_once(texts, self._embedder.embed_passages)
        except ModelError:
            raise
        except Exception as error:  # an edge: what lies below a model raises anything, an accelerator out of memory say
            log.exception("%s failed on %d passages", self._embedder.name, len(texts))
            raise ModelError(f"{self._embedder.name}: {type(error).__name__}: {error}") from error

    def _commit(self, batch: Sequence[tuple[Slot, Ready]], vectors: Sequence[Matrix]) -> None:
        with self._library.lease(timeout_seconds=LEASE_SECONDS):
            self._library.note_runtime(runtime_of(self._embedder))
            for (slot, ready), matrix in zip(batch, vectors, strict=True):
                self._settle(slot, self._put(ready, matrix))
            if time.monotonic() - self._caught_up > CATCH_UP_SECONDS:
                self._library.catch_up()
                self._caught_up = time.monotonic()

    def _put(self, ready: Ready, matrix: Matrix) -> FileOut:
        try:
            if not is_masked(ready.document.metadata):
                self._library.keep_original(ready.data)
            self._library.put(ready.document, ready.chunks, matrix, ready.facts, bands=ready.bands)
        except (LibraryError, OSError):  # a full disk, a lost lease: the next file would fare no better
            raise
        except Exception as error:  # the edge: one bad file must not stop the others
            log.exception("storing %s failed", ascii(ready.facts.location))
            return bad(ready.facts.source, "failed", "Internal", f"{type(error).__name__}: {error}")
        return ready.row
