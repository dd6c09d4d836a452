"""Tables without ruling lines, told by how their cells stand; and how a table's first rows name its columns.

Knows nothing of PDF. What is not certainly a table stays text: a wide-spaced line reads well enough as one.
"""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.read.characters import written_without_spaces
from ingest.read.pdf.columns import rows_of
from ingest.read.pdf.glyphs import Rectangle
from ingest.read.pdf.lines import PrintedLine

Cell = tuple[PrintedLine, ...]
Row = tuple[Cell, ...]

MIN_ROWS = 3
MAX_HEADER_ROWS = 4
MAX_HEADER_CHARACTERS = 80  # of one column's name
MAX_CELL_CHARACTERS = 40  # in the usual cell but the first of its row
MIN_NUMBERS = 0.6  # of the cells but the first, where no rulings stand around them
MAX_ROW_GAP = 3.0  # of a row's height: what is further down is another table
_NUMBER = re.compile(
    r"[$€£¥￥+\-–—−(（~≈<>≤≥*\s]*(?:\d[\d,.'’ /:×x\-–]*|[–—\-]+)\s*[%％‰)）*a-zA-Z万亿元年月日]{0,4}\s*\)?|n/?a",
    re.IGNORECASE,
)
_CURRENCY = re.compile(r"(?:[$€£¥￥]|US\$|HK\$|RMB|CNY|USD|EUR|GBP)")
_CAPTION = re.compile(r"(?:figure|fig\.|table|chart|图|圖|表)\s*\d", re.IGNORECASE)
_CLOSING = re.compile(r"[)%％）]{1,2}|\)%")


@dataclass(frozen=True, slots=True)
class PrintedTable:
    header: Row  # the cells over one column each; () where no row names the columns
    rows: tuple[Row, ...]
    above: tuple[Row, ...] = ()  # rows over the names that say what the whole table is of

    @property
    def lines(self) -> list[PrintedLine]:
        return [line for row in (*self.above, self.header, *self.rows) for cell in row for line in cell]

    @property
    def place(self) -> Rectangle:
        places = [line.place for line in self.lines]
        return (
            min(place[0] for place in places),
            min(place[1] for place in places),
            max(place[2] for place in places),
            max(place[3] for place in places),
        )

    @property
    def run(self) -> int:
        return min(line.run for line in self.lines)

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)


def text_of(cell: Cell) -> str:
    text = ""
    for line in cell:
        tight = not text or (written_without_spaces(text[-1]) and written_without_spaces(line.text[:1] or " "))
        text += line.text if tight else f" {line.text}"
    return text


def table_of(rows: Sequence[Row], wide: Mapping[int, Row] | None = None) -> PrintedTable | None:
    """Put rows of cells together as a table, its first rows taken for names where they look like names.

    wide: by their number, rows some cells of which stand over several columns, with those in each of them.
    """
    wide = wide or {}
    if len(rows) < 2:
        return None
    first = 0  # rows that stand over the whole table: its title
    while first < len(rows) - 2 and _is_title(wide.get(first, rows[first])):
        first += 1
    above = tuple(rows[:first])
    rows, wide = rows[first:], {number - first: row for number, row in wide.items()}
    count = _header_rows(rows)
    header: Row = ()
    if count:
        names = [wide.get(number, row) for number, row in enumerate(rows[:count])]
        header = tuple(tuple(line for row in names for line in row[column]) for column in range(len(rows[0])))
    return PrintedTable(header, tuple(rows[count:]), above)


def _is_title(row: Row) -> bool:
    """True for a row of one cell that begins where the table does."""
    texts = [text_of(cell) for cell in row]
    return bool(texts[0]) and len(texts) > 1 and not any(text and text != texts[0] for text in texts[1:])


def _header_rows(rows: Sequence[Row]) -> int:
    """Return how many of the first rows name the columns."""
    first = [text_of(cell) for cell in rows[0]]
    filled = [text for text in first if text]
    if len(first) < 2 or any(len(text) > MAX_HEADER_CHARACTERS for text in filled):
        return 0
    if len(filled) == 1 and len(rows) > 2 and len(first) > 2:  # a title over the whole table, or a name over several
        return 1 + _header_rows(rows[1:]) if _header_rows(rows[1:]) else 0
    if len(filled) < 0.5 * len(first):
        return 0
    numbers = sum(map(_is_amount, filled))
    if numbers > 0.3 * len(filled):
        return 0
    if len(set(filled)) < 0.7 * len(filled) and len(rows) > 2:
        return 2 if not text_of(rows[1][0]) else 1
    # What leaves the first column empty once more goes on naming the others.
    second = rows[1] if len(rows) > 2 else ()
    named = [text for cell in second[1:] if (text := text_of(cell))]
    goes_on = bool(named) and not text_of(second[0]) and (not first[0] or not any(map(is_number, named)))
    return 2 if goes_on and len(filled) + len(named) > len(first) else 1


