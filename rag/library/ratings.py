"""What people think of answers: the file that it is kept in.

`feedback` is about live answers, `sheets` about those of runs. Portable SQL.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

from rag.library.beside import Beside

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


class Ratings(Beside):
    def __init__(self, folder: Path) -> None:
        """folder: the collection's. Nothing is opened yet."""
        super().__init__(folder / FILE_NAME, metadata, schema=SCHEMA_VERSION, holds="the feedback and the ratings")
