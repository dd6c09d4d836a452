"""One SQL database: made when absent, refused when damaged or newer, and left through transactions only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, inspect, select
from sqlalchemy.exc import DBAPIError, NoSuchTableError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from rag.errors import LibraryBusy, LibraryDamaged, LibraryError, LibraryMismatch
from rag.library.tables import BUSY_SECONDS, SCHEMA_VERSION, manifest, metadata, sqlite_engine

RESTORE_HINT = "restore a backup, or move the folder away and ingest again"


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Database:
    def __init__(self, path: Path) -> None:
        """Open or make the database. Raises LibraryDamaged, LibraryMismatch (a newer schema)."""
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self.engine = sqlite_engine(path)
        try:
            with self._spoken():
                self._prepare()
        except BaseException:
            self.close()
            raise

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

    def problems(self) -> list[str]:
        """What the database itself finds wrong with its pages and its references."""
        with self.reading() as connection:
            if connection.dialect.name != "sqlite":
                return []
            found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
            broken = [
                f"{row[0]} row {row[1] or ''} names a {row[2]} row that is not there".replace("  ", " ")
                for row in connection.exec_driver_sql("PRAGMA foreign_key_check")
            ]
        return [f"library.db: {line}" for line in found if line != "ok"] + list(dict.fromkeys(broken))

    def _prepare(self) -> None:
        with self.engine.connect() as connection:
            # Kept in the file. Two processes may make the library together, and this one statement does not wait.
            raw = connection.connection
            if connection.dialect.name == "sqlite":
                raw.cursor().execute("PRAGMA journal_mode = WAL")
        with self.writing() as connection:
            names = inspect(connection).get_table_names()
            if names and "manifest" not in names:
                raise LibraryDamaged(f"{self.path} is a database, but not a library", hint=RESTORE_HINT)
            if not metadata.tables.keys() <= set(names):  # none at all, or those that came last
                metadata.create_all(connection)
            row = connection.execute(select(manifest.c.schema_version)).first()
            if row is None:
                connection.execute(
                    manifest.insert().values(
                        id=1,
                        schema_version=SCHEMA_VERSION,
                        library_id=uuid4().hex,
                        embedder="",
                        fingerprint="",
                        dimension=0,
                        chunker="",
                        reader="",
                        generation=1,
                        next_key=1,
                        created_at=now(),
                    )
                )
            elif row.schema_version != SCHEMA_VERSION:
                raise LibraryMismatch(
                    f"{self.path} has schema {row.schema_version}; this Footnote knows {SCHEMA_VERSION}",
                    hint="open it with the Footnote that wrote it, or a newer one",
                )

    @contextmanager
    def _spoken(self) -> Iterator[None]:
        """Say in the library's words what the driver says in its own."""
        try:
            yield
        except PoolTimeout as error:
            raise LibraryBusy(f"{self.path}: every connection is taken", hint="ask again") from error
        except NoSuchTableError as error:
            raise LibraryDamaged(f"{self.path}: {error}", hint=RESTORE_HINT) from error
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
            return LibraryDamaged(f"{self.path}: {brief}", hint=RESTORE_HINT)
        return LibraryError(f"{self.path}: {text}", hint="this is a fault of Footnote's; report it with these words")
