"""A library, a folder of documents, and an ingest of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.pipeline import Ingest
from ingest.read import READER_VERSION, Limits
from rag.library.library import Library
from rag.library.records import Manifest
from rag.ports import Embedder
from rag.wire import FileOut, ReportOut
from tests.fakes import HashEmbedder

MAX_TOKENS = 64


def manifest_of(embedder: Embedder) -> Manifest:
    return Manifest(embedder.name, embedder.fingerprint, embedder.dimension, "test", READER_VERSION)


def outcomes(report: ReportOut) -> dict[str, str]:
    return {row.path: row.outcome for row in report.files}


def row_of(report: ReportOut, path: str) -> FileOut:
    return next(row for row in report.files if row.path == path)


def assert_adds_up(report: ReportOut) -> None:
    counts = [report.indexed, report.unchanged, report.duplicate, report.skipped, report.failed]
    assert report.discovered == sum(counts) == len(report.files)
    assert report.chunks == sum(row.chunks or 0 for row in report.files)
    json.dumps(report.model_dump(mode="json"), ensure_ascii=False).encode()


def found(library: Library, words: str) -> list[str]:
    library.refresh()
    chunks = library.chunks(hit.key for hit in library.lexical(words, 10))
    return [library.document(chunk.document_id).source for chunk in chunks.values()]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def library(data: Path) -> Iterator[Library]:
    with Library.open(data / "default", manifest_of(HashEmbedder())) as opened:
        yield opened


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    return folder


@pytest.fixture
def make_ingest(library: Library, data: Path) -> Callable[..., Ingest]:
    def make(embedder: Embedder | None = None, **changes: Any) -> Ingest:
        options: dict[str, Any] = {"data": data, "limits": Limits(max_bytes=100_000), "max_tokens": MAX_TOKENS}
        return Ingest(library, embedder or HashEmbedder(), **(options | changes))

    return make
