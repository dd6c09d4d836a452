"""Edits and where they move spans to."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from ingest.offsets import Edit, apply_edits, edit_document, nfc_edits
from rag.types import Block, Document


@st.composite
def texts_and_edits(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    text = draw(st.text(alphabet="ab 文字", min_size=1, max_size=60))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    edits = [
        Edit(start, end, draw(st.text(alphabet="xyz", max_size=3)))
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    return text, edits


@given(texts_and_edits())
def test_what_no_edit_touches_is_found_where_the_map_says(case: tuple[str, list[Edit]]) -> None:
    text, edits = case
    new, offsets = apply_edits(text, edits)
    for index, character in enumerate(text):
        if not any(edit.start <= index < edit.end for edit in edits):
            assert new[offsets.start(index) : offsets.end(index + 1)] == character


@given(texts_and_edits())
def test_spans_stay_in_order_and_inside(case: tuple[str, list[Edit]]) -> None:
    text, edits = case
    new, offsets = apply_edits(text, edits)
    starts = [offsets.start(index) for index in range(len(text) + 1)]
    assert starts == sorted(starts)
    assert starts[0] >= 0
    assert starts[-1] <= len(new)


def test_overlapping_edits_leave_the_first() -> None:
    assert apply_edits("abcdef", [Edit(0, 3, "X"), Edit(2, 5, "Y")])[0] == "Xdef"


def test_a_block_whose_text_is_gone_goes_too() -> None:
    document = Document("", "", "", "", "keep drop", (Block(0, 4), Block(5, 9)))
    assert edit_document(document, [Edit(5, 9)]).blocks == (Block(0, 4),)


@given(st.text(alphabet="e\u0301a\u0308가\u1161\u11a8ق\u0328한x\u09be\u09c7", max_size=30))
def test_nfc_by_edits_is_nfc(text: str) -> None:
    assert apply_edits(text, nfc_edits(text))[0] == unicodedata.normalize("NFC", text)
