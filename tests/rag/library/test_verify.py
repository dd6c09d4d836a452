"""What verify() must see. The truth is damaged here by hand, as no code of ours does."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from rag.errors import LibraryDamaged, LibraryMismatch
from rag.library.library import Library
from tests.rag.library.shelf import open_shelf, place


def damage(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "library.db")) as connection:
        connection.execute(statement)
        connection.commit()


@pytest.fixture
def kept(folder: Path) -> Path:
    with open_shelf(folder) as library:
        place(library, "Otters hold hands while they sleep on the water.", "a.txt")
        place(library, "Fire doors are checked every month.", "b.txt")
        library.catch_up()
        assert library.verify() == []
    return folder


@pytest.mark.parametrize(
    ("statement", "word"),
    [
        ('update chunks set "end" = 1000 where key = 2', "chunk 2 [24, 1000) lies outside the text"),
        ("delete from vectors where key = 2", "1 keys are in the chunks and not in vectors: 2"),
        ("update vectors set vector = x'0000' where key = 2", "chunk 2: its vector is not one of 64 bytes"),
        (
            "update vectors set vector = cast(zeroblob(62) || x'007e' as blob) where key = 2",
            "chunk 2: its vector holds what is no number",
        ),
        ("update documents set text = text || '!'", "its text is not the one that was stored"),
        ("update documents set blocks = x'00'", "cannot be unpacked"),
        ("delete from sources", "has no location"),
        ("update manifest set next_key = 1", "has a key that has not been given out yet"),
        ("delete from documents", "names a documents row that is not there"),
        ("insert into signatures values (7, 99)", "signatures row names a documents row that is not there"),
        ("update vectors set vector = 'text' where key = 2", "chunk 2: its vector is not one of 64 bytes"),
    ],
)
def test_a_damaged_truth_is_seen(kept: Path, statement: str, word: str) -> None:
    damage(kept, statement)
    with open_shelf(kept) as library:
        assert any(word in problem for problem in library.verify()), library.verify()


def test_a_missing_or_changed_original_is_seen(kept: Path) -> None:
    first, second = sorted((kept / "originals").iterdir())
    first.unlink()
    second.write_bytes(b"other")
    with open_shelf(kept) as library:
        problems = library.verify()
    assert len(problems) == 2
    assert any(f"its original {first.name} is missing" in problem for problem in problems)
    assert any(f"its original {second.name} has other bytes" in problem for problem in problems)


def test_keys_that_an_index_lost_or_made_up_are_seen(kept: Path) -> None:
    with open_shelf(kept) as library:
        library.refresh()
        library._vectors.index.remove(library._store.keys()[:1])
        assert library._lexical.index is not None
        library._lexical.index.remove([2, 3])
        library._lexical.index.commit()
        problems = library.verify()
        assert "1 keys are in the store and not in the vector index: 1" in problems
        assert "2 keys are in the store and not in the lexical index: 2, 3" in problems
        library.rebuild_indexes()
        assert library.verify() == []


def test_a_database_of_garbage_is_damaged_not_empty(folder: Path) -> None:
    folder.mkdir()
    (folder / "library.db").write_bytes(b"this is no database at all" * 100)
    with pytest.raises(LibraryDamaged) as caught:
        open_shelf(folder)
    assert caught.value.hint


def test_a_truncated_database_is_damaged(kept: Path) -> None:
    path = kept / "library.db"
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    with pytest.raises(LibraryDamaged), open_shelf(kept) as library:
        raise LibraryDamaged("; ".join(library.verify()) or "nothing was seen")


def test_a_database_of_something_else_is_refused(folder: Path) -> None:
    folder.mkdir()
    with closing(sqlite3.connect(folder / "library.db")) as connection:
        connection.execute("create table other (x)")
        connection.commit()
    with pytest.raises(LibraryDamaged, match="not a library"):
        open_shelf(folder)


def test_an_empty_database_file_is_a_new_library(folder: Path) -> None:
    folder.mkdir()
    (folder / "library.db").touch()  # all that a kill in the first moment leaves
    with open_shelf(folder) as library:
        place(library, "Otters hold hands.", "a.txt")
        assert library.verify() == []


def test_a_newer_schema_is_refused(kept: Path) -> None:
    damage(kept, "update manifest set schema_version = 99")
    with pytest.raises(LibraryMismatch, match="schema 99"):
        open_shelf(kept)


def test_old_orphans_are_swept_and_young_ones_left(library: Library) -> None:
    place(library, "Otters hold hands.", "a.txt")
    young, old = (library.folder / "originals" / library.keep_original(data) for data in (b"young", b"old"))
    os.utime(old, (0, 0))
    for path in (library.folder / "originals").iterdir():
        if path not in (young, old):
            os.utime(path, (0, 0))
    library.rebuild_indexes()
    assert (young.exists(), old.exists()) == (True, False)
    assert library.verify() == []
