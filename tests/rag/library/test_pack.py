from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.library.pack import (
    pack_blocks,
    pack_headings,
    pack_metadata,
    pack_vectors,
    unpack_blocks,
    unpack_headings,
    unpack_vectors,
)
from rag.types import Block, BlockKind, Box

NUMBERS = st.floats(0, 2000, allow_nan=False)
BOXES = st.builds(Box, st.integers(1, 9999), NUMBERS, NUMBERS, NUMBERS, NUMBERS)
BLOCKS = st.builds(
    Block,
    st.integers(0, 10**7),
    st.integers(0, 10**7),
    st.sampled_from(BlockKind),
    st.none() | BOXES,
    st.integers(0, 9),
)


@settings(max_examples=40)
@given(st.lists(BLOCKS, max_size=20))
def test_blocks_come_back_as_they_were(blocks: list[Block]) -> None:
    assert unpack_blocks(pack_blocks(blocks)) == tuple(blocks)


@settings(max_examples=40)
@given(st.lists(st.text(st.characters())))
def test_headings_come_back_as_they_were(headings: list[str]) -> None:
    assert unpack_headings(pack_headings(headings)) == tuple(headings)


def test_metadata_without_a_json_form_is_kept_as_text() -> None:
    assert pack_metadata({"date": np.datetime64("2026-01-02")}) == '{"date": "2026-01-02"}'


def test_vectors_come_back_to_half_precision_and_no_other_length() -> None:
    matrix = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)
    assert np.allclose(unpack_vectors(pack_vectors(matrix), 4), matrix, atol=1e-3)
    assert unpack_vectors([], 4).shape == (0, 4)
    with pytest.raises(ValueError, match="reshape"):
        unpack_vectors(pack_vectors(matrix), 5)
