"""Put the rectangles of a page's lines into reading order. Knows nothing of text or pictures."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

Rectangle = tuple[float, float, float, float]  # x0, y0, x1, y1

GUTTER_HEIGHTS = 0.8  # of a line: a narrower gap parts no columns
COLUMN_HEIGHTS = 6.0  # how wide, in heights of a line, a column's lines are at least: less are cells of a table
SPANNING_SHARE = 0.6  # of the page's width: a wider line may stand across columns


def reading_order(places: Sequence[Rectangle]) -> list[int]:
    """Return the indices of the places in the order they are read: columns one after another, rows of cells across."""
    return _ordered(places, list(range(len(places))))


def _ordered(places: Sequence[Rectangle], chosen: list[int]) -> list[int]:
    if len(chosen) < 4:
        return _in_rows(places, chosen)
    columns = _columns(places, chosen)
    if columns:
        return [index for column in columns for index in _ordered(places, column)]
    left, right = min(places[i][0] for i in chosen), max(places[i][2] for i in chosen)
    spanning = [i for i in chosen if places[i][2] - places[i][0] > SPANNING_SHARE * (right - left)]
    others = [i for i in chosen if i not in set(spanning)]
    if not spanning or len(others) < 4 or not _columns(places, others):
        return _in_rows(places, chosen)
    # What stands across the columns parts them into one lot above and one below.
    ordered: list[int] = []
    for line in sorted(spanning, key=lambda i: places[i][1]):
        above = [i for i in others if _middle(places[i]) < _middle(places[line])]
        others = [i for i in others if _middle(places[i]) >= _middle(places[line])]
        ordered += [*_ordered(places, above), line]
    return ordered + _ordered(places, others)


def _columns(places: Sequence[Rectangle], chosen: list[int]) -> list[list[int]]:
    """Return what stands left and what right of the widest gutter; nothing where there is none."""
    height = statistics.median(places[i][3] - places[i][1] for i in chosen)
    across = sorted(chosen, key=lambda i: places[i][0])
    reach = places[across[0]][2]
    best, cut = GUTTER_HEIGHTS * height, 0
    for position, index in enumerate(across[1:], 1):
        gap = places[index][0] - reach
        if gap > best:
            best, cut = gap, position
        reach = max(reach, places[index][2])
    sides = [across[:cut], across[cut:]]
    if not cut or any(not _is_column(places, side, height) for side in sides):
        return []
    tops = [min(places[i][1] for i in side) for side in sides]
    feet = [max(places[i][3] for i in side) for side in sides]
    return sides if max(tops) < min(feet) else []


def _is_column(places: Sequence[Rectangle], side: Sequence[int], height: float) -> bool:
    widths = [places[i][2] - places[i][0] for i in side]
    return len(side) >= 2 and statistics.median(widths) >= COLUMN_HEIGHTS * height


def _in_rows(places: Sequence[Rectangle], chosen: list[int]) -> list[int]:
    rows: list[list[int]] = []
    for index in sorted(chosen, key=lambda i: _middle(places[i])):
        if rows and _middle(places[index]) < _foot(places, rows[-1]):
            rows[-1].append(index)
        else:
            rows.append([index])
    return [index for row in rows for index in sorted(row, key=lambda i: places[i][0])]


def _foot(places: Sequence[Rectangle], row: Sequence[int]) -> float:
    """Return how far down a line's middle may stand that is still in the row, whose first is its highest."""
    return _middle(places[row[0]]) + 0.5 * statistics.median(places[i][3] - places[i][1] for i in row)


def _middle(place: Rectangle) -> float:
    return (place[1] + place[3]) / 2


def even_sizes(sizes: Sequence[float], weights: Sequence[int], *, apart: float) -> list[float]:
    """Give sizes within `apart` of each other, a share, one value; the commonest by weight gathers first."""
    given = list(sizes)
    left = list(range(len(sizes)))
    while left:
        value = _weighted_median(sorted((sizes[i], weights[i]) for i in left))
        near = {i for i in left if abs(sizes[i] - value) <= apart * value}
        for index in near:
            given[index] = value
        left = [i for i in left if i not in near]
    return given


def _weighted_median(pairs: Sequence[tuple[float, int]]) -> float:
    half, total = sum(weight for _, weight in pairs) / 2, 0
    for value, weight in pairs:
        total += weight
        if total >= half:
            return value
    return pairs[-1][0]
