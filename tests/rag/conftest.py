"""A small library of real parts, in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.library.library import Library
from tests.rag.makers import open_library


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path / "shelf") as library:
        yield library
