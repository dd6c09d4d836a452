from __future__ import annotations

from pathlib import Path

import pytest

from ingest.patterns import FILE_NAME, Patterns
from ingest.walk import Found, Passed, walk
from rag.errors import InvalidRequest


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "docs"
    for name in ("a.txt", "a.tmp", "草稿/b.txt", "build/c.txt", "sub/keep.tmp", "sub/d.tmp", "sub/build/e.md"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    return root


def read(root: Path, patterns: Patterns) -> list[str]:
    return [entry.source for entry in walk([root], root.parent / "data", patterns).entries if isinstance(entry, Found)]


def left(root: Path, patterns: Patterns) -> dict[str, str]:
    entries = walk([root], root.parent / "data", patterns).entries
    return {entry.source: entry.error for entry in entries if isinstance(entry, Passed)}


def test_what_a_folder_asks_to_ignore_is_named_and_not_read(tree: Path) -> None:
    (tree / FILE_NAME).write_text("# drafts\n*.tmp\n草稿/\n/build/\n", encoding="utf-8")
    assert read(tree, Patterns()) == ["docs/a.txt", "docs/sub/build/e.md"]
    assert left(tree, Patterns()) == {
        f"docs/{FILE_NAME}": "Hidden",
        "docs/a.tmp": "Ignored",
        "docs/build/": "Ignored",
        "docs/草稿/": "Ignored",
        "docs/sub/d.tmp": "Ignored",
        "docs/sub/keep.tmp": "Ignored",
    }


def test_a_deeper_folder_outweighs_those_above_it_and_the_settings(tree: Path) -> None:
    (tree / "sub" / FILE_NAME).write_text("!keep.tmp\n/build\n")
    patterns = Patterns.of(ignore=["*.tmp"])
    assert read(tree, patterns) == ["docs/a.txt", "docs/build/c.txt", "docs/sub/keep.tmp", "docs/草稿/b.txt"]


def test_where_some_files_are_named_the_others_are_left(tree: Path) -> None:
    assert read(tree, Patterns.of(include=["*.md", "草稿/**"])) == ["docs/sub/build/e.md", "docs/草稿/b.txt"]


def test_a_file_given_by_its_name_is_meant(tree: Path) -> None:
    (tree / FILE_NAME).write_text("*\n")
    entries = walk([tree / "a.txt"], tree.parent / "data", Patterns.of(ignore=["*"])).entries
    assert [entry.source for entry in entries] == ["docs/a.txt"]


def test_a_folder_whose_rules_cannot_be_read_is_not_read_at_all(tree: Path) -> None:
    (tree / "sub" / FILE_NAME).mkdir()
    found = walk([tree], tree.parent / "data")
    assert not any(entry.source.startswith("docs/sub/build") for entry in found.entries)
    [row] = [entry for entry in found.entries if isinstance(entry, Passed)]
    assert (row.source, row.outcome, row.error) == ("docs/sub/", "failed", "Unreadable")
    assert found.complete == []  # and so nothing is taken for gone


def test_what_is_no_pattern_is_refused_and_says_where(tree: Path) -> None:
    with pytest.raises(InvalidRequest, match="ingest.ignore: "):
        Patterns.of(ignore=["ok", "!"])