def is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text.strip()) is not None


def is_year(text: str) -> bool:
    return re.fullmatch(r"(?:19|20)\d\d(?:\s?年)?|(?:FY|Q[1-4]|H[12])\s?\d{2,4}", text.strip()) is not None


def _is_amount(text: str) -> bool:
    return (is_number(text) and not is_year(text)) or _CURRENCY.fullmatch(text) is not None


def aligned_tables(
    items: Sequence[PrintedLine | PrintedTable], across: Sequence[Rectangle]
) -> list[PrintedLine | PrintedTable]:
    """Return a region's items with the lines of each unruled table in it put together as one."""
    lines = [item for item in items if isinstance(item, PrintedLine)]
    rows = [_with_signs(row) for row in rows_of(lines)]
    found: list[PrintedLine | PrintedTable] = list(items)
    index = 0
    while index < len(rows):
        end = _run_end(rows, index) if _is_tabular(rows[index]) else index
        table = _aligned(rows, index, end, across) if end - index >= MIN_ROWS else None
        if table is None:
            index = max(index + 1, end)
            continue
        taken = {id(line) for line in table.lines}
        position = next(place for place, item in enumerate(found) if id(item) in taken)
        found[position] = table
        found = [item for item in found if id(item) not in taken]
        index = end
    return found


@dataclass(frozen=True, slots=True)
class _Group:
    """What stands together in one cell of a row: a number with its currency sign, say."""

    lines: Cell

    @property
    def text(self) -> str:
        return text_of(self.lines)

    @property
    def x0(self) -> float:
        return self.lines[0].place[0]

    @property
    def x1(self) -> float:
        return max(line.place[2] for line in self.lines)


def _with_signs(row: list[PrintedLine]) -> list[_Group]:
    groups: list[_Group] = []
    for line in row:
        last = groups[-1] if groups else None
        joins = last is not None and (
            _CURRENCY.fullmatch(last.text) is not None
            or (_CLOSING.fullmatch(line.text) is not None and is_number(last.text + line.text))
            or line.place[0] - last.x1 < 0.5 * line.size
        )
        if joins and last is not None:
            groups[-1] = _Group((*last.lines, line))
        else:
            groups.append(_Group((line,)))
    return groups


def _is_tabular(row: Sequence[_Group]) -> bool:
    if len(row) >= 3:
        return True
    return len(row) == 2 and is_number(row[1].text)


def _run_end(rows: Sequence[Sequence[_Group]], start: int) -> int:
    """Return where the rows that could be of one table end; one row of a single cell may stand between two others."""
    end = start
    last = start
    while end < len(rows) and end - last <= 2:
        if end > start and _top(rows[end]) - _bottom(rows[end - 1]) > MAX_ROW_GAP * _height(rows[end]):
            break
        if _is_tabular(rows[end]):
            last = end
        elif len(rows[end]) > 1 or not _is_label(rows[end][0]):
            break
        end += 1
    return last + 1 if last > start or _is_tabular(rows[start]) else start


def _is_label(group: _Group) -> bool:
    return len(group.text) <= 2 * MAX_CELL_CHARACTERS


def _top(row: Sequence[_Group]) -> float:
    return min(line.place[1] for group in row for line in group.lines)


def _bottom(row: Sequence[_Group]) -> float:
    return max(line.place[3] for group in row for line in group.lines)


def _height(row: Sequence[_Group]) -> float:
    return statistics.median(line.place[3] - line.place[1] for group in row for line in group.lines)


