"""Tell which of a table's first rows name its columns. Pure: cells in, names out.

A header differs from what stands below it: words above numbers. Where all cells are words, a full first row of short,
different ones is taken for a header in tables of three columns and more; in narrower ones a wrong name does more harm
than a missing one does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

MAX_NAME_CHARACTERS = 120
MAX_HEADER_ROWS = 3
SAMPLE_ROWS, MIN_SAMPLE_ROWS, SAMPLE_CELLS = 200, 20, 40_000
MAJORITY = 0.6  # of a column's cells that must be numbers for it to be a column of numbers
_NUMBER = re.compile(
    r"[-+(]?\s*(?:[$€£¥₩₹]|[A-Z]{3}\s)?\s*[-+]?(?:\d[\d.,'\u00a0\u202f ]*|\.\d+)(?:e[-+]?\d+)?\s*"
    r"(?:[%‰$€£¥₩₹]|[A-Z]{3}|元|万元|年|月|日)?\)?"
    r"|\d{1,4}[-/.年]\d{1,2}(?:[-/.月]\d{1,4}日?)?(?:[T ]\d{1,2}:\d{2}(?::\d{2})?.{0,10})?|\d{1,3}:\d{2}(?::\d{2})?"
    r"|[-–—.…]+|TRUE|FALSE|true|false|N/?A|n/?[ad]|n\.[ad]\.|#[A-Z/0!?]+",
)
_YEAR = re.compile(r"(?:FY|Q[1-4])?\s*(?:19|20)\d\d(?:[-/年]?(?:\d\d)?)?|(?:0?[1-9]|1[0-2])月|Q[1-4]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Header:
    names: Mapping[int, str]  # by column
    rows: int  # how many of the first rows it takes
    is_sure: bool


Cells = Mapping[int, str]


def is_number(*cells: str) -> bool:
    """True where any of the cells is a number, a date, a truth value or a mark for none of these."""
    return any(len(cell) <= 60 and _NUMBER.fullmatch(cell.strip()) is not None for cell in cells)


def find_header(rows: Sequence[Cells], reach: Mapping[int, int]) -> Header | None:
    """Return the header of a table, None where its first row is a row like the others.

    reach: of the first row's cells, the last column that each is merged with.
    """
    if len(rows) < 2:
        return None
    rows = rows[: max(MIN_SAMPLE_ROWS, min(SAMPLE_ROWS, SAMPLE_CELLS // (len(rows[0]) + 1)))]
    columns = sorted({column for row in rows for column in row})
    first = rows[0]
    spread = {c: text for column, text in first.items() for c in range(column, reach.get(column, column) + 1)}
    labels = sum(text.rstrip().endswith((":", "：")) for text in first.values())
    if 0 < labels < len(first):  # a form: a label, what belongs to it, the next label
        return None
    if len(set(spread) & set(columns)) * 2 < len(columns) or _longest(first) > MAX_NAME_CHARACTERS:
        return None
    names, taken = dict(first), 1
    while taken < min(MAX_HEADER_ROWS, len(rows) - 1) and _goes_on(spread, first, rows[taken:], columns):
        names = _joined(spread, names, rows[taken], columns)
        taken += 1
    body = rows[taken:]
    if _contrasts(first, body):
        return Header(names, taken, is_sure=True)
    if taken > 1:
        return Header(names, taken, is_sure=True)
    return Header(names, taken, is_sure=False) if _looks_like_names(first, body, columns) else None


def _contrasts(first: Cells, body: Sequence[Cells]) -> bool:
    """True where words stand above columns of numbers, and figures above hardly any; or all the other way round."""
    above_numbers = above_words = figures = 0
    for column, name in first.items():
        if not any(column in row for row in body):
            continue
        is_figure = _is_figure(name)
        if _is_numeric(column, body):
            above_numbers += not is_figure
            figures += is_figure
        else:
            above_words += is_number(name)
    if above_words:
        are_distinct = len(set(first.values())) == len(first) > 1
        return not above_numbers and above_words == len(first) and are_distinct and len(body) > 1
    # A column of row numbers may be headed by a number itself.
    only_years = all(_YEAR.fullmatch(name.strip()) for name in first.values())
    return above_numbers > 2 * figures and not only_years


def _is_figure(cell: str) -> bool:
    """True for a number that names no year or month, as headers do."""
    return is_number(cell) and not _YEAR.fullmatch(cell.strip())


def _is_numeric(column: int, body: Sequence[Cells]) -> bool:
    cells = [row[column] for row in body if column in row]
    return bool(cells) and sum(map(is_number, cells)) >= MAJORITY * len(cells)


def _goes_on(spread: Cells, first: Cells, rows: Sequence[Cells], columns: Sequence[int]) -> bool:
    """True where rows[0] is the lower part of a header: words only, without a label of its own, as rows below have."""
    row, body = rows[0], rows[1:]
    own = {column: text for column, text in row.items() if spread.get(column) != text}
    label = columns[0]
    if not own or label in own or _longest(row) > MAX_NAME_CHARACTERS:
        return False
    if any(map(_is_figure, (*first.values(), *own.values()))):
        return False
    if sum(label in other for other in body) < MAJORITY * len(body) or not body:
        return False
    fills = any(column not in first for column in own)
    return fills or any(_is_numeric(column, body) for column in own)


def _joined(spread: Cells, names: Cells, row: Cells, columns: Sequence[int]) -> dict[int, str]:
    """Return the names with those of a lower row behind them; a name above several columns stands with each."""
    joined = dict(names)
    group = ""
    for column in columns:
        group = names.get(column) or spread.get(column) or group
        below = row.get(column, "")
        if below and below != group:
            joined[column] = f"{group} {below}".strip()
    return joined


def _looks_like_names(first: Cells, body: Sequence[Cells], columns: Sequence[int]) -> bool:
    names = list(first.values())
    if is_number(*names) or any(name.rstrip().endswith((":", "：")) for name in names):
        return False
    if len(set(names)) < len(names) or len(first) < median(len(row) for row in body):
        return False
    if len(columns) > 2:
        # The first row of an all but empty grid of notes is no header.
        return len(first) * 4 >= len(columns) * 3 and _longest(first) <= MAX_NAME_CHARACTERS // 2
    if len(columns) < 2 or len(body) < 3 or len(first) < 2:
        return False
    return any(_differs(first[column], [row[column] for row in body if column in row]) for column in columns)


def _differs(name: str, cells: Sequence[str]) -> bool:
    """True where the cells below are much longer than the name, or repeat one another and not the name."""
    if not cells:
        return False
    repeats = len(cells) >= 6 and len(set(cells)) * 2 <= len(cells) and name not in cells
    return repeats or median(map(len, cells)) > 3 * len(name)


def _longest(row: Cells) -> int:
    return max(map(len, row.values()), default=0)
