"""Where on its pages a span of a document stands, from the document's blocks. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from rag.types import Block, BlockKind, Box, Span


class Places:
    """The printed lines of a document, or the boxed blocks of one that has no lines, ready to be asked many times."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        boxed = [block for block in blocks if block.box is not None and block.end > block.start]
        lines = [block for block in boxed if block.kind is BlockKind.LINE]
        others = [block for block in boxed if block.kind is not BlockKind.LINE]
        self._lines = _Ordered(lines)
        self._others = _Ordered(others)
        self._named = _Ordered([block for block in blocks if block.place and block.end > block.start])

    def boxes(self, span: Span) -> tuple[Box, ...]:
        """One box a line that the span touches, in the text's order; none for an empty span."""
        if span.end <= span.start:
            return ()
        return self._lines.boxes(span) or self._others.boxes(span)

    def name(self, span: Span) -> str:
        """Return the place of the first block that the span touches; "" where it has none."""
        return next((block.place for block in self._named.touched(span)), "")


class _Ordered:
    def __init__(self, blocks: list[Block]) -> None:
        self._blocks = sorted(blocks, key=lambda block: (block.start, block.end))
        self._starts = [block.start for block in self._blocks]
        self._ends = list(accumulate((block.end for block in self._blocks), max))  # of all up to each

    def touched(self, span: Span) -> Iterator[Block]:
        first = bisect_left(self._ends, span.start + 1)
        last = bisect_left(self._starts, span.end)
        return (block for block in self._blocks[first:last] if block.end > span.start)

    def boxes(self, span: Span) -> tuple[Box, ...]:
        return tuple(dict.fromkeys(block.box for block in self.touched(span) if block.box))
