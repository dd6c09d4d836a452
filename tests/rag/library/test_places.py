from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from rag.library.places import Places
from rag.types import Block, BlockKind, Box, Span


@st.composite
def lines(draw: st.DrawFn) -> list[Block]:
    """In any order, overlapping or not: what a reader would hardly make must not be lost either."""
    spans = draw(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), max_size=20))
    return [
        Block(start, start + length, BlockKind.LINE, Box(1, 0, number, 1, number + 1))
        for number, (start, length) in enumerate(spans)
    ]


@given(lines(), st.integers(0, 70), st.integers(0, 20))
@example([Block(0, 10, BlockKind.LINE, Box(1, 0, 0, 1, 1))], 5, 0)
def test_the_boxes_are_those_of_every_line_that_the_span_touches(blocks: list[Block], start: int, length: int) -> None:
    span = Span(start, start + length)
    touched = [block.box for block in blocks if length and block.start < span.end and span.start < block.end]
    boxes = Places(blocks).boxes(span)
    assert sorted(box.y0 for box in boxes) == sorted(box.y0 for box in touched if box)


def test_other_blocks_serve_where_no_line_is_touched() -> None:
    figure, line = Box(1, 0, 0, 9, 9), Box(1, 0, 20, 9, 30)
    places = Places([Block(0, 5, BlockKind.CAPTION, figure), Block(6, 9, BlockKind.LINE, line), Block(10, 12)])
    assert places.boxes(Span(2, 4)) == (figure,)
    assert places.boxes(Span(2, 8)) == (line,)
    assert places.boxes(Span(10, 12)) == ()
