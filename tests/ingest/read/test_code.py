"""Source code stays as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ingest.chunk import chunk
from ingest.clean import clean
from ingest.read import Limits, read
from rag.types import BlockKind, Document

PROGRAM = '''"""What it does."""

import os


def first(x):
    # 登录  and  spaces   stay
    if x:

        return {
            "a": 1,   
        }


class Second:
    def method(self):
        return "—"
'''  # noqa: W291


def program(text: str, name: str = "a.py") -> Document:
    return read(text.encode(), name, limits=Limits())


def test_the_text_is_the_files_own() -> None:
    assert program(PROGRAM).text == PROGRAM


def test_blocks_begin_at_definitions_and_know_their_line() -> None:
    document = program(PROGRAM)
    assert all(block.kind is BlockKind.CODE for block in document.blocks)
    begin = [document.text[block.start : block.end].split("\n")[0] for block in document.blocks]
    assert begin == ['"""What it does."""', "import os", "def first(x):", "class Second:"]
    assert [block.place for block in document.blocks] == ["line 1", "line 3", "line 6", "line 15"]


def test_cleaning_takes_nothing_but_empty_lines() -> None:
    cleaned = clean(program(PROGRAM))
    assert re.sub(r"\n{2,}", "\n\n", cleaned.text.strip()) == re.sub(r"\n{2,}", "\n\n", PROGRAM.strip())


@pytest.mark.parametrize("name", ["a.js", "a.sql", "a.yaml", "Makefile.mk"])
def test_other_languages_are_cut_at_the_margin(name: str) -> None:
    document = program("one:\n  a\n\n  b\n\ntwo:\n  c\n", name)
    assert [document.text[b.start : b.end] for b in document.blocks] == ["one:\n  a\n\n  b", "two:\n  c"]


def test_this_projects_own_code_is_chunked_whole(root: Path) -> None:
    text = (root / "ingest" / "chunk.py").read_text(encoding="utf-8")
    document = clean(program(text))
    starts = [match.start() for match in re.finditer(r"\w+|[^\w\s]", document.text)]
    assert starts
    chunks = chunk(document, lambda t: [m.start() for m in re.finditer(r"\w+|[^\w\s]", t)], max_tokens=200)
    kept = "".join("".join(document.text[c.start : c.end].split()) for c in chunks)
    assert kept == "".join(text.split())
