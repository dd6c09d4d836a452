"""What people think of answers: the file that it is kept in, beside the truth and no part of it.

`feedback` is about live answers, `sheets` about those of runs. The file is made with the first word of either; to look
for one makes none. Safe from many threads and processes. Portable SQL.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

from rag.errors import LibraryMismatch
from rag.library.sql import Sql

FILE_NAME = "ratings.db"
SCHEMA_VERSION = 1

metadata = MetaData()
feedback = Table(
    "feedback",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("about", String(64), nullable=False),  # a hash of whose word on which answer it is; "" where nobody can tell
    Column("conversation", String, nullable=False),  # in which it was asked; "" for none
    Column("asked_at", String, nullable=False),
    Column("body", Text, nullable=False),
    Index("feedback_by_about", "about"),
    Index("feedback_by_conversation", "conversation"),
    sqlite_autoincrement=True,
)
sheets = Table(
    "sheets",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("name", String, nullable=False, unique=True),
    Column("created_at", String, nullable=False),
    Column("sides", Integer, nullable=False),
    Column("hidden", Text, nullable=False),
    sqlite_autoincrement=True,
)
items = Table(
    "items",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("sheet", ForeignKey("sheets.number", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("hidden", Text, nullable=False),
    UniqueConstraint("sheet", "position"),
    sqlite_autoincrement=True,
)
ratings = Table(
    "ratings",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("item", ForeignKey("items.number", ondelete="CASCADE"), nullable=False),
    Column("rater", String, nullable=False),
    Column("at", String, nullable=False),
    Column("skipped", Integer, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("item", "rater"),
    sqlite_autoincrement=True,
)


class RatingsFile(Sql):
    mend_hint = f"move {FILE_NAME} away: the feedback and the ratings in it are lost, and nothing else"

    def prepare(self) -> None:
        with self.writing() as connection:
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            if version not in (0, SCHEMA_VERSION):
                raise LibraryMismatch(
                    f"{self.path} has schema {version}; this Footnote knows {SCHEMA_VERSION}",
                    hint="open it with the Footnote that wrote it, or a newer one",
                )
            metadata.create_all(connection)
            connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")


class Ratings:
    """A collection's file, opened when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._turn = Lock()
        self._file: RatingsFile | None = None

    def close(self) -> None:
        with self._turn:
            if self._file is not None:
                self._file.close()
                self._file = None

    def __enter__(self) -> Ratings:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def collection(self) -> str:
        return self._path.parent.name

    def there(self) -> RatingsFile | None:
        """Open the file, where there is one."""
        return self.made() if self._file is not None or self._path.is_file() else None

    def made(self) -> RatingsFile:
        with self._turn:
            if self._file is None:
                self._file = RatingsFile(self._path)
            return self._file
