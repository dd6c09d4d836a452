"""Uploads lie among the originals until their job has ended. What nothing needs then, goes at once."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from rag.library import writing
from rag.library.collections import LOCK_NAME
from rag.library.database import Database
from rag.library.jobs import FILE_NAME, Job
from rag.library.lease import Lease
from rag.library.originals import Originals

LEASE_SECONDS = 60.0  # an ingest gives the lease back between two batches


def drop_spooled(folder: Path, job: Job, *, timeout_seconds: float = LEASE_SECONDS) -> None:
    """Drop the uploads of an ended job that no document keeps: those that were masked, and those that failed.

    Raises LibraryBusy, LibraryError.
    """
    drop_unneeded(folder, {file["sha256"] for file in job.payload.get("files", ())}, timeout_seconds)


def drop_unneeded(folder: Path, hashes: Iterable[str], timeout_seconds: float = LEASE_SECONDS) -> None:
    """Drop the originals that no document, source or unfinished job needs. Raises LibraryBusy, LibraryError."""
    originals = Originals(folder / "originals")
    there = {sha256 for sha256 in hashes if sha256 in originals}
    if not there:
        return
    with (
        Lease(folder / LOCK_NAME).hold(timeout_seconds=timeout_seconds),
        closing(Database(folder / FILE_NAME)) as database,
    ):
        for sha256 in writing.unneeded(database, there):
            originals.drop(sha256)
