"""Documents are found by what their texts share with another, as long as they are there."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from rag.errors import InvalidRequest
from rag.library import catalogue
from rag.library.library import Library
from rag.types import Document, Span
from tests.rag.library.shelf import EMBEDDER, MANIFEST, chunked, document_of, facts_of, open_shelf

ANY = Span(0, 1000)
READER = MANIFEST.reader


def sign(library: Library, text: str, name: str, bands: Collection[int]) -> Document:
    document = document_of(text)
    library.keep_original(text.encode())
    return library.put(document, *chunked(document), facts_of(text, name), bands=bands)


def rows(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "library.db")) as connection:
        return int(connection.execute("select count(*) from signatures").fetchone()[0])


def test_those_that_share_most_come_first_and_then_the_oldest(library: Library) -> None:
    one = sign(library, "otters", "a.txt", [1, 2, 3])
    two = sign(library, "bats", "b.txt", [2, 3, -4])
    three = sign(library, "moths", "c.txt", [3, 2])
    assert library.documents_sharing((2, 3, -4), READER, ANY, 9) == [two.id, one.id, three.id]
    assert library.documents_sharing((2, 3, -4), READER, ANY, 1) == [two.id]
    assert library.documents_sharing((1,), READER, ANY, 9) == [one.id]
    assert library.documents_sharing((5,), READER, ANY, 9) == []
    assert library.documents_sharing((), READER, ANY, 9) == []


def test_only_texts_of_the_length_asked_for_are_named(library: Library) -> None:
    short = sign(library, "otters", "a.txt", [1])
    sign(library, "otters and bats", "b.txt", [1])
    assert library.documents_sharing((1,), READER, Span(6, 7), 9) == [short.id]


def test_only_texts_of_the_reader_asked_for_are_named(library: Library) -> None:
    one = sign(library, "otters", "a.txt", [1])
    assert library.documents_sharing((1,), READER, ANY, 9) == [one.id]
    assert library.documents_sharing((1,), "another", ANY, 9) == []


def test_any_64_bits_are_a_band(library: Library) -> None:
    one = sign(library, "otters", "a.txt", [2**63 - 1, -(2**63), 0])
    for band in (2**63 - 1, -(2**63), 0):
        assert library.documents_sharing((band,), READER, ANY, 9) == [one.id]


def test_in_a_crowd_the_rare_band_tells(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "CROWD", 3)
    letters = [sign(library, f"letter {number}", f"{number}.txt", [1, 100 + number]) for number in range(9)]
    assert len(library.documents_sharing((1,), READER, ANY, 9)) == 3
    assert letters[8].id in library.documents_sharing((1, 108), READER, ANY, 9)


def test_what_is_removed_replaced_or_moved_away_takes_its_bands_along(library: Library, folder: Path) -> None:
    otters = sign(library, "otters", "a.txt", [1, 2])
    sign(library, "bats", "b.txt", [1, 2])
    sign(library, "moths", "b.txt", [3])  # in the place of the bats
    assert rows(folder) == 3
    library.remove(otters.id)
    assert rows(folder) == 1
    library.forget("file:///shelf/b.txt")
    assert rows(folder) == 0
    assert library.verify() == []


def test_a_document_put_again_has_the_new_bands_alone(library: Library, folder: Path) -> None:
    otters = sign(library, "otters", "a.txt", [1, 2])
    assert library.documents_sharing((1,), READER, ANY, 9) == [otters.id]
    sign(library, "otters", "a.txt", [2, 3])
    assert library.documents_sharing((1,), READER, ANY, 9) == []
    assert library.documents_sharing((3,), READER, ANY, 9) == [otters.id]
    assert rows(folder) == 2


def test_a_document_that_is_refused_leaves_no_bands(library: Library, folder: Path) -> None:
    document = document_of("otters")
    with pytest.raises(InvalidRequest):
        library.put(document, [], EMBEDDER.embed_passages(["x"]), facts_of("otters", "a.txt"), bands=[1])
    assert rows(folder) == 0


def test_bands_outlive_the_process_and_a_rebuild(folder: Path) -> None:
    with open_shelf(folder) as library:
        otters = sign(library, "otters", "a.txt", [1])
    Library.rebuild(folder, MANIFEST, lambda document: chunked(document, 3), lambda _done, _total: None)
    with open_shelf(folder) as library:
        assert len(library.chunks_of(otters.id)) == 2
        assert library.documents_sharing((1,), READER, ANY, 9) == [otters.id]
        assert library.verify() == []


def test_a_library_made_before_gets_the_table_when_it_is_opened(folder: Path) -> None:
    with open_shelf(folder) as library:
        old = sign(library, "otters", "a.txt", [1])
    with closing(sqlite3.connect(folder / "library.db")) as connection:
        connection.execute("drop table signatures")
        connection.commit()
    with open_shelf(folder) as library:
        assert library.documents_sharing((1,), READER, ANY, 9) == []
        new = sign(library, "bats", "b.txt", [1])
        assert library.documents_sharing((1,), READER, ANY, 9) == [new.id]
        library.remove(old.id)
        assert library.verify() == []


def test_bands_may_come_as_numbers_of_any_kind(library: Library) -> None:
    one = sign(library, "otters", "a.txt", np.array([5, 6, 5], dtype=np.int64).tolist())
    assert library.documents_sharing((5,), READER, ANY, 9) == [one.id]
