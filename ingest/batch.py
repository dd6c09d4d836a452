"""Embed what was read, many documents together, and commit it one document at a time. Knows nothing of files.

A thread embeds one batch while its caller cuts the next into chunks and commits the one before.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

import numpy as np

from ingest.examine import Ready
from ingest.memory import give_back
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
        self._embedding: tuple[list[tuple[Slot, Ready]], Future[list[Matrix]]] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="embed")
        self._since = self._caught_up = time.monotonic()

    def add(self, slot: Slot, ready: Ready) -> None:
        if not self._waiting:
            self._since = time.monotonic()
        self._waiting.append((slot, ready))

    def close(self) -> None:
        """Give up what is not committed yet."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def is_due(self) -> bool:
        if not self._waiting:
            return self._embedding is not None and self._embedding[1].done()
        waiting = sum(len(ready.chunks) for _, ready in self._waiting)
        return waiting >= self._passages or time.monotonic() - self._since > HOLD_SECONDS

    def go_on(self) -> None:
        """Begin to embed what waits, together; commit what was begun before. Raises LibraryError, OSError, Stopped."""
        before = self._embedding
        self._embedding = self._begun(self._waiting) if self._waiting else None
        self._waiting = []
        if before is not None:
            self._finish(*before)

    def flush(self) -> None:
        """Embed and commit everything. Raises LibraryError, OSError, Stopped."""
        self.go_on()
        self.go_on()

    def _begun(self, batch: list[tuple[Slot, Ready]]) -> tuple[list[tuple[Slot, Ready]], Future[list[Matrix]]]:
        return batch, self._thread.submit(self._embed, [ready for _, ready in batch])

    def _finish(self, batch: list[tuple[Slot, Ready]], vectors: Future[list[Matrix]]) -> None:
        try:
            self._commit(batch, vectors.result())
        except ModelError as error:
            if len(batch) == 1:
                slot, ready = batch[0]
                self._settle(slot, bad(ready.facts.source, "failed", error.name, describe(error)))
            else:  # find the one that the model cannot take
                for one in batch:
                    self._finish(*self._begun([one]))

    def _embed(self, batch: Sequence[Ready]) -> list[Matrix]:
        texts = (text for ready in batch for text in passage_texts(ready.document, ready.chunks, self._embedder))
        # One matrix, filled slice by slice, and texts made as they are needed: a long document has many of both.
        vectors = np.empty((sum(len(ready.chunks) for ready in batch), self._embedder.dimension), dtype=np.float32)
        for first in range(0, len(vectors), self._passages):
            self._stop_if_asked()
            some = list(islice(texts, self._passages))
            vectors[first : first + len(some)] = self._vectors(some)
        ends = np.cumsum([len(ready.chunks) for ready in batch])
        return list(np.split(vectors, ends[:-1]))

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
        if sum(len(matrix) for matrix in vectors) > self._passages:  # there was a long document among them
            give_back()

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
