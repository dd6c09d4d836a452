from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import update

from rag.errors import InvalidRequest, LibraryDamaged
from rag.library.library import Library
from rag.library.stored import StoredVectors
from rag.library.tables import vectors
from tests.rag.library.shelf import EMBEDDER, chunked, document_of, facts_of, open_shelf, place


def stored_in(library: Library) -> StoredVectors:
    return StoredVectors(library._store, EMBEDDER.dimension)


def test_vectors_come_by_their_keys_and_those_that_are_gone_are_left_out(library: Library) -> None:
    place(library, "otters hold hands and sleep " * 6, "a.txt")
    keys = library._store.keys()
    found, rows = stored_in(library).of(np.array([keys[3], 999, keys[0], keys[3]]))
    assert found.tolist() == [keys[0], keys[3]]
    assert np.array_equal(rows, library.vectors([int(keys[0]), int(keys[3])]))
    found, rows = stored_in(library).of(np.array([999]))
    assert (found.tolist(), rows.shape) == ([], (0, EMBEDDER.dimension))


def test_a_stream_holds_everything_once(library: Library) -> None:
    for number in range(5):
        place(library, f"text {number} " * 20, f"{number}.txt")
    streamed = [key for keys, _ in stored_in(library).stream() for key in keys.tolist()]
    assert streamed == library._store.keys().tolist() == stored_in(library).keys().tolist()


@pytest.mark.parametrize("value", [0.0, float("nan"), float("inf")])
def test_a_vector_without_direction_never_enters_and_its_chunk_is_named(library: Library, value: float) -> None:
    text = "otters hold hands and sleep " * 6
    document = document_of(text)
    chunks, matrix = chunked(document)
    matrix[2] = value
    with pytest.raises(InvalidRequest, match="chunk 2"):
        library.put(document, chunks, matrix, facts_of(text, "a.txt"))
    assert len(library) == 0


@pytest.mark.parametrize("value", [0.0, float("nan")])
def test_a_stored_vector_without_direction_is_damage_and_no_hit(folder: Path, value: float) -> None:
    with open_shelf(folder) as library:
        place(library, "otters hold hands and sleep " * 6, "a.txt")
        key = int(library._store.keys()[1])
        row = np.full(EMBEDDER.dimension, value, dtype="<f2").tobytes()
        with library._store.database.writing() as connection:
            connection.execute(update(vectors).where(vectors.c.key == key).values(vector=row))
    with pytest.raises(LibraryDamaged, match=f"chunk {key} "):
        open_shelf(folder)
