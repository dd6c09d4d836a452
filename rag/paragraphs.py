"""Where a span may begin and end so that no paragraph, list or table is torn. Pure: knows blocks, not chunks."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from rag.text import sentence_spans
from rag.types import Block, BlockKind, Span

RUNS = (BlockKind.LIST_ITEM, BlockKind.TABLE_ROW)  # blocks of these kinds belong to their neighbours of the same kind
LEADS = (BlockKind.PARAGRAPH, BlockKind.CAPTION)  # what a list or table may be introduced by
COLONS = (":", "：")


class Paragraphs:
    """The structural blocks of one document, ready to be asked many times."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = [block for block in blocks if block.kind is not BlockKind.LINE and block.end > block.start]
        self._starts = [block.start for block in self._blocks]
        self._ends = [block.end for block in self._blocks]

    def whole(self, text: str, span: Span, within: Span) -> Span:
        """Return the span, widened at each end to whole blocks as far as `within` allows, else left as it is there.

        A list or a table comes whole, with the sentence that leads to it, or as it is; so does the heading directly
        above. within: holds the span.
        """
        first = bisect_right(self._ends, span.start)
        last = bisect_left(self._starts, span.end) - 1
        if last < first:  # no block touches it
            return span
        return Span(self._start(text, span.start, first, within.start), self._end(text, span.end, last, within.end))

    def _start(self, text: str, start: int, first: int, floor: int) -> int:
        if self._starts[first] < start:
            if self._starts[first] < floor:
                return start
            start = self._starts[first]
        if self._blocks[first].kind in RUNS:
            begin = self._run_start(first, floor)
            if begin is None:
                return start
            first, start = begin, min(start, self._starts[begin])
            lead = self._lead(text, first, floor)
            if lead is not None:
                first, start = first - 1, lead
                if start > self._starts[first]:  # its last sentence alone
                    return start
        while first and self._blocks[first - 1].kind is BlockKind.HEADING and self._starts[first - 1] >= floor:
            first -= 1
            start = min(start, self._starts[first])
        return start

    def _end(self, text: str, end: int, last: int, ceiling: int) -> int:
        if self._ends[last] > end:
            if self._ends[last] > ceiling:
                return end
            end = self._ends[last]
        following = self._blocks[last + 1] if last + 1 < len(self._blocks) else None
        leads = text.endswith(COLONS, 0, self._ends[last]) and self._blocks[last].kind in LEADS
        if following is not None and following.kind in RUNS and (leads or self._blocks[last].kind is following.kind):
            stop = last + 1
            while stop < len(self._blocks) and self._blocks[stop].kind is following.kind:
                if self._ends[stop] > ceiling:
                    return end
                stop += 1
            end = self._ends[stop - 1]
        return end

    def _run_start(self, first: int, floor: int) -> int | None:
        """Return the first block of the list or table; None where it begins too far above."""
        kind = self._blocks[first].kind
        while first and self._blocks[first - 1].kind is kind:
            first -= 1
            if self._starts[first] < floor:
                return None
        return first

    def _lead(self, text: str, first: int, floor: int) -> int | None:
        """Return where the paragraph above begins, or its last sentence where the whole is too long; None: neither."""
        if not first or self._blocks[first - 1].kind not in LEADS:
            return None
        above = self._blocks[first - 1]
        if above.start >= floor:
            return above.start
        sentences = sentence_spans(text, floor, above.end)  # the first may be torn
        return sentences[-1].start if len(sentences) > 1 else None
