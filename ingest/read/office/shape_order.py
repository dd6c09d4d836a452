"""Put the shapes of a slide into the order in which they are read. Knows nothing of what is in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_DEPTH = 50


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle in any unit; index is its rank in the file, which decides where the rectangles do not."""

    index: int
    x0: float
    y0: float
    x1: float
    y1: float


def reading_order(places: Sequence[Place]) -> list[int]:
    """Return the indexes from top to bottom, and where shapes stand side by side from left to right.

    Rows are split at gaps that go all across, then columns at gaps that go all the way down, and so on.
    """
    return list(_ordered(sorted(places, key=lambda place: place.index), MAX_DEPTH))


def _ordered(places: Sequence[Place], depth: int) -> Iterator[int]:
    if len(places) > 1 and depth > 0:
        for is_row in (True, False):
            groups = _split(places, is_row=is_row)
            if len(groups) > 1:
                for group in groups:
                    yield from _ordered(group, depth - 1)
                return
    yield from (place.index for place in sorted(places, key=lambda place: (place.y0, place.x0, place.index)))


def _split(places: Sequence[Place], *, is_row: bool) -> list[list[Place]]:
    """Split where nothing stands; shapes may overlap by a tenth of the smaller one and still be apart."""
    spans = sorted(
        ((place.y0, place.y1, place) if is_row else (place.x0, place.x1, place) for place in places),
        key=lambda span: (span[0], span[2].index),
    )
    groups: list[list[Place]] = []
    end, size = 0.0, 0.0
    for low, high, place in spans:
        if groups and low < end - 0.1 * min(size, high - low):
            groups[-1].append(place)
        else:
            groups.append([place])
            size = high - low
        if len(groups[-1]) == 1 or high > end:
            end = high
            size = max(size, high - low)
    return groups
