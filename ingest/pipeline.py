"""From files to the truth: walk, examine, embed in batches, commit one document at a time, report.

Knows nothing of formats, of SQL or of indexes. A document is acknowledged (its row settled) after its commit.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ingest.dedup import Known
from ingest.examine import Examiner, Ready, Settled
from ingest.passage import passage_texts
from ingest.read import READER_VERSION, Limits
from ingest.read_apart import ReadApart
from ingest.report import Tally, bad, describe, indexed
from ingest.walk import Found, Passed, Walk, label, walk
from rag.errors import LibraryError, ModelError
from rag.library.library import Library
from rag.ports import Embedder, Matrix
from rag.wire import FileOut, ReportOut

log = logging.getLogger(__name__)

BATCH_PASSAGES = 256  # embedded together: enough to sort by length, little to lose when killed
HOLD_SECONDS = 2.0  # the longest that a read document waits for others to be embedded with
CATCH_UP_SECONDS = 5.0  # between the indexes' steps forward; until then a document is committed and not yet found
MISSING_MOUNT = (
    "%s holds no file at all, and the library knows %d from there: none was removed, for its disk may not be mounted. "
    "If they are gone for good, ingest the folder above it, or name them to `footnote documents remove`"
)
LEASE_SECONDS = 60.0  # other writers are let in between two batches, and so must be waited for


@dataclass(frozen=True, slots=True)
class Progress:
    """A file begins (row is None) or has ended (row says how)."""

    done: int
    total: int
    source: str
    row: FileOut | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """Bytes that were kept already, and the name they came with."""

    name: str
    path: Path


class Stopped(Exception):
    """Asked to stop; what is committed stays."""


class Ingest:
    """One run over files or uploads. `tally` may be read from another thread while it goes on."""

    def __init__(
        self,
        library: Library | None,
        embedder: Embedder,
        *,
        data: Path,
        limits: Limits,
        max_tokens: int,
        overlap_sentences: int = 0,
        batch_passages: int = BATCH_PASSAGES,
        apart: ReadApart | None = None,
        progress: Callable[[Progress], None] = lambda _: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        """library may be None for plan() alone, where there is none yet. data: the folder that holds Footnote's own.

        apart: reads the PDFs; closed at the end of each run.
        """
        self._library = library
        self._embedder = embedder
        self._data = data
        self._batch_passages = batch_passages
        self._progress = progress
        self._cancelled = cancelled
        self._known = Known(library, READER_VERSION)
        self._examiner = Examiner(
            library,
            self._known,
            embedder.token_starts,
            limits=limits,
            max_tokens=min(max_tokens, embedder.max_tokens),
            overlap_sentences=overlap_sentences,
            apart=apart,
        )
        self._apart = apart
        self.tally = Tally([])
        self._pending: list[tuple[int, Ready]] = []
        self._pending_since = self._caught_up = self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def run(self, paths: Sequence[Path]) -> ReportOut:
        """Bring the library in step with files and folders; what is gone from a folder is forgotten.

        Raises LibraryError and OSError where the library cannot be written: that is no one file's fault.
        """
        found = walk(paths, self._data)
        if self._go_through(found.entries):
            self._forget_gone(found)
        return self._finished()

    def run_uploads(self, uploads: Sequence[Upload]) -> ReportOut:
        """As run(), for bytes that are known by their name alone."""
        self._go_through([_as_found(upload) for upload in uploads])
        return self._finished()

    def plan(self, paths: Sequence[Path]) -> ReportOut:
        """Say what run() would do: everything is read, nothing is embedded or written."""
        found = walk(paths, self._data)
        self._begin(found.entries)
        try:
            for slot, entry in enumerate(found.entries):
                self._progress(Progress(self.tally.settled, len(self.tally), entry.source))
                step = self._examiner.examine(entry)
                if isinstance(step, Ready):
                    self._remember(step)
                self._settle(slot, step.row if isinstance(step, Settled) else _indexed(step))
        finally:
            self._end()
        self.tally.removed = len(self._gone(found))
        self._known.all_stored()
        return self.tally.report(self.seconds)

    def _begin(self, entries: Sequence[Found | Passed]) -> None:
        self.tally = Tally([entry.source for entry in entries])
        self._known.all_stored()
        self._pending = []
        self._began = self._caught_up = time.monotonic()

    def _go_through(self, entries: Sequence[Found | Passed]) -> bool:
        """Take every entry to its end; False where that was cut short."""
        self._begin(entries)
        try:
            for slot, entry in enumerate(entries):
                self._stop_if_asked()
                self.tally.current = entry.source
                self._progress(Progress(self.tally.settled, len(self.tally), entry.source))
                self._take(slot, entry)
                if self._is_due():
                    self._flush()
            self._flush()
        except Stopped:
            self.tally.settle_rest("Cancelled", "stopped before this file was committed; ingest again to go on")
            return False
        finally:
            self._end()
        return True

    def _end(self) -> None:
        self.tally.current = None
        if self._apart is not None:
            self._apart.close()

    def _finished(self) -> ReportOut:
        with self._store.lease(timeout_seconds=LEASE_SECONDS):
            self._store.catch_up()
        return self.tally.report(self.seconds)

    @property
    def _store(self) -> Library:
        if self._library is None:
            raise ValueError("an Ingest without a library can plan, and nothing else")
        return self._library

    def _take(self, slot: int, entry: Found | Passed) -> None:
        step = self._examiner.examine(entry)
        if isinstance(step, Settled) and step.row.duplicate_of and self._known.waits(step.row.duplicate_of):
            self._flush()  # the twin must stand in the library first; if it fails there, this file takes its place
            step = self._examiner.examine(entry)
        if isinstance(step, Ready):
            if not self._pending:
                self._pending_since = time.monotonic()
            self._pending.append((slot, step))
            self._remember(step)
            return
        if step.facts is not None:
            with self._store.lease(timeout_seconds=LEASE_SECONDS):
                if step.row.duplicate_of is None:
                    self._store.touch(step.facts)
                else:
                    self._store.put_duplicate(step.facts, step.row.duplicate_of)
        self._settle(slot, step.row)

    def _remember(self, ready: Ready) -> None:
        self._known.add(ready.document.id, ready.facts.sha256, ready.document.text)

    def _is_due(self) -> bool:
        if not self._pending:
            return False
        waiting = sum(len(ready.chunks) for _, ready in self._pending)
        return waiting >= self._batch_passages or time.monotonic() - self._pending_since > HOLD_SECONDS

    def _flush(self) -> None:
        """Embed what waits, together, and commit it one document at a time."""
        batch, self._pending = self._pending, []
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
                    self._pending = [one]
                    self._flush()
        self._known.all_stored()

    def _embed(self, batch: Sequence[Ready]) -> list[Matrix]:
        texts = [text for ready in batch for text in passage_texts(ready.document, ready.chunks, self._embedder)]
        slices: list[Matrix] = []
        for first in range(0, len(texts), self._batch_passages):
            self._stop_if_asked()
            slices.append(self._vectors(texts[first : first + self._batch_passages]))
        ends = np.cumsum([len(ready.chunks) for ready in batch])
        return list(np.split(np.concatenate(slices), ends[:-1]))

    def _vectors(self, texts: Sequence[str]) -> Matrix:
        try:
            return self._embedder.embed_passages(texts)
        except ModelError:
            raise
        except Exception as error:  # an edge: what lies below a model raises anything, an accelerator out of memory say
            log.exception("%s failed on %d passages", self._embedder.name, len(texts))
            raise ModelError(f"{self._embedder.name}: {type(error).__name__}: {error}") from error

    def _commit(self, batch: Sequence[tuple[int, Ready]], vectors: Sequence[Matrix]) -> None:
        with self._store.lease(timeout_seconds=LEASE_SECONDS):
            for (slot, ready), matrix in zip(batch, vectors, strict=True):
                self._settle(slot, self._put(ready, matrix))
            if time.monotonic() - self._caught_up > CATCH_UP_SECONDS:
                self._store.catch_up()
                self._caught_up = time.monotonic()

    def _put(self, ready: Ready, matrix: Matrix) -> FileOut:
        try:
            self._store.keep_original(ready.data)
            self._store.put(ready.document, ready.chunks, matrix, ready.facts)
        except (LibraryError, OSError):  # a full disk, a lost lease: the next file would fare no better
            raise
        except Exception as error:  # the edge: one bad file must not stop the others
            log.exception("storing %s failed", ascii(ready.facts.location))
            return bad(ready.facts.source, "failed", "Internal", f"{type(error).__name__}: {error}")
        return _indexed(ready)

    def _settle(self, slot: int, row: FileOut) -> None:
        self.tally.settle(slot, row)
        self._progress(Progress(self.tally.settled, len(self.tally), row.path, row))

    def _stop_if_asked(self) -> None:
        if self._cancelled():
            raise Stopped

    def _gone(self, found: Walk) -> list[str]:
        """Return the locations under the folders that were seen whole where there is no file any more.

        A folder without a single file is taken for a disk that is not mounted, not for one that somebody emptied.
        """
        if self._library is None:
            return []
        known = {prefix: {row.location for row in self._library.sources(under=prefix)} for prefix in found.complete}
        kept: set[str] = set()
        for prefix in found.empty:
            if len(known[prefix]) > 1:
                kept |= known[prefix]
                log.warning(MISSING_MOUNT, prefix, len(known[prefix]))
        return sorted(set().union(*known.values()) - found.locations - kept)

    def _forget_gone(self, found: Walk) -> None:
        gone = self._gone(found)
        if gone:
            with self._store.lease(timeout_seconds=LEASE_SECONDS):
                for location in gone:
                    self.tally.removed += int(self._store.forget(location))


def _as_found(upload: Upload) -> Found | Passed:
    source = label(upload.name)
    try:
        size = upload.path.stat().st_size
    except OSError:
        detail = f"{source}: its bytes are not there any more; upload it again"
        return Passed(source, "failed", "NotFound", detail, f"upload:{source}")
    return Found(upload.path, f"upload:{source}", source, size, 0)  # no time: an upload is known by its bytes alone


def _indexed(ready: Ready) -> FileOut:
    return indexed(ready.facts.source, ready.document.id, len(ready.chunks))
