from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import ingest.worker
from ingest.batch import Batch
from ingest.opening import build_ingest, open_for_writing, writing_manifest
from ingest.pipeline import Ingest
from ingest.report import Slot
from ingest.worker import Worker
from rag.config import Settings
from rag.errors import Conflict, LibraryBusy, Malformed
from rag.library.database import Database
from rag.library.jobs import MAX_ATTEMPTS, Job, Jobs, open_jobs
from rag.library.library import Library
from tests.fakes import HashEmbedder


@pytest.fixture
def settings(data: Path) -> Settings:
    return Settings(data=data)


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()


@pytest.fixture
def worker(settings: Settings, stop: threading.Event, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    monkeypatch.setattr(ingest.worker, "HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr(ingest.worker, "POLL_SECONDS", 0.01)
    with Worker(settings, HashEmbedder(), stop) as made:
        yield made


@pytest.fixture
def jobs(settings: Settings) -> Iterator[Jobs]:
    open_for_writing(settings, "default", HashEmbedder()).close()
    with open_jobs(settings.data / "default") as opened:
        yield opened


@pytest.fixture
def filled(docs: Path) -> Path:
    for number in range(5):
        (docs / f"{number}.txt").write_text(f"Text number {number} of them.")
    return docs


def enqueue_folder(jobs: Jobs, folder: Path) -> Job:
    return jobs.enqueue("folder", {"paths": [str(folder)]})


def test_a_folder_job_is_done_and_its_report_adds_up(worker: Worker, jobs: Jobs, filled: Path) -> None:
    job = enqueue_folder(jobs, filled)
    assert worker.run_one()
    done = jobs.get(job.id)
    assert (done.state, done.attempts, done.error, done.current) == ("done", 1, None, None)
    assert (done.report["discovered"], done.report["indexed"], len(done.report["files"])) == (5, 5, 5)
    assert not worker.run_one()


def test_an_upload_job_reads_the_kept_bytes(worker: Worker, jobs: Jobs, settings: Settings) -> None:
    with open_for_writing(settings, "default", HashEmbedder()) as library:
        sha256 = library.keep_original("汤在星期五供应。".encode())
        job = jobs.enqueue("upload", {"files": [{"name": "菜单.txt", "sha256": sha256}]})
        assert worker.run_one()
        assert jobs.get(job.id).report["files"][0]["outcome"] == "indexed"
        library.refresh()
        assert [row.source for row in library.documents(limit=9)] == ["菜单.txt"]


def test_an_upload_cannot_name_a_file_outside_the_originals(worker: Worker, jobs: Jobs, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret text")
    job = jobs.enqueue("upload", {"files": [{"name": "x.txt", "sha256": "../../../secret"}]})
    assert worker.run_one()
    assert jobs.get(job.id).report["files"][0]["outcome"] == "failed"


def test_jobs_of_every_collection_are_taken(worker: Worker, jobs: Jobs, settings: Settings, filled: Path) -> None:
    open_for_writing(settings, "other", HashEmbedder()).close()
    with open_jobs(settings.data / "other") as others:
        first, second = enqueue_folder(jobs, filled), enqueue_folder(others, filled)
        assert worker.run_one()
        assert worker.run_one()
        assert (jobs.get(first.id).state, others.get(second.id).state) == ("done", "done")


def test_a_broken_collection_does_not_starve_the_others(
    worker: Worker, jobs: Jobs, settings: Settings, filled: Path
) -> None:
    (settings.data / "broken").mkdir()
    (settings.data / "broken" / "library.db").write_bytes(b"this is no database, whatever its name says" * 100)
    job = enqueue_folder(jobs, filled)
    assert worker.run_one()
    assert jobs.get(job.id).state == "done"


def test_a_collection_made_anew_is_opened_anew(worker: Worker, jobs: Jobs, settings: Settings, filled: Path) -> None:
    from rag.library.collections import remove_collection

    enqueue_folder(jobs, filled)
    assert worker.run_one()
    jobs.close()
    remove_collection(settings.data, "default")
    assert not worker.run_one()
    open_for_writing(settings, "default", HashEmbedder()).close()
    with open_jobs(settings.data / "default") as anew:
        job = enqueue_folder(anew, filled)
        assert worker.run_one()
        assert anew.get(job.id).state == "done"


def test_the_job_of_a_killed_worker_is_run_again_and_finds_its_files_unchanged(
    worker: Worker, jobs: Jobs, settings: Settings, filled: Path
) -> None:
    job = enqueue_folder(jobs, filled)
    past = Jobs(Database(settings.data / "default" / "library.db"), clock=an_hour_ago)
    assert past.claim("killed") is not None
    past.close()
    with open_for_writing(settings, "default", HashEmbedder()) as library:
        build_ingest(settings, library, HashEmbedder()).run([filled / "0.txt", filled / "1.txt"])
    assert worker.run_one()
    done = jobs.get(job.id)
    assert (done.state, done.attempts) == ("done", 2)
    assert (done.report["unchanged"], done.report["indexed"], done.report["discovered"]) == (2, 3, 5)


def an_hour_ago() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


def test_a_job_that_kills_every_worker_is_given_up(
    worker: Worker, jobs: Jobs, settings: Settings, filled: Path
) -> None:
    job = enqueue_folder(jobs, filled)
    hours = iter(range(100, 0, -1))
    with Jobs(
        Database(settings.data / "default" / "library.db"),
        clock=lambda: datetime.now(UTC) - timedelta(hours=next(hours)),
    ) as past:
        for _ in range(MAX_ATTEMPTS):
            assert past.claim("killed") is not None
        assert past.heartbeat(job.id, "docs/3.txt", {})
    assert not worker.run_one()
    ended = jobs.get(job.id)
    assert (ended.state, ended.error) == ("failed", "gave up after 3 tries; the last ended at docs/3.txt")


def on_first_file(monkeypatch: pytest.MonkeyPatch, act: Any) -> None:
    """Run act() once the first document is committed, and wait for the heartbeat that notices it."""
    settle = Ingest._settle
    seen: list[Slot] = []

    def settling(self: Ingest, slot: Slot, row: Any) -> None:
        settle(self, slot, row)
        if not seen:
            seen.append(slot)
            act(self)

    monkeypatch.setattr(Ingest, "_settle", settling)
    monkeypatch.setattr(Batch, "is_due", lambda self: True)  # each document by itself


def cancel_on_first_file(jobs: Jobs, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    noticed = threading.Event()
    beat = Jobs.heartbeat

    def beating(self: Jobs, *args: Any, **names: Any) -> bool:
        alive = beat(self, *args, **names)
        if not alive:
            noticed.set()
        return alive

    monkeypatch.setattr(Jobs, "heartbeat", beating)

    def cancel(running: Ingest) -> None:
        jobs.cancel(job.id)
        assert noticed.wait(20)
        while not running._cancelled():
            pass

    on_first_file(monkeypatch, cancel)


def test_a_cancelled_job_stops_after_the_document_at_hand(
    worker: Worker, jobs: Jobs, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = enqueue_folder(jobs, filled)
    cancel_on_first_file(jobs, job, monkeypatch)
    assert worker.run_one()
    ended = jobs.get(job.id)
    assert ended.state == "cancelled"
    assert (ended.report["indexed"], ended.report["skipped"], ended.report["discovered"]) == (1, 4, 5)


def test_a_worker_that_is_told_to_stop_gives_its_job_back(
    worker: Worker, jobs: Jobs, filled: Path, stop: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = enqueue_folder(jobs, filled)
    on_first_file(monkeypatch, lambda _: stop.set())
    assert worker.run_one()
    waiting = jobs.get(job.id)
    assert (waiting.state, waiting.attempts) == ("queued", 0)
    stop.clear()
    assert worker.run_one()
    assert jobs.get(job.id).report["unchanged"] == 1


def test_a_job_whose_library_is_busy_waits_its_turn(
    worker: Worker, jobs: Jobs, settings: Settings, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.batch.LEASE_SECONDS", 0.05)
    job = enqueue_folder(jobs, filled)
    with open_for_writing(settings, "default", HashEmbedder()) as other, other.lease():
        assert worker.run_one()
        assert (jobs.get(job.id).state, jobs.get(job.id).attempts) == ("queued", 0)
    assert worker.run_one()
    assert jobs.get(job.id).state == "done"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Malformed("no good", hint="mend it"), "Malformed: no good; mend it"),
        (ZeroDivisionError("oh"), "Internal: ZeroDiv"),
    ],
)
def test_a_job_that_fails_says_why_and_the_worker_goes_on(
    worker: Worker, jobs: Jobs, filled: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def failing(self: Ingest, paths: Any) -> Any:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(Ingest, "run", failing)
        bad = enqueue_folder(jobs, filled)
        assert worker.run_one()
    failed = jobs.get(bad.id)
    assert failed.state == "failed"
    assert words in (failed.error or "")
    good = enqueue_folder(jobs, filled)
    assert worker.run_one()
    assert jobs.get(good.id).state == "done"


def test_a_heartbeat_that_meets_a_busy_database_is_not_the_end(
    worker: Worker, jobs: Jobs, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(self: Jobs, *_args: Any, **_names: Any) -> bool:
        raise LibraryBusy("locked")

    monkeypatch.setattr(Jobs, "heartbeat", busy)
    job = enqueue_folder(jobs, filled)
    assert worker.run_one()
    assert jobs.get(job.id).state == "done"


def test_a_worker_without_jobs_stops_when_told(
    settings: Settings, stop: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest.worker, "build_embedder", lambda _: HashEmbedder())
    thread = threading.Thread(target=ingest.worker.run_worker, args=(settings, stop))
    thread.start()
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def test_a_committed_document_is_seen_by_a_library_that_was_open_before(
    worker: Worker, jobs: Jobs, settings: Settings, filled: Path
) -> None:
    with Library.open(settings.data / "default", writing_manifest(settings, HashEmbedder())) as reader:
        enqueue_folder(jobs, filled)
        assert worker.run_one()
        reader.refresh()
        assert len(reader.lexical("text", 10)) == 5


def test_the_last_try_leaves_out_the_file_that_the_worker_died_at(
    worker: Worker, jobs: Jobs, settings: Settings, filled: Path
) -> None:
    job = enqueue_folder(jobs, filled)
    hours = iter(range(100, 0, -1))
    with Jobs(
        Database(settings.data / "default" / "library.db"),
        clock=lambda: datetime.now(UTC) - timedelta(hours=next(hours)),
    ) as past:
        for _ in range(MAX_ATTEMPTS - 1):
            assert past.claim("killed") is not None
            assert past.heartbeat(job.id, "docs/3.txt", {})
    assert worker.run_one()
    done = jobs.get(job.id)
    assert (done.state, done.report["indexed"], done.report["failed"]) == ("done", 4, 1)
    [row] = [row for row in done.report["files"] if row["outcome"] == "failed"]
    assert (row["path"], row["error"]) == ("docs/3.txt", "Avoided")


def test_a_cancelled_job_is_resumed_where_it_stopped(
    worker: Worker, jobs: Jobs, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = enqueue_folder(jobs, filled)
    with monkeypatch.context() as patched:
        cancel_on_first_file(jobs, job, patched)
        assert worker.run_one()
    stopped = jobs.get(job.id)
    assert (stopped.state, stopped.report["indexed"]) == ("cancelled", 1)
    assert (jobs.resume(job.id).state, jobs.get(job.id).attempts) == ("queued", 0)
    assert worker.run_one()
    done = jobs.get(job.id)
    assert (done.state, done.report["unchanged"]) == ("done", stopped.report["indexed"])
    assert done.report["indexed"] == 5 - stopped.report["indexed"]
    with pytest.raises(Conflict, match="is done"):
        jobs.resume(job.id)
