"""rag.library.excerpts: what is said in chunks, and above them."""

import pytest

from rag.library.library import Library
from rag.types import Chunk, Document
from tests.rag.makers import put

TEXT = "Bats fly. 水獭 😀 eat crabs. Dens are holts."


@pytest.fixture
def keys(shelf: Library) -> list[int]:
    document = Document("d", "Beasts", "d.txt", "text/plain", TEXT)
    put(shelf, document, [Chunk(0, "d", 0, 9), Chunk(0, "d", 10, 26, ("Rivers", "水獭")), Chunk(0, "d", 27, len(TEXT))])
    return [chunk.key for chunk in shelf.chunks_of("d")]


def test_title_headings_and_the_chunk_s_own_text_stand_a_line_each(shelf: Library, keys: list[int]) -> None:
    assert shelf.excerpts(keys) == {
        keys[0]: f"Beasts\n{TEXT[:9]}",
        keys[1]: f"Beasts\nRivers\n水獭\n{TEXT[10:26]}",
        keys[2]: f"Beasts\n{TEXT[27:]}",
    }


def test_what_was_removed_is_left_out(shelf: Library, keys: list[int]) -> None:
    shelf.remove("d")
    assert shelf.excerpts(keys) == {}
