"""Put what stands on a page in the order it is read, and its tables together. Knows nothing of PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ingest.read.characters import written_without_spaces
from ingest.read.pdf.columns import P, Placed, regions, rows_of
from ingest.read.pdf.glyphs import Rectangle
from ingest.read.pdf.grid import ruled_tables
from ingest.read.pdf.lines import WIDE_GAP, PrintedLine
from ingest.read.pdf.tables import PrintedTable, aligned_tables
from rag.types import Box

Printed = PrintedLine | PrintedTable
MIN_LEVEL = 0.6  # of the lines of two blocks that are read across
WORD_GAP = 0.12  # of the characters' height: a wider gap is a space


def arranged(lines: Sequence[PrintedLine], across: Sequence[Rectangle], upright: Sequence[Rectangle]) -> list[Printed]:
    """Return the lines of a page and its tables as they are read. across, upright: its ruling lines."""
    straight = [line for line in lines if not line.turned]
    tables, rest = ruled_tables(straight, across, upright)
    items: list[Printed] = list(rest)
    for table in tables:  # where its first cell was written
        position = next((index for index, item in enumerate(items) if _begins_before(table, item)), len(items))
        items.insert(position, table)
    found: list[Printed] = []
    for region in regions(items):
        found += _joined(in_order(aligned_tables(region, across)))
    return found + [line for line in lines if line.turned]


def _begins_before(table: PrintedTable, item: Printed) -> bool:
    return isinstance(item, PrintedLine) and item.run > table.run


def in_order(items: Sequence[P]) -> list[P]:
    """Return the items of one region from the top; the order they were written in holds where it leads downwards."""
    blocks: list[list[P]] = []
    for item in items:
        if blocks and not _is_above(item, blocks[-1][-1]):
            blocks[-1].append(item)
        else:
            blocks.append([item])
    if len(blocks) <= 1:
        return list(items)
    blocks.sort(key=lambda block: _around(block)[1])
    found: list[P] = []
    group: list[list[P]] = []
    bottom = float("-inf")
    for block in blocks:
        _, y0, _, y1 = _around(block)
        if group and y0 >= bottom - 2:
            found += _mixed(group)
            group = []
            bottom = float("-inf")
        group.append(block)
        bottom = max(bottom, y1)
    return found + _mixed(group)


def _is_above(item: Placed, last: Placed) -> bool:
    _, y0, _, y1 = item.place
    return y1 <= last.place[1] + 0.2 * (y1 - y0)


def _mixed(blocks: list[list[P]]) -> list[P]:
    """Return blocks that stand beside each other, or in each other, as one list."""
    if len(blocks) == 1:
        return blocks[0]
    beside = sorted(blocks, key=lambda block: _around(block)[0])
    rows = rows_of([item for block in blocks for item in block])
    apart = all(_around(a)[2] <= _around(b)[0] for a, b in pairwise(beside))
    level = sum(len(row) > 1 for row in rows)
    if apart and level < MIN_LEVEL * min(map(len, blocks)):
        return [item for block in beside for item in block]
    return [item for row in rows for item in row]  # names and their values, say


def _around(items: Sequence[P]) -> Rectangle:
    places = [item.place for item in items]
    return (
        min(place[0] for place in places),
        min(place[1] for place in places),
        max(place[2] for place in places),
        max(place[3] for place in places),
    )


def _joined(items: Sequence[Printed]) -> list[Printed]:
    """Return the items with the pieces of one row put together again: the wide gap between them parted nothing."""
    found: list[Printed] = []
    for item in items:
        last = found[-1] if found else None
        if isinstance(last, PrintedLine) and isinstance(item, PrintedLine) and _in_one_row(last, item):
            found[-1] = _put_together(last, item)
        else:
            found.append(item)
    return found


def _in_one_row(last: PrintedLine, line: PrintedLine) -> bool:
    _, y0, x1, y1 = last.place
    _, top, _, bottom = line.place
    if not last.text or not line.text or line.place[0] < x1:
        return False
    gap = line.place[0] - x1
    if last.run != line.run and last.bold != line.bold:
        return False
    if last.run != line.run and gap < max(last.size, line.size) and not _on_one_baseline(last, line):
        return False  # an index or a footnote's number: the paragraph sees to that
    is_level = min(y1, bottom) - max(y0, top) > 0.6 * min(y1 - y0, bottom - top)
    return is_level and (last.run == line.run or abs(last.size - line.size) <= 0.15 * max(last.size, line.size))


def _between(last: PrintedLine, line: PrintedLine) -> str:
    """Return the space between two pieces: none where the file merely wrote one line in several goes."""
    if last.run == line.run:
        return " "
    gap = line.place[0] - last.place[2]
    without = written_without_spaces(last.text[-1]) or written_without_spaces(line.text[0])
    return "" if gap < (WIDE_GAP if without else WORD_GAP) * line.size else " "


def _on_one_baseline(last: PrintedLine, line: PrintedLine) -> bool:
    return abs(last.place[3] - line.place[3]) < 0.05 * last.size and abs(last.size - line.size) < 0.05 * last.size


def _put_together(last: PrintedLine, line: PrintedLine) -> PrintedLine:
    a, b = last.place, line.place
    return replace(
        last,
        text=last.text + _between(last, line) + line.text,
        box=Box(
            last.box.page,
            min(last.box.x0, line.box.x0),
            min(last.box.y0, line.box.y0),
            max(last.box.x1, line.box.x1),
            max(last.box.y1, line.box.y1),
        ),
        bold=last.bold and line.bold,
        unreadable=last.unreadable + line.unreadable,
        upright=(min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])),
    )
