"""Take ingest jobs from every collection, one at a time. Knows nothing of files; that is the pipeline's.

A worker may be killed at any moment: its job's heartbeats stop, another worker takes the job after 30 s, runs it again,
and finds what was committed unchanged.
"""

from __future__ import annotations

import logging
import os
import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from ingest.opening import build_ingest, open_for_writing
from ingest.pipeline import Ingest, Upload
from rag.build import build_embedder, library_folder
from rag.config import Settings
from rag.errors import FootnoteError, LibraryBusy, LibraryError, NotFound
from rag.library.collections import list_collections
from rag.library.jobs import FILE_NAME, MAX_ATTEMPTS, Job, Jobs, open_jobs
from rag.library.spool import drop_spooled
from rag.ports import Embedder
from rag.wire import ReportOut

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
HEARTBEAT_SECONDS = 2.0  # a job without one for 30 s is taken over
ORIGINALS = "originals"


def run_worker(settings: Settings, stop: threading.Event) -> None:
    """Work until stop is set; then the document at hand is finished, and its job goes back to the queue."""
    with Worker(settings, build_embedder(settings), stop) as worker:
        log.info("waiting for jobs of %s", settings.data)
        while not stop.is_set():
            if not worker.run_one():
                stop.wait(POLL_SECONDS)


class Worker:
    """Keeps one embedder, loaded once, and a handle on each collection's jobs."""

    def __init__(self, settings: Settings, embedder: Embedder, stop: threading.Event) -> None:
        self._settings = settings
        self._embedder = embedder
        self._stop = stop
        self._owner = f"{platform.node()}:{os.getpid()}:{uuid4().hex[:8]}"
        self._jobs: dict[str, tuple[int, Jobs]] = {}  # by collection: its database's inode, and the handle on it

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_error: object) -> None:
        for _, jobs in self._jobs.values():
            jobs.close()

    def run_one(self) -> bool:
        """Run the oldest waiting job of the first collection that has one; False where none has."""
        for collection in list_collections(self._settings.data):
            try:
                jobs = self._handle(collection)
                job = jobs.claim(self._owner)
            except (LibraryError, OSError) as error:  # one broken collection must not starve the others
                log.warning("collection %s: its jobs cannot be read: %s", collection, error)
                continue
            if job is not None:
                self._run(collection, jobs, job)
                return True
        return False

    def _handle(self, collection: str) -> Jobs:
        """Return the collection's jobs, opened anew where the collection was removed and made again."""
        folder = library_folder(self._settings, collection)
        inode = (folder / FILE_NAME).stat().st_ino
        opened = self._jobs.get(collection)
        if opened is not None and opened[0] != inode:
            opened[1].close()
            opened = None
        if opened is None:
            opened = inode, open_jobs(folder)
            self._jobs[collection] = opened
        return opened[1]

    def _run(self, collection: str, jobs: Jobs, job: Job) -> None:
        log.info("job %s of %s begins, attempt %d", job.id, collection, job.attempts)
        pulse = Pulse(jobs, job, self._owner)
        try:
            with open_for_writing(self._settings, collection, self._embedder) as library:
                ingest = build_ingest(
                    self._settings,
                    library,
                    self._embedder,
                    avoid=suspects(job),
                    tags=job.payload.get("tags", ()),
                    cancelled=lambda: pulse.lost.is_set() or self._stop.is_set(),
                )
                with pulse.beating(ingest):
                    report = self._ingest(collection, job, ingest)
        except LibraryBusy as error:  # a rebuild can hold the lease for long: the job waits its turn again
            log.warning("job %s of %s: %s; it is queued again", job.id, collection, error)
            jobs.release(job.id)
            self._stop.wait(POLL_SECONDS)
        except FootnoteError as error:
            self._fail(jobs, job, f"{error.name}: {error}" + (f"; {error.hint}" if error.hint else ""))
        except Exception as error:  # the edge: one bad job must not stop the worker
            log.exception("job %s of %s failed", job.id, collection)
            self._fail(jobs, job, f"Internal: {type(error).__name__}: {error}")
        else:
            self._end(jobs, job, report, pulse)
        try:  # what was masked or could not be read is not kept
            drop_spooled(library_folder(self._settings, collection), job)
        except (LibraryError, OSError) as error:
            log.warning("job %s: its uploads could not be dropped: %s", job.id, error)

    def _ingest(self, collection: str, job: Job, ingest: Ingest) -> ReportOut:
        if job.kind == "folder":
            return ingest.run([Path(path) for path in job.payload["paths"]])
        originals = library_folder(self._settings, collection) / ORIGINALS
        return ingest.run_uploads(
            [Upload(file["name"], originals / Path(file["sha256"]).name) for file in job.payload["files"]]
        )

    def _end(self, jobs: Jobs, job: Job, report: ReportOut, pulse: Pulse) -> None:
        cut_short = any(row.error == "Cancelled" for row in report.files)
        if pulse.lost.is_set():
            if jobs.get(job.id).state == "cancelled":  # else another worker has it, and will end it
                jobs.finish(job.id, report.model_dump(mode="json"))
        elif cut_short:
            jobs.release(job.id)
        else:
            jobs.finish(job.id, report.model_dump(mode="json"))
        log.info("job %s ends: %d indexed, %d failed", job.id, report.indexed, report.failed)

    def _fail(self, jobs: Jobs, job: Job, error: str) -> None:
        log.error("job %s: %s", job.id, error)
        try:
            jobs.fail(job.id, error)
        except FootnoteError as gone:  # cancelled or removed meanwhile: nobody waits for this error
            log.warning("job %s: its failure could not be noted: %s", job.id, gone)


def suspects(job: Job) -> frozenset[str]:
    """Return the file that a worker was last seen at before it died, where this try is the last one."""
    return frozenset({job.current} if job.current and job.attempts == MAX_ATTEMPTS else ())


class Pulse:
    """Heartbeats of one job, from a thread: a long document must not look like a dead worker."""

    def __init__(self, jobs: Jobs, job: Job, owner: str) -> None:
        self._jobs = jobs
        self._job = job
        self._owner = owner
        self.lost = threading.Event()  # cancelled, or taken over

    @contextmanager
    def beating(self, ingest: Ingest) -> Iterator[None]:
        done = threading.Event()
        thread = threading.Thread(target=self._beat, args=(ingest, done), name=f"pulse-{self._job.id}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _beat(self, ingest: Ingest, done: threading.Event) -> None:
        while True:
            try:
                report = ingest.tally.counts(ingest.seconds).model_dump(mode="json")
                if not self._jobs.heartbeat(self._job.id, ingest.tally.current, report, owner=self._owner):
                    self.lost.set()
                    return
            except NotFound:
                self.lost.set()
                return
            except LibraryError as error:  # a busy database: the next beat may get through
                log.warning("job %s: no heartbeat: %s", self._job.id, error)
            if done.wait(HEARTBEAT_SECONDS):
                return
