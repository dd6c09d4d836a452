"""Jobs: rows in the collection's database that workers take, one at a time. Knows nothing of what a job does."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import Connection, Row, and_, func, or_, select, update

from rag.errors import Conflict, NotFound
from rag.library.database import Database
from rag.library.tables import jobs

STALE_SECONDS = 30
MAX_ATTEMPTS = 3
FILE_NAME = "library.db"

JobKind = Literal["upload", "folder"]
JobState = Literal["queued", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Job:
    id: str
    kind: JobKind
    state: JobState
    payload: Mapping[str, Any]
    created_at: str
    started_at: str | None
    finished_at: str | None
    attempts: int
    owner: str | None
    current: str | None  # the file being read now
    report: Mapping[str, Any]  # shaped as wire.ReportOut; {} before the first heartbeat
    error: str | None


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Jobs:
    def __init__(self, database: Database, *, clock: Callable[[], datetime] = _utc_now) -> None:
        self._database = database
        self._clock = clock

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Jobs:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def enqueue(self, kind: JobKind, payload: Mapping[str, Any]) -> Job:
        job_id = uuid4().hex
        with self._database.writing() as connection:
            connection.execute(
                jobs.insert().values(
                    id=job_id,
                    kind=kind,
                    state="queued",
                    payload=json.dumps(dict(payload), ensure_ascii=False),
                    created_at=self._now(),
                    attempts=0,
                    report="{}",
                )
            )
            return _get(connection, job_id)

    def get(self, job_id: str) -> Job:
        """Raises NotFound."""
        with self._database.reading() as connection:
            return _get(connection, job_id)

    def list(self, limit: int) -> list[Job]:
        """Newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(jobs).order_by(jobs.c.number.desc()).limit(limit))
            return [_job(row) for row in rows]

    def cancel(self, job_id: str) -> Job:
        """A running one stops at its next heartbeat. Raises NotFound, Conflict where it has ended."""
        with self._database.writing() as connection:
            job = _get(connection, job_id)
            if job.state not in ("queued", "running"):
                raise Conflict(f"job {job_id} is {job.state} already")
            values = {"state": "cancelled", "finished_at": self._now(), "current": None}
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(**values))
            return _get(connection, job_id)

    def claim(self, owner: str) -> Job | None:
        """Take the oldest job that waits, or whose worker has not been heard of for 30 s; None where there is none."""
        stale = (self._clock() - timedelta(seconds=STALE_SECONDS)).isoformat(timespec="milliseconds")
        left = and_(jobs.c.state == "running", jobs.c.heartbeat_at < stale)
        with self._database.reading() as connection:  # workers ask often, and must not stand in writers' way
            if connection.execute(select(jobs.c.number).where(or_(jobs.c.state == "queued", left))).first() is None:
                return None
        with self._database.writing() as connection:
            connection.execute(
                update(jobs)
                .where(left, jobs.c.attempts >= MAX_ATTEMPTS)
                .values(
                    state="failed",
                    finished_at=self._now(),
                    current=None,
                    error=f"gave up after {MAX_ATTEMPTS} tries"
                    + func.coalesce("; the last ended at " + jobs.c.current, ""),
                )
            )
            query = select(jobs).where(or_(jobs.c.state == "queued", left)).order_by(jobs.c.number).limit(1)
            row = connection.execute(query).first()
            if row is None:
                return None
            taken = connection.execute(
                update(jobs)
                # The attempts are the proof that nobody took it meanwhile, where a database lets two writers in.
                .where(jobs.c.id == row.id, jobs.c.state == row.state, jobs.c.attempts == row.attempts)
                .values(
                    state="running",
                    owner=owner,
                    attempts=row.attempts + 1,
                    started_at=row.started_at or self._now(),
                    heartbeat_at=self._now(),
                )
            )
            return _get(connection, row.id) if taken.rowcount == 1 else None

    def heartbeat(
        self, job_id: str, current: str | None, report: Mapping[str, Any], *, owner: str | None = None
    ) -> bool:
        """Say that the work goes on. False: it was cancelled, or another worker has it; stop."""
        query = update(jobs).where(jobs.c.id == job_id, jobs.c.state == "running")
        if owner is not None:
            query = query.where(jobs.c.owner == owner)
        values = {"heartbeat_at": self._now(), "current": current, "report": _packed(report)}
        with self._database.writing() as connection:
            return connection.execute(query.values(**values)).rowcount == 1

    def release(self, job_id: str) -> Job:
        """Give a running job back to the queue: its worker stops, and the attempt does not count."""
        with self._database.writing() as connection:
            running = update(jobs).where(jobs.c.id == job_id, jobs.c.state == "running")
            connection.execute(running.values(state="queued", owner=None, current=None, attempts=jobs.c.attempts - 1))
            return _get(connection, job_id)

    def resume(self, job_id: str) -> Job:
        """Queue a job again that was cancelled or has failed; what it indexed is found unchanged.

        Raises NotFound, Conflict where it is still to end, or has done all.
        """
        with self._database.writing() as connection:
            job = _get(connection, job_id)
            if job.state not in ("cancelled", "failed"):
                raise Conflict(f"job {job_id} is {job.state}: only a cancelled or failed one can be resumed")
            values = {"state": "queued", "attempts": 0, "owner": None, "error": None, "finished_at": None}
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(**values))
            return _get(connection, job_id)

    def finish(self, job_id: str, report: Mapping[str, Any]) -> Job:
        """A job that was cancelled meanwhile stays cancelled, with the report of what was done."""
        return self._end(job_id, state="done", report=_packed(report))

    def fail(self, job_id: str, error: str) -> Job:
        return self._end(job_id, state="failed", error=error)

    def _end(self, job_id: str, *, state: JobState, **values: Any) -> Job:
        with self._database.writing() as connection:
            job = _get(connection, job_id)
            if job.state == "running":
                values |= {"state": state, "finished_at": self._now(), "current": None}
            elif job.state != "cancelled":
                raise Conflict(f"job {job_id} is {job.state}, not running")
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(**values))
            return _get(connection, job_id)

    def _now(self) -> str:
        return self._clock().isoformat(timespec="milliseconds")


def open_jobs(folder: Path) -> Jobs:
    """Reach a collection's jobs without an embedder or an index; makes its database when absent."""
    return Jobs(Database(folder / FILE_NAME))


def _packed(report: Mapping[str, Any]) -> str:
    return json.dumps(dict(report), ensure_ascii=False)


def _get(connection: Connection, job_id: str) -> Job:
    row = connection.execute(select(jobs).where(jobs.c.id == job_id)).first()
    if row is None:
        raise NotFound(f"no job {job_id}", hint="`footnote jobs list` shows those there are")
    return _job(row)


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        state=row.state,
        payload=json.loads(row.payload),
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        attempts=row.attempts,
        owner=row.owner,
        current=row.current,
        report=json.loads(row.report),
        error=row.error,
    )
