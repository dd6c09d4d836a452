"""From files to the truth: walk, look, read ahead, embed in batches, commit one document at a time, report.

Knows nothing of formats, of SQL or of indexes. A document is acknowledged (its row settled) after its commit.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.ahead import ReadHere, Reading
from ingest.batch import BATCH_PASSAGES, LEASE_SECONDS, Batch, Stopped
from ingest.dedup import Known
from ingest.examine import Archive, Examiner, Loaded, Ready, Settled, within
from ingest.patterns import Patterns
from ingest.privacy import Privacy, names_of
from ingest.read import Limits, reader_version
from ingest.remembered import Remembered
from ingest.report import Slot, Tally, bad
from ingest.standing import Standing
from ingest.tag import tag_all
from ingest.walk import EVERY_FILE, Found, Passed, label, walk
from rag.library.library import Library
from rag.ports import Embedder
from rag.types import Document
from rag.wire import FileOut, ReportOut

log = logging.getLogger(__name__)

AHEAD_FILES = 16  # that are read while others are embedded
AHEAD_BYTES = (
    24 * 2**20
)  # of them together, since a document takes much more than its bytes; a larger file is read alone
STEPS_TO_FLUSH = 16  # batches; until then it is remembered of every document that it was in this run


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


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A file that has been looked at, and, where it must be read, the document to come."""

    slot: Slot
    step: Settled | Loaded
    reading: Future[Document] | None

    @property
    def is_read(self) -> bool:
        return self.reading is None or self.reading.done()

    @property
    def size(self) -> int:
        return len(self.step.data) if isinstance(self.step, Loaded) else 0


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
        reading: Reading | None = None,
        patterns: Patterns = EVERY_FILE,
        avoid: Collection[str] = (),
        tags: Sequence[str] = (),
        progress: Callable[[Progress], None] = lambda _: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        """library may be None for plan() alone, where there is none yet. data: the folder that holds Footnote's own.

        reading: reads the files; closed at the end of each run. Without it they are read in this process.
        avoid: sources that an earlier try did not survive. tags: for every document found, also those there already.
        """
        self._library = library
        self._embedder = embedder
        self._data = data
        self._limits = limits
        self._patterns = patterns
        self._avoid = frozenset(avoid)
        self._tags = tuple(tags)
        self._batch_passages = batch_passages
        self._progress = progress
        self._cancelled = cancelled
        self._reading = reading or ReadHere()
        self._known = Known(library, reader_version(limits))
        self._standing = Standing(library)
        self._names = names_of(Privacy(limits.privacy))
        self._remembered = Remembered(library, limits, self._standing)
        self._examiner = Examiner(
            library,
            self._known,
            embedder.token_starts,
            limits=limits,
            max_tokens=min(max_tokens, embedder.max_tokens),
            overlap_sentences=overlap_sentences,
            before=self._standing.at,
        )
        self.tally = Tally([])
        self._waiting: deque[_Waiting] = deque()
        self._archives: list[tuple[Slot, Found]] = []
        self._batch: Batch | None = None
        self._steps = 0
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def run(self, paths: Sequence[Path]) -> ReportOut:
        """Bring the library in step with files and folders; what is gone from a folder is forgotten.

        Raises LibraryError and OSError where the library cannot be written: that is no one file's fault.
        """
        found = self._names.walk(walk(paths, self._data, self._patterns))
        self._standing.look_at(found)
        self._remembered.look_at(found)
        if self._go_through(found.entries):
            self._forget_gone()
            for slot, archive in self._archives:
                self._remembered.note_archive(archive, self.tally.rows_at(slot))
            self._remembered.store()
        return self._finished()

    def run_uploads(self, uploads: Sequence[Upload]) -> ReportOut:
        """As run(), for bytes that are known by their name alone."""
        self._go_through([self._names.entry(_as_found(upload)) for upload in uploads])
        return self._finished()

    def plan(self, paths: Sequence[Path]) -> ReportOut:
        """Say what run() would do: everything is read, nothing is embedded or written."""
        found = self._names.walk(walk(paths, self._data, self._patterns))
        self._standing.look_at(found)
        self._remembered.look_at(found)
        self._begin(found.entries)
        try:
            self._look_at(found.entries, settle=self._plan_one)
        finally:
            self._end()
        self.tally.removed = self._standing.removed()
        self._known.all_stored()
        return self.tally.report(self.seconds)

    def _begin(self, entries: Sequence[Found | Passed]) -> None:
        self.tally = Tally([entry.source for entry in entries])
        self._known.all_stored()
        self._waiting.clear()
        self._archives.clear()
        self._began = time.monotonic()

    def _go_through(self, entries: Sequence[Found | Passed]) -> bool:
        """Take every entry to its end; False where that was cut short."""
        self._begin(entries)
        batch = self._batch = Batch(
            self._store,
            self._embedder,
            passages=self._batch_passages,
            settle=self._settle,
            stop_if_asked=self._stop_if_asked,
        )
        try:
            self._look_at(entries, settle=self._take)
            self._flush(batch)
        except Stopped:
            self.tally.settle_rest("Cancelled", "stopped before this file was committed; ingest again to go on")
            return False
        finally:
            self._end()
        return True

    def _end(self) -> None:
        self.tally.current = None
        if self._batch is not None:
            self._batch.close()
        self._batch = None
        self._waiting.clear()
        self._reading.close()

    def _finished(self) -> ReportOut:
        report = self.tally.report(self.seconds)
        if self._tags:
            tag_all(self._store.tags, [row.document_id for row in report.files if row.document_id], self._tags)
        with self._store.lease(timeout_seconds=LEASE_SECONDS):
            self._store.catch_up()
        return self.tally.report(self.seconds)

    @property
    def _store(self) -> Library:
        if self._library is None:
            raise ValueError("an Ingest without a library can plan, and nothing else")
        return self._library

    def _look_at(self, entries: Iterable[Found | Passed], settle: Callable[[_Waiting], None]) -> None:
        """Look at every file, and at every file in an archive; settle them in their order, once they are read."""
        for slot, entry in zip(self.tally.slots(), entries, strict=True):
            self._stop_if_asked()
            if isinstance(entry, Found) and (rows := self._remembered.rows(entry)):
                self._tell_again(slot, entry, rows, settle)
                continue
            step = _avoided(entry) if entry.source in self._avoid else self._examiner.look(entry)
            if isinstance(step, Archive):
                self._unpack(slot, step, settle)
            else:
                self._queue(slot, entry.source, step, settle)
        self._drain(settle)

    def _tell_again(
        self, slot: Slot, entry: Found, rows: Sequence[FileOut], settle: Callable[[_Waiting], None]
    ) -> None:
        for row in rows:
            place = slot if row.path == entry.source else self.tally.open_within(slot, row.path)
            self._queue(place, row.path, Settled(row), settle)

    def _unpack(self, slot: Slot, archive: Archive, settle: Callable[[_Waiting], None]) -> None:
        source, whole = archive.found.source, True
        try:
            for unnamed in self._reading.members(archive.data, source, self._limits):
                self._stop_if_asked()
                member = self._names.member(unnamed)
                location, name = within(archive.found, member.name)
                inner = self.tally.open_within(slot, name)
                step = self._examiner.look_within(archive, member)
                self._queue(inner, name, step, settle, self._limits.within(member.depth))
                self._standing.saw(location)
                whole = whole and member.error not in ("Malformed", "TooLarge")
        except Stopped:
            raise
        except Exception as error:  # noqa: BLE001  (the edge: a broken archive must not stop the others)
            whole = False
            self._queue(slot, source, self._examiner.refused(source, error), settle)
        self._standing.saw_archive(archive.found, whole=whole)
        self._archives.append((slot, archive.found))

    def _queue(
        self,
        slot: Slot,
        source: str,
        step: Settled | Loaded,
        settle: Callable[[_Waiting], None],
        limits: Limits | None = None,
    ) -> None:
        reading = None
        if isinstance(step, Loaded):
            self._make_room(len(step.data), settle)
            self._progress(Progress(self.tally.settled, len(self.tally), source))
            reading = self._reading.document(step.data, source, limits or self._limits)
        self._waiting.append(_Waiting(slot, step, reading))
        self._make_room(0, settle)

    def _make_room(self, more: int, settle: Callable[[_Waiting], None]) -> None:
        """Settle the first of those that wait while they are too many, or need no waiting."""
        while self._waiting and (
            self._waiting[0].is_read
            or len(self._waiting) > AHEAD_FILES
            or sum(one.size for one in self._waiting) + more > AHEAD_BYTES
        ):
            settle(self._waiting.popleft())

    def _drain(self, settle: Callable[[_Waiting], None]) -> None:
        while self._waiting:
            self._stop_if_asked()
            settle(self._waiting.popleft())

    def _result(self, waiting: _Waiting) -> Settled | Ready:
        if isinstance(waiting.step, Settled):
            return waiting.step
        assert waiting.reading is not None
        self.tally.current = waiting.step.facts.source
        step = self._examiner.settle(waiting.step, waiting.reading)
        return replace(step, row=self._names.row(step.row)) if isinstance(step, Settled) else step

    def _plan_one(self, waiting: _Waiting) -> None:
        step = self._result(waiting)
        if isinstance(step, Ready):
            self._known.add(step.document.id, step.facts.sha256, step.document.text)
            row = step.row
        else:
            row = self._standing.as_moved(step.row, step.facts)
        self._settle(waiting.slot, row)

    def _take(self, waiting: _Waiting) -> None:
        assert self._batch is not None
        step = self._result(waiting)
        if isinstance(step, Settled) and step.row.duplicate_of and self._known.waits(step.row.duplicate_of):
            self._flush(self._batch)  # the twin must stand in the library first; if it fails there, this one goes on
            step = self._result(waiting)
        if isinstance(step, Ready):
            self._known.add(step.document.id, step.facts.sha256, step.document.text)
            self._batch.add(waiting.slot, step)
        else:
            row = self._standing.as_moved(step.row, step.facts)
            self._note(step)
            if isinstance(waiting.step, Loaded):
                self._remembered.note(waiting.step.facts, row)
            self._settle(waiting.slot, row)
        if self._batch.is_due():
            self._go_on(self._batch)

    def _go_on(self, batch: Batch) -> None:
        self._steps += 1
        if self._steps % STEPS_TO_FLUSH:
            batch.go_on()
        else:  # only where nothing waits may what is known of this run be forgotten
            self._flush(batch)

    def _flush(self, batch: Batch) -> None:
        batch.flush()
        self._known.all_stored()

    def _note(self, step: Settled) -> None:
        if step.facts is None:
            return
        with self._store.lease(timeout_seconds=LEASE_SECONDS):
            if step.row.duplicate_of is None:
                self._store.touch(step.facts)
            else:
                self._store.put_duplicate(step.facts, step.row.duplicate_of)

    def _settle(self, slot: Slot, row: FileOut) -> None:
        self.tally.settle(slot, row)
        self._progress(Progress(self.tally.settled, len(self.tally), row.path, row))

    def _stop_if_asked(self) -> None:
        if self._cancelled():
            raise Stopped

    def _forget_gone(self) -> None:
        gone = self._standing.gone()
        if gone:
            with self._store.lease(timeout_seconds=LEASE_SECONDS):
                for location in gone:
                    self._store.forget(location)
            self.tally.removed = self._standing.removed()


def _avoided(entry: Found | Passed) -> Settled:
    detail = f"{entry.source}: earlier tries ended the whole worker at this file or near it; ingest it by itself"
    return Settled(bad(entry.source, "failed", "Avoided", detail))


def _as_found(upload: Upload) -> Found | Passed:
    source = label(upload.name)
    try:
        size = upload.path.stat().st_size
    except OSError:
        detail = f"{source}: its bytes are not there any more; upload it again"
        return Passed(source, "failed", "NotFound", detail, f"upload:{source}")
    return Found(upload.path, f"upload:{source}", source, size, 0)  # no time: an upload is known by its bytes alone
