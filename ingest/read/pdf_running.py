"""Tell running headers, footers and page numbers by their repetition over pages. Knows nothing of PDF."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from ingest.read.pdf_lines import PrintedLine

EDGE_LINES = 3  # looked at from each end of a page
MIN_SHARE = 0.4  # of the pages that a running line must stand on
MAX_SHARE = 0.5  # of a page's characters that running lines may be
TOLERANCE = 6.0  # points that its place may vary
_DIGITS = re.compile(r"\d+|\b[ivxlc]+\b", re.IGNORECASE)
_PAGE_NUMBER = re.compile(
    r"[-–—~·\s|]*(?:page|p\.|第)?\s*\d{1,4}\s*(?:页|頁)?\s*(?:(?:of|/|,|，|共)\s*(?:共)?\s*\d{1,4}\s*(?:页|頁)?)?[-–—~·\s|]*",
    re.IGNORECASE,
)


def without_running_lines(pages: Sequence[Sequence[PrintedLine]]) -> list[list[PrintedLine]]:
    """Return the pages without the lines that stand at the same place, but for numbers the same, on many pages."""
    edges = [_edges(page) for page in pages]
    places: dict[str, list[tuple[int, float, int]]] = defaultdict(list)
    for number, page in enumerate(pages):
        for index in edges[number]:
            places[_shape(page[index].text)].append((number, page[index].box.y0, index))
    needed = _needed(sum(bool(page) for page in pages))
    running: dict[int, set[int]] = defaultdict(set)
    for found in places.values():
        heights = Counter(step for _, step in {(number, round(y0 / TOLERANCE)) for number, y0, _ in found})
        for number, y0, index in found:
            step = round(y0 / TOLERANCE)
            if sum(heights[near] for near in (step - 1, step, step + 1)) >= needed:
                running[number].add(index)
    return [_without(page, running[number]) for number, page in enumerate(pages)]


def _needed(filled: int) -> float:
    # Headers that change by chapter need not be on most pages of a long document.
    return min(MIN_SHARE * filled, 5) if filled > 4 else min(max(filled, 2), 3)


def _without(page: Sequence[PrintedLine], running: set[int]) -> list[PrintedLine]:
    """Return the other lines; a page of which most would go is a copy of another one, and stays whole."""
    gone = sum(len(page[index].text) for index in running)
    if gone > MAX_SHARE * sum(len(line.text) for line in page):
        return list(page)
    return [line for index, line in enumerate(page) if index not in running]


def _shape(text: str) -> str:
    return "#" if _PAGE_NUMBER.fullmatch(text) else _DIGITS.sub("#", " ".join(text.split()).casefold())


def _edges(page: Sequence[PrintedLine]) -> list[int]:
    """Return the indices of the lines nearest to the top and to the bottom."""
    order = sorted(range(len(page)), key=lambda index: page[index].box.y0)
    if len(order) <= 2:
        return []
    return sorted({*order[:EDGE_LINES], *order[-EDGE_LINES:]})
