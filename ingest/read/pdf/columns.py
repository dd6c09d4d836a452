"""Part a page into regions in the order they are read: columns, and what goes across them. Knows nothing of PDF.

A gutter is a place that lines end before and others begin after. Lines that cross it part the page into strips, and in
each strip it counts only where text stands on both sides that looks like prose in columns: rows of a table, or a line
with a wide gap, have a gap in the same place, but short cells, or few rows.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, Protocol, TypeVar

from ingest.read.characters import written_without_spaces
from ingest.read.pdf.glyphs import Rectangle

STEP_POINTS = 2.0
MIN_ROWS = 3  # of either column
MIN_FILLED = 0.6  # of a column's width by the usual line
MIN_DENSE = 0.45  # of a column's height by its lines, the distances between them included
MIN_ROW_UNITS = 14  # characters in the usual line; a Han character is two
MAX_CROSSED = 0.35  # of the lines beside a gutter may run across it
MAX_DEPTH = 8
_SLACK = 1.0  # points that a line may reach into a gutter


class Placed(Protocol):
    @property
    def place(self) -> Rectangle: ...
    @property
    def text(self) -> str: ...


P = TypeVar("P", bound=Placed)


@dataclass(frozen=True, slots=True)
class _Strip(Generic[P]):
    """What stands between two lines that cross a gutter; only an accepted one is read column by column."""

    left: list[P]
    right: list[P]
    accepted: bool


def regions(items: Sequence[P], depth: int = MAX_DEPTH) -> list[list[P]]:
    """Return the items in regions; within each the order is the one they came in."""
    if len(items) < 2 * MIN_ROWS or depth == 0:
        return [list(items)] if items else []
    best: list[_Strip[P] | P] = []
    best_score = 0
    order = {id(item): index for index, item in enumerate(items)}
    for x in _gutters(items):
        parts, score = _cut(items, x, order)
        if score > best_score:
            best, best_score = parts, score
    if not best_score:
        return [list(items)]
    found: list[list[P]] = []
    across: list[P] = []
    for part in best:
        if isinstance(part, _Strip) and part.accepted:
            found += regions(sorted(across, key=lambda item: order[id(item)]), depth - 1)
            across = []
            found += regions(part.left, depth - 1)
            found += regions(part.right, depth - 1)
        elif isinstance(part, _Strip):
            across += (*part.left, *part.right)
        else:
            across.append(part)
    return found + regions(sorted(across, key=lambda item: order[id(item)]), depth - 1)


def _gutters(items: Sequence[P]) -> list[float]:
    """Return where few lines, or none, are in the way, by how many lines run beside it and across it."""
    left = min(item.place[0] for item in items)
    right = max(item.place[2] for item in items)
    count = int((right - left) / STEP_POINTS) + 2
    covering = [0] * (count + 1)
    for item in items:
        covering[max(0, int((item.place[0] + _SLACK - left) / STEP_POINTS))] += 1
        covering[max(0, min(count, int((item.place[2] - _SLACK - left) / STEP_POINTS) + 1))] -= 1
    total = 0
    for index, change in enumerate(covering):
        total += change
        covering[index] = total
    before = _running_max(covering)
    after = _running_max(covering[::-1])[::-1]
    low = [here <= MAX_CROSSED * min(a, b) for here, a, b in zip(covering, before, after, strict=True)]
    found = [left + STEP_POINTS * middle for middle in _valleys(covering, low)]
    votes = _gap_votes(items, left, count)
    found += (left + STEP_POINTS * middle for middle in _valleys([-vote for vote in votes], [v >= 3 for v in votes]))
    return found[:24]


def _running_max(values: Sequence[int]) -> list[int]:
    highest = 0
    found = []
    for value in values:
        found.append(highest)
        highest = max(highest, value)
    return found


def _valleys(values: Sequence[int], low: Sequence[bool]) -> list[float]:
    """Return the middle of the lowest part of each run that is low."""
    found: list[float] = []
    index = 0
    while index < len(values):
        if not low[index]:
            index += 1
            continue
        end = index
        while end < len(values) and low[end]:
            end += 1
        lowest = min(values[index:end])
        places = [place for place in range(index, end) if values[place] == lowest]
        found.append((places[0] + places[-1] + 1) / 2)
        index = end
    return found


def _gap_votes(items: Sequence[P], left: float, count: int) -> list[int]:
    """Return how many rows have a gap at each step: a gutter that a short part of the page has shows here alone."""
    votes = [0] * (count + 1)
    for row in rows_of(items):
        for a, b in pairwise(row):
            first = int((a.place[2] - left) / STEP_POINTS) + 1
            for step in range(max(0, first), min(count, int((b.place[0] - left) / STEP_POINTS))):
                votes[step] += 1
    return votes


def rows_of(items: Sequence[P]) -> list[list[P]]:
    """Return the items in rows from the top, those of a row from the left."""
    rows: list[list[P]] = []
    top = bottom = 0.0
    for item in sorted(items, key=lambda item: item.place[1] + item.place[3]):
        _, y0, _, y1 = item.place
        overlap = min(bottom, y1) - max(top, y0)
        if rows and overlap > 0.5 * min(bottom - top, y1 - y0):
            rows[-1].append(item)
        else:
            rows.append([item])
            top, bottom = y0, y1
    for row in rows:
        row.sort(key=lambda item: item.place[0])
    return rows


def _cut(items: Sequence[P], x: float, order: dict[int, int]) -> tuple[list[_Strip[P] | P], int]:
    """Return the page parted at a gutter, from the top, and how much text reads better for it."""
    strips: list[_Strip[P] | P] = []
    left: list[P] = []
    right: list[P] = []
    for item in sorted(items, key=lambda item: item.place[1] + item.place[3]):
        x0, _, x1, _ = item.place
        if x1 <= x + _SLACK:
            left.append(item)
        elif x0 >= x - _SLACK:
            right.append(item)
        else:
            strips += (_Strip(left, right, accepted=False), item)
            left, right = [], []
    strips.append(_Strip(left, right, accepted=False))
    score = 0
    confirmed = any(
        isinstance(strip, _Strip) and (_are_columns(strip, order, MIN_ROWS) or _begins_a_column(strip, order))
        for strip in strips
    )
    for index, strip in enumerate(strips):
        if not isinstance(strip, _Strip):
            continue
        if confirmed and _are_columns(strip, order, 1):
            sides = [sorted(side, key=lambda item: order[id(item)]) for side in (strip.left, strip.right)]
            strips[index] = _Strip(sides[0], sides[1], accepted=True)
            score += min(len(strip.left), len(strip.right))
    return strips, score


def _are_columns(strip: _Strip[P], order: dict[int, int], min_rows: int) -> bool:
    left, right = rows_of(strip.left), rows_of(strip.right)
    if min(len(left), len(right)) < min_rows or max(len(left), len(right)) < MIN_ROWS:
        return False
    if all(_is_prose(rows) for rows in (left, right) if len(rows) >= MIN_ROWS):
        return True
    # Lists of short lines side by side: told from a table by having been written one after the other.
    return _one_by_one(strip, order) and min(len(left), len(right)) >= MIN_ROWS and _letters(left) and _letters(right)


def _one_by_one(strip: _Strip[P], order: dict[int, int]) -> bool:
    return max(order[id(item)] for item in strip.left) < min(order[id(item)] for item in strip.right)


def _begins_a_column(strip: _Strip[P], order: dict[int, int]) -> bool:
    """True for a column of prose and, written after it, the few lines that the next one has on a last page."""
    left, right = rows_of(strip.left), rows_of(strip.right)
    if len(left) < 2 * MIN_ROWS or not right or not _one_by_one(strip, order) or not _is_prose(left):
        return False
    return _units(right[0]) >= MIN_ROW_UNITS


def _units(row: Sequence[Placed]) -> int:
    return sum(2 if written_without_spaces(character) else 1 for item in row for character in item.text)


def _letters(rows: list[list[P]]) -> bool:
    text = "".join(item.text for row in rows for item in row)
    return sum(map(str.isalpha, text)) > 0.6 * len("".join(text.split()))


def _is_prose(rows: list[list[P]]) -> bool:
    left = min(row[0].place[0] for row in rows)
    right = max(item.place[2] for row in rows for item in row)
    filled = [sum(item.place[2] - item.place[0] for item in row) for row in rows]
    if statistics.median(filled) < MIN_FILLED * (right - left):
        return False
    if statistics.median(map(_units, rows)) < MIN_ROW_UNITS:
        return False
    heights = sum(row[0].place[3] - row[0].place[1] for row in rows)
    return heights >= MIN_DENSE * (rows[-1][0].place[3] - rows[0][0].place[1])
