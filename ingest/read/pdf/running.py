"""Tell running headers, footers and page numbers by their repetition over pages. Knows nothing of PDF."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.read.pdf.columns import rows_of
from ingest.read.pdf.lines import PrintedLine

EDGE_ROWS = 3  # looked at from each end of a page
MIN_SHARE = 0.4  # of the pages that a running line must stand on
MAX_SHARE = 0.5  # of a page's characters that running lines may be
TOLERANCE = 6.0  # points that its place may vary
_CHINESE_DIGITS = "一二三四五六七八九十百零〇"
_DIGITS = re.compile(r"\d+|\b[ivxlc]+\b", re.IGNORECASE)
_COUNT = rf"(?:\d{{1,4}}|[{_CHINESE_DIGITS}]{{1,5}})"
_PAGE_NUMBER = re.compile(
    rf"[-–—~·\s|]*(?:page|p\.|第)?\s*{_COUNT}\s*(?:页|頁)?\s*(?:(?:of|/|,|，|[（(]?共)\s*(?:共)?\s*{_COUNT}\s*(?:页|頁)?[）)]?)?"
    r"[-–—~·\s|]*",
    re.IGNORECASE,
)
# What is a page number even on a page of its own.
_CERTAIN_NUMBER = re.compile(
    rf"(?:page\s*\d{{1,4}}(?:\s*(?:of|/)\s*\d{{1,4}})?|第\s*{_COUNT}\s*[页頁][\s,，/]*(?:[（(]?共\s*{_COUNT}\s*[页頁][）)]?)?"
    r"|[-–—]\s?\d{1,4}\s?[-–—])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Running:
    """A line that was left out, and on how many pages."""

    text: str
    pages: int


def without_running_lines(
    pages: Sequence[Sequence[PrintedLine]],
) -> tuple[list[list[PrintedLine]], list[Running]]:
    """Return the pages without the lines that stand at the same height, but for numbers the same, on many pages.

    Right and left pages may have lines of their own, and a chapter's first page none.
    """
    edges = [_edges(page) for page in pages]
    places: dict[str, list[tuple[int, float, int]]] = defaultdict(list)
    for number, page in enumerate(pages):
        for index in edges[number]:
            places[_shape(page[index].text)].append((number, page[index].place[1], index))
    filled = [number for number, page in enumerate(pages) if page]
    running: dict[int, set[int]] = defaultdict(set)
    for found in places.values():
        at: dict[int, set[int]] = defaultdict(set)  # the pages, by the height that the line stands at
        for number, y0, _ in found:
            at[round(y0 / TOLERANCE)].add(number)
        for number, y0, index in found:
            step = round(y0 / TOLERANCE)
            on = at[step] | at.get(step - 1, set()) | at.get(step + 1, set())
            if len(on) >= _needed(filled, on):
                running[number].add(index)
    for number, page in enumerate(pages):
        running[number] |= {index for index in edges[number] if _CERTAIN_NUMBER.fullmatch(page[index].text)}
    kept = [_without(page, running[number]) for number, page in enumerate(pages)]
    return kept, _summary(pages, kept)


def _needed(filled: Sequence[int], on: set[int]) -> float:
    """Return on how many of the pages that hold anything a running line stands at least."""
    count = len(filled)
    if count <= 4:
        return min(max(count, 2), 3)
    if len(on) < MIN_SHARE * 0.5 * (max(on) - min(on) + 1):
        return MIN_SHARE * count  # scattered: the last row of a table here and there
    sides = {number % 2 for number in on}
    if len(sides) == 1:  # of the left pages, or of the right ones
        return max(2, min(1.5 * MIN_SHARE * sum(number % 2 in sides for number in filled), 5))
    # Headers that change by chapter need not be on most pages of a long document.
    return min(MIN_SHARE * count, 5)


def _without(page: Sequence[PrintedLine], running: set[int]) -> list[PrintedLine]:
    """Return the other lines; a page of which most would go is a copy of another one, and stays whole."""
    gone = sum(len(page[index].text) for index in running)
    if gone > MAX_SHARE * sum(len(line.text) for line in page):
        return list(page)
    return [line for index, line in enumerate(page) if index not in running]


def _summary(pages: Sequence[Sequence[PrintedLine]], kept: Sequence[Sequence[PrintedLine]]) -> list[Running]:
    first: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for page, left in zip(pages, kept, strict=True):
        if len(page) == len(left):
            continue
        stayed = set(map(id, left))
        for line in page:
            if id(line) not in stayed and line.text:
                shape = _shape(line.text)
                first.setdefault(shape, line.text)
                counts[shape] += 1
    return [Running(first[shape], count) for shape, count in counts.most_common()]


def _shape(text: str) -> str:
    return "#" if _PAGE_NUMBER.fullmatch(text) else _DIGITS.sub("#", " ".join(text.split()).casefold())


def _edges(page: Sequence[PrintedLine]) -> list[int]:
    """Return the indices of the lines nearest to the top and to the bottom, and of those along the sides."""
    if len(page) <= 2:
        return []
    indices = {id(line): index for index, line in enumerate(page)}
    rows = rows_of([line for line in page if not line.turned])
    found = {indices[id(line)] for row in (*rows[:EDGE_ROWS], *rows[-EDGE_ROWS:]) for line in row}
    return sorted(found | {indices[id(line)] for line in page if line.turned})
