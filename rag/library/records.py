"""What the library says of itself, its files and its documents. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

MASKED = "masked"  # in a document's metadata: True where its personal data was masked and its bytes are not kept


@dataclass(frozen=True, slots=True)
class Manifest:
    """What made the vectors and spans. chunker and reader are "" where only reading, and then not compared."""

    embedder: str
    fingerprint: str
    dimension: int
    chunker: str = ""
    reader: str = ""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file as it was found."""

    location: str  # absolute and unique: "file:///..." or "upload:NAME"
    source: str  # the label that people see: "seeds/003.txt"
    sha256: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A location and the document that stands there; several locations may hold the same one."""

    location: str
    source: str
    sha256: str
    size: int
    mtime_ns: int
    document_id: str
    reader: str


@dataclass(frozen=True, slots=True)
class DocumentRow:
    id: str
    title: str
    source: str
    mime: str
    language: str
    version: int
    chunks: int
    characters: int
    pages: int | None
    added_at: str  # ISO 8601, UTC
    metadata: Mapping[str, Any]
    also_at: tuple[str, ...]  # the labels of the other locations with the same bytes or text
    tags: tuple[str, ...] = ()  # those it was given, then its own keywords


@dataclass(frozen=True, slots=True)
class Facets:
    """What can be filtered by, and how many documents there are of each, most first. Folders in their order."""

    documents: int
    types: tuple[tuple[str, int], ...]  # media types
    languages: tuple[tuple[str, int], ...]
    tags: tuple[tuple[str, int], ...]
    folders: tuple[tuple[str, int], ...]
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of the log. Keys are contiguous, so a range names a document's chunks; None where it has none."""

    seq: int
    kind: str  # "add", "remove", "source" (another location, label or time), "tags", "generation"
    document_id: str
    first_key: int | None
    last_key: int | None


@dataclass(frozen=True, slots=True)
class State:
    """Where the truth stands: what an index compares itself with."""

    library_id: str
    generation: int
    fingerprint: str
    dimension: int
    seq: int
    mark: str  # random, written with operation seq: tells this history from another of the same length


@dataclass(frozen=True, slots=True)
class Stats:
    documents: int
    chunks: int
    sources: int
    characters: int
    seq: int
    generation: int
    vectors_seq: int
    lexical_seq: int
    vector_index: str
    runtimes: tuple[str, ...]  # that made the vectors, oldest first
    database_bytes: int
    vectors_bytes: int
    lexical_bytes: int
    originals_bytes: int
