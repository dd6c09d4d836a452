"""A SQLite file, left through transactions only, whose faults are told in the library's words. Knows no tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete
from sqlalchemy.exc import DBAPIError, NoSuchTableError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from rag.errors import LibraryBusy, LibraryDamaged, LibraryError
from rag.library.tables import BUSY_SECONDS, sqlite_engine


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Sql:
    mend_hint = "move the file away"  # what to do about one that is damaged

    def __init__(self, path: Path) -> None:
        """Open the file, or make it, as `prepare` says. Raises LibraryDamaged, LibraryMismatch."""
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self.engine = sqlite_engine(path)
        try:
            with self._spoken():
                self._log_ahead()
                self.prepare()
        except BaseException:
            self.close()
            raise

    def prepare(self) -> None:
        """Make the tables where there are none, and refuse what is not known."""
        raise NotImplementedError

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """See one moment of the truth, untouched by writers."""
        with self._spoken(), self.engine.connect() as connection, connection.begin():
            yield connection

    def row(self, statement: str) -> Sequence[Any] | None:
        """Ask a statement for its first row, past SQLAlchemy: its way there and back takes longer than such an answer.

        The more so in the midst of a search, when the processor's caches hold vectors.
        """
        with self._spoken(), closing(self.engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute(statement)
            found: Sequence[Any] | None = cursor.fetchone()
        return found

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask a statement for all its rows, likewise."""
        with self._spoken(), closing(self.engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute(statement)
            return list(cursor.fetchall())

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Write in one transaction, which is on the disk when this returns, or undone."""
        with self._spoken(), self.engine.connect() as connection:
            connection = connection.execution_options(begin="BEGIN IMMEDIATE")
            with connection.begin():
                yield connection

    def forget(self, table: Table, *which: Any) -> int:
        """Delete rows, and overwrite what they held, also in the log ahead. Return how many there were."""
        with self.writing() as connection:
            connection.exec_driver_sql("PRAGMA secure_delete = ON")
            removed = connection.execute(delete(table).where(*which)).rowcount
        if removed:
            with closing(self.engine.raw_connection()) as raw, closing(raw.cursor()) as cursor:
                cursor.execute("PRAGMA busy_timeout = 0")
                with suppress(sqlite3.OperationalError):  # somebody reads: the next one does it
                    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        return removed

    def _log_ahead(self) -> None:
        """Kept in the file. Two processes may make it together, and this one statement does not wait."""
        with self.engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.connection.cursor().execute("PRAGMA journal_mode = WAL")

    @contextmanager
    def _spoken(self) -> Iterator[None]:
        """Say in the library's words what the driver says in its own."""
        try:
            yield
        except PoolTimeout as error:
            raise LibraryBusy(f"{self.path}: every connection is taken", hint="ask again") from error
        except NoSuchTableError as error:
            raise LibraryDamaged(f"{self.path}: {error}", hint=self.mend_hint) from error
        except DBAPIError as error:
            raise self._translated(error.orig, str(error)) from error
        except sqlite3.DatabaseError as error:
            raise self._translated(error, str(error)) from error

    def _translated(self, error: BaseException | None, text: str) -> LibraryError:
        brief = str(error) if error else text
        if "locked" in brief or "busy" in brief:
            return LibraryBusy(
                f"{self.path}: still locked after {BUSY_SECONDS} s", hint="another process writes; try again"
            )
        if "full" in brief or "disk I/O" in brief or "readonly" in brief or "unable to open" in brief:
            return LibraryError(f"{self.path}: {brief}", hint="look at the disk: its space, its health, its rights")
        if "not a database" in brief or "malformed" in brief or "no such" in brief or "corrupt" in brief:
            return LibraryDamaged(f"{self.path}: {brief}", hint=self.mend_hint)
        return LibraryError(f"{self.path}: {text}", hint="this is a fault of Footnote's; report it with these words")
