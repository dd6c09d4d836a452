"""The rows of an HTML table, each to be read alone: a cell that spans rows or columns stands in all of them.

Knows nothing of where the table stands.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

from ingest.read.characters import flow
from ingest.read.html_furniture import shown_text
from ingest.read.merged_cells import MAX_COLUMNS, Cell, merged_rows
from ingest.read.tables import table_rows

Element = Any  # an lxml.html.HtmlElement

CELLS = frozenset({"td", "th"})
MAX_ROWS = 65_534  # what a cell may span, by the HTML standard
MAX_LAID = 500_000  # cells: a table whose spans make more of itself is taken as it is written


def html_rows(table: Element) -> Iterator[str]:
    """Yield one line a row, the names of its columns in it where the table says which they are."""
    rows = [(row.getparent().tag == "thead", [cell for cell in row if cell.tag in CELLS]) for row in table.iter("tr")]
    cells = [row for _, row in rows if row]
    if any(_span(cell, name) > 1 for row in cells for cell in row for name in ("rowspan", "colspan")):
        laid = _laid([row for _, row in rows])
        if laid is not None:
            yield from merged_rows(laid, headers=_header_rows(rows))
            return
    rows = [(in_head, row) for in_head, row in rows if row]
    texts = [[_text(cell) for cell in row] for row in cells]
    has_header = len(texts) > 1 and _is_header(*rows[0])
    yield from table_rows(texts[1:] if has_header else texts, header=texts[0] if has_header else None)


def _text(cell: Element) -> str:
    return flow(shown_text(cell)).replace("\n", " ")


def _is_header(in_head: bool, row: Sequence[Element]) -> bool:
    return in_head or all(cell.tag == "th" for cell in row)


def _header_rows(rows: Sequence[tuple[bool, Sequence[Element]]]) -> int:
    """Return how many rows at the top name the columns. A name that reaches down among the values is one of a row."""
    count = 0
    while count < len(rows) and _is_header(*rows[count]):
        count += 1
    while count > 1 and any(
        number + _span(cell, "rowspan") > count for number, (_, row) in enumerate(rows[:count]) for cell in row
    ):
        count -= 1
    return count


def _laid(rows: Sequence[Sequence[Element]]) -> list[list[Cell]] | None:
    """Return each row with what reaches into it from above; None where the spans go beyond all measure."""
    laid: list[list[Cell]] = []
    above: dict[int, tuple[int, int]] = {}  # by first column: how many more rows it reaches into, and its columns
    effort = 0
    for row in rows:
        waiting, below = deque(row), dict[int, tuple[int, int]]()
        found: list[Cell] = []
        column = 0
        while waiting or above:
            if column in above:
                more, columns = above.pop(column)
                found.append(Cell("", columns, continues=True))
            elif waiting:
                cell = waiting.popleft()
                more, columns = _span(cell, "rowspan"), _span(cell, "colspan")
                if columns > 1:  # it stops at one from above
                    effort += len(above)
                    columns = min([columns, *(start - column for start in above if start > column)])
                found.append(Cell(_text(cell), columns))
            else:
                more, columns = 1, min(above) - column
                found.append(Cell("", columns))
            if more > 1:
                below[column] = more - 1, columns
            column += columns
            effort += 1
        if column > MAX_COLUMNS or effort > MAX_LAID:
            return None
        laid.append(found)
        above = below
    width = max((sum(cell.columns for cell in found) for found in laid), default=0)
    return laid if width * len(laid) <= 4 * MAX_LAID else None


def _span(cell: Element, name: str) -> int:
    """Return the value of colspan or rowspan, 1 where it makes no sense; 0 rows are all that follow."""
    given = (cell.get(name) or "").strip()
    if not given.isdecimal() or len(given) > 6:
        return 1
    number = int(given)
    if name == "rowspan":
        return min(number, MAX_ROWS) or MAX_ROWS
    return min(max(number, 1), MAX_COLUMNS)