def _aligned(
    rows: Sequence[Sequence[_Group]], start: int, end: int, across: Sequence[Rectangle]
) -> PrintedTable | None:
    run = [row for row in rows[start:end] if _is_tabular(row)]
    counts = Counter(len(row) for row in run)
    count = max((number for number, seen in counts.items() if seen >= 0.4 * len(run)), default=0)
    whole = [row for row in run if len(row) == count]
    if count < 2 or len(whole) < MIN_ROWS - (count >= 4):
        return None
    columns = [(min(row[i].x0 for row in whole), max(row[i].x1 for row in whole)) for i in range(count)]
    if any(right > left for (_, right), (left, _) in pairwise(columns)):
        return None
    cells = [group.text for row in whole for group in row[1:]]
    if statistics.median(map(len, cells)) > MAX_CELL_CHARACTERS:
        return None
    numbers = sum(is_number(text) for text in cells)
    if numbers < MIN_NUMBERS * len(cells) and not _is_ruled(rows[start:end], across):
        return None
    placed = [_in_columns(row, columns) for row in rows[start:end]]
    if any(row is None for row in placed):
        return None
    body = [row for row in placed if row is not None]
    header = _names_above(rows, start, columns, across)
    table = table_of(body)
    if header:
        inner = _header_rows(body)
        names = [tuple(row) for row in header] + body[:inner]
        joined = tuple(tuple(line for row in names for line in row[column]) for column in range(count))
        return PrintedTable(joined, tuple(body[inner:]))
    return table


def _is_ruled(rows: Sequence[Sequence[_Group]], across: Sequence[Rectangle]) -> bool:
    """True where horizontal rulings as wide as the rows stand over and under some of them."""
    left = min(group.x0 for row in rows for group in row)
    right = max(group.x1 for row in rows for group in row)
    top, bottom = _top(rows[0]), _bottom(rows[-1])
    margin = 1.5 * _height(rows[0])
    levels = {
        round(y / 2)
        for x0, y, x1, _ in across
        if top - margin <= y <= bottom + margin and x0 <= left + margin and x1 >= right - margin
    }
    return len(levels) >= 2


def _in_columns(row: Sequence[_Group], columns: Sequence[tuple[float, float]]) -> Row | None:
    """Return a row's groups by the columns they stand in; one that stands in several goes into the first."""
    cells: list[Cell] = [() for _ in columns]
    for group in row:
        shares = [min(group.x1, right) - max(group.x0, left) for left, right in columns]
        middle = (group.x0 + group.x1) / 2
        if max(shares) > 0:
            index = (
                next(i for i, share in enumerate(shares) if share > 0) if len(row) == 1 else shares.index(max(shares))
            )
        else:
            index = min(range(len(columns)), key=lambda i: abs(middle - (columns[i][0] + columns[i][1]) / 2))
        cells[index] = (*cells[index], *group.lines)
    return tuple(cells)


def _names_above(
    rows: Sequence[Sequence[_Group]],
    start: int,
    columns: Sequence[tuple[float, float]],
    across: Sequence[Rectangle],
) -> list[list[Cell]]:
    """Return the rows right above a table that name its columns, nothing of them over the first one alone."""
    found: list[list[Cell]] = []
    first_right = columns[0][1]
    below: list[str] = []
    for index in range(start - 1, max(-1, start - 1 - MAX_HEADER_ROWS), -1):
        row = rows[index]
        if _top(rows[index + 1]) - _bottom(row) > 1.5 * _height(row):
            break
        if len(row) == 1 and _CAPTION.match(row[0].text):
            break
        beyond = [group for group in row if group.x1 > columns[1][0] - 2]
        if not beyond or any(group.x0 < first_right and group.x1 > columns[1][0] for group in row):
            break
        if any(len(group.text) > MAX_HEADER_CHARACTERS or _is_amount(group.text) for group in row):
            break
        cells: list[Cell] = [() for _ in columns]
        for group in row:
            left, right = _reach(group, across)
            over = [i for i, column in enumerate(columns) if min(right, column[1]) - max(left, column[0]) > 0]
            if len(row) == 1 and below and all(map(is_year, below)):  # Year ended December 31, over the years
                over = list(range(1, len(columns)))
            for i in over or [min(range(len(columns)), key=lambda i: abs(group.x0 - columns[i][0]))]:
                cells[i] = (*cells[i], *group.lines)  # a name over several columns is part of each one's
        below = [group.text for group in row]
        found.insert(0, cells)
    return found


def _reach(group: _Group, across: Sequence[Rectangle]) -> tuple[float, float]:
    """Return from where to where a name reaches: as far as the ruling under it, if there is one."""
    bottom = max(line.place[3] for line in group.lines)
    height = bottom - group.lines[0].place[1]
    for x0, y, x1, _ in across:
        if abs(y - bottom) < 0.5 * height and x0 <= group.x0 + 2 and x1 >= group.x1 - 2:
            return min(x0, group.x0), max(x1, group.x1)
    return group.x0, group.x1
