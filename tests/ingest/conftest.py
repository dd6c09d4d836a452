"""A library, a folder of documents, and an ingest of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.pipeline import Ingest
from ingest.read import READER_VERSION, Limits
from rag.library.library import Library
from rag.library.records import Manifest
from rag.ports import Embedder
from tests.fakes import HashEmbedder

MAX_TOKENS = 64


def manifest_of(embedder: Embedder) -> Manifest:
    return Manifest(embedder.name, embedder.fingerprint, embedder.dimension, "test", READER_VERSION)


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
