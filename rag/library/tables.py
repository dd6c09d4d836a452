"""The tables of the truth, and the engine they are reached through. Portable SQL: only the pragmas are SQLite's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    BigInteger,
    Column,
    Engine,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
)
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection

SCHEMA_VERSION = 1
BUSY_SECONDS = 60

metadata = MetaData()

# One row. Blank embedder and fingerprint: jobs were queued before anything opened the library with an embedder.
manifest = Table(
    "manifest",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("schema_version", Integer, nullable=False),
    Column("library_id", String(32), nullable=False),
    Column("embedder", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("dimension", Integer, nullable=False),
    Column("chunker", String, nullable=False),
    Column("reader", String, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("next_key", BigInteger, nullable=False),  # handed out in runs and never again
    Column("created_at", String, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    Column("location", String, nullable=False),  # the one of its sources whose label it shows
    Column("title", String, nullable=False),
    Column("source", String, nullable=False),
    Column("mime", String, nullable=False),
    Column("language", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("reader", String, nullable=False),
    Column("text_sha256", String(64), nullable=False),
    Column("characters", Integer, nullable=False),
    Column("pages", Integer),
    Column("metadata", Text, nullable=False),
    Column("added_at", String, nullable=False),
    # The long ones last: to reach a column, SQLite reads every page that those before it take.
    Column("text", Text, nullable=False),
    Column("blocks", LargeBinary, nullable=False),  # always read whole, so packed: see pack.py
    Index("documents_by_bytes", "sha256"),
    Index("documents_by_text", "text_sha256"),
    Index("documents_by_source", "source", "id"),
    sqlite_autoincrement=True,
)

chunks = Table(
    "chunks",
    metadata,
    Column("key", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("generation", Integer, nullable=False),
    Column("document", ForeignKey("documents.number"), nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("headings", Text, nullable=False),
    Index("chunks_by_document", "document", "generation"),
    Index("chunks_by_generation", "generation"),
)

vectors = Table(
    "vectors",
    metadata,
    Column(
        "key",
        BigInteger().with_variant(Integer, "sqlite"),
        ForeignKey("chunks.key"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("vector", LargeBinary, nullable=False),  # float16, little endian
)

sources = Table(
    "sources",
    metadata,
    Column("location", String, primary_key=True),
    Column("source", String, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("document", ForeignKey("documents.number"), nullable=False),
    Column("reader", String, nullable=False),
    Index("sources_by_document", "document"),
    Index("sources_by_bytes", "sha256"),
)

# What a text's near duplicates are found by: it may nearly repeat those documents with which it shares a hash.
# In a library made before there are documents without any: they are compared with nothing.
signatures = Table(
    "signatures",
    metadata,
    Column("hash", BigInteger, primary_key=True, autoincrement=False),
    Column("document", ForeignKey("documents.number", ondelete="CASCADE"), primary_key=True),
    Index("signatures_by_document", "document"),
    sqlite_with_rowid=False,  # the key is all there is of a row
)

# What people call a document beside what it says of itself. They go over to what takes its place at a location.
tags = Table(
    "tags",
    metadata,
    Column("document", ForeignKey("documents.number", ondelete="CASCADE"), primary_key=True),
    Column("tag", String, primary_key=True),
    sqlite_with_rowid=False,
)

# Files that gave no document, and archives: while they stay as they are, they need not be read again.
settled = Table(
    "settled",
    metadata,
    Column("location", String, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("manner", String, nullable=False),  # how it was read: another reader may fare better
    Column("rows", Text, nullable=False),
)

# What has made vectors of this generation, as "openvino 2026.4.1 bf16". Told, never compared: the fingerprint is the
# weights', and the vectors of all runtimes are interchangeable.
runtimes = Table(
    "runtimes",
    metadata,
    Column("name", String, primary_key=True),
    Column("since", String, nullable=False),
)

operations = Table(
    "operations",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("kind", String, nullable=False),
    Column("document_id", String, nullable=False),
    Column("first_key", BigInteger),
    Column("last_key", BigInteger),
    Column("mark", String(32), nullable=False),
    Column("at", String, nullable=False),
    sqlite_autoincrement=True,
)

jobs = Table(
    "jobs",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("payload", Text, nullable=False),
    Column("created_at", String, nullable=False),
    Column("started_at", String),
    Column("finished_at", String),
    Column("heartbeat_at", String),
    Column("attempts", Integer, nullable=False),
    Column("owner", String),
    Column("current", Text),
    Column("report", Text, nullable=False),
    Column("error", Text),
    Index("jobs_by_state", "state", "number"),
    sqlite_autoincrement=True,
)


def sqlite_engine(path: Path) -> Engine:
    """Open a pool of connections; each commit is on the disk before it returns."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        pool_size=64,
        max_overflow=0,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: DBAPIConnection, _record: Any) -> None:
    connection.isolation_level = None  # the driver would begin transactions late, and never before DDL
    cursor = connection.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA synchronous = FULL")
    finally:
        cursor.close()


def _begin(connection: Connection) -> None:
    # A writer takes its lock at once: one that reads first and then writes can be refused without a wait.
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))
