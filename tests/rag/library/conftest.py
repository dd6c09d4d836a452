"""A library in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.library.library import Library
from tests.rag.library.shelf import open_shelf


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "shelf"


@pytest.fixture
def library(folder: Path) -> Iterator[Library]:
    with open_shelf(folder) as library:
        yield library
