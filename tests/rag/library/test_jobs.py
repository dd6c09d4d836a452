from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rag.errors import Conflict, NotFound
from rag.library.database import Database
from rag.library.jobs import Jobs, open_jobs
from tests.rag.library.shelf import open_shelf


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def jobs(folder: Path, clock: Clock) -> Iterator[Jobs]:
    with Jobs(Database(folder / "library.db"), clock=clock) as jobs:
        yield jobs


def test_a_job_goes_from_queued_to_running_to_done(jobs: Jobs) -> None:
    queued = jobs.enqueue("upload", {"files": [{"name": "报告.pdf", "sha256": "0" * 64}]})
    assert (queued.state, queued.attempts, queued.report) == ("queued", 0, {})
    running = jobs.claim("worker")
    assert running is not None
    assert (running.id, running.state, running.owner, running.attempts) == (queued.id, "running", "worker", 1)
    assert running.payload == queued.payload
    assert jobs.heartbeat(running.id, "报告.pdf", {"discovered": 1})
    assert (jobs.get(running.id).current, jobs.get(running.id).report) == ("报告.pdf", {"discovered": 1})
    done = jobs.finish(running.id, {"discovered": 1, "indexed": 1})
    assert (done.state, done.current, done.report) == ("done", None, {"discovered": 1, "indexed": 1})
    assert done.finished_at is not None
    assert jobs.claim("worker") is None


def test_jobs_are_taken_in_the_order_they_came_and_listed_newest_first(jobs: Jobs) -> None:
    ids = [jobs.enqueue("folder", {"number": number}).id for number in range(3)]
    taken = [jobs.claim("worker") for _ in range(3)]
    assert [job.id for job in taken if job] == ids
    assert [job.id for job in jobs.list(2)] == ids[:0:-1]


def test_a_job_whose_worker_fell_silent_is_taken_again(jobs: Jobs, clock: Clock) -> None:
    job = jobs.enqueue("folder", {})
    jobs.claim("first")
    clock.pass_seconds(25)
    assert jobs.heartbeat(job.id, None, {}, owner="first")
    clock.pass_seconds(25)
    assert jobs.claim("second") is None
    clock.pass_seconds(6)
    again = jobs.claim("second")
    assert again is not None
    assert (again.id, again.owner, again.attempts) == (job.id, "second", 2)
    assert not jobs.heartbeat(job.id, None, {}, owner="first")
    assert jobs.heartbeat(job.id, None, {}, owner="second")


def test_a_job_that_kills_its_workers_is_given_up(jobs: Jobs, clock: Clock) -> None:
    job = jobs.enqueue("folder", {})
    for attempt in (1, 2, 3):
        taken = jobs.claim("worker")
        assert taken is not None
        assert taken.attempts == attempt
        clock.pass_seconds(31)
    assert jobs.claim("worker") is None
    failed = jobs.get(job.id)
    assert (failed.state, failed.error) == ("failed", "gave up after 3 tries")


def test_a_cancelled_job_stops_at_its_next_heartbeat(jobs: Jobs) -> None:
    job = jobs.enqueue("folder", {})
    jobs.claim("worker")
    assert jobs.cancel(job.id).state == "cancelled"
    assert not jobs.heartbeat(job.id, "a.txt", {})
    assert jobs.finish(job.id, {"indexed": 2}).state == "cancelled"
    assert jobs.get(job.id).report == {"indexed": 2}
    with pytest.raises(Conflict):
        jobs.cancel(job.id)


def test_a_queued_job_can_be_cancelled_before_anyone_takes_it(jobs: Jobs) -> None:
    jobs.cancel(jobs.enqueue("folder", {}).id)
    assert jobs.claim("worker") is None


def test_a_failed_job_says_why(jobs: Jobs) -> None:
    job = jobs.enqueue("folder", {})
    jobs.claim("worker")
    assert (jobs.fail(job.id, "the disk is full").state, jobs.get(job.id).error) == ("failed", "the disk is full")
    with pytest.raises(Conflict):
        jobs.finish(job.id, {})


def test_an_unknown_job_is_not_found(jobs: Jobs) -> None:
    with pytest.raises(NotFound):
        jobs.get("nobody")


def test_each_job_is_taken_once_however_many_workers_ask(folder: Path) -> None:
    with open_jobs(folder) as jobs:
        ids = {jobs.enqueue("folder", {"number": number}).id for number in range(12)}

    def work(owner: int) -> list[str]:
        taken = []
        with open_jobs(folder) as mine:
            while (job := mine.claim(f"worker {owner}")) is not None:
                taken.append(job.id)
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [job_id for some in pool.map(work, range(4)) for job_id in some]
    assert len(taken) == 12
    assert set(taken) == ids


def test_jobs_wait_in_a_library_that_no_embedder_has_opened(folder: Path) -> None:
    with open_jobs(folder) as jobs:
        job = jobs.enqueue("upload", {})
    with open_shelf(folder) as library:
        assert library.jobs.get(job.id) == job
        assert library.verify() == []
