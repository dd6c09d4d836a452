"""Tables as office programs draw them, with merged cells and headers seldom declared, to rows that can be read alone.

Knows nothing of file formats.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.read.tables import table_rows

MAX_COLUMNS = 1000
MAX_HEADER_CHARACTERS = 60
MAX_REPEATED_CHARACTERS = 100  # of a cell merged over several rows; a longer one stands in the first of them alone
_NUMERIC = re.compile(r"[-+(]?[\W_]*\d[\d\s.,:/%‰年月日时分元万亿$€£¥￥-]*[)%]?")
_NO_NAME = re.compile(r"[。！？；：:!?;]\Z|(?<!\bNo)[.]\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    columns: int = 1  # how many it spans
    continues: bool = False  # it is the lower part of a cell merged over several rows
    strong: bool = False  # bold, or marked as a heading


def merged_rows(rows: Sequence[Sequence[Cell]], *, headers: int | None = None) -> Iterator[str]:
    """Yield one line a row.

    headers: how many rows at the top name the columns, where the file says so; None lets their looks decide.
    """
    width = max((sum(min(cell.columns, MAX_COLUMNS) for cell in row) for row in rows), default=0)
    shown = [row for row in rows if any(cell.text for cell in row)]
    while len(shown) > 1 and width > 1 and _is_title(shown[0], width):
        yield _one_cell(shown[0])
        shown = shown[1:]
        headers = None if headers is None else max(0, headers - 1)
    if headers is None:
        headers = 1 if _looks_named(shown, width) else 0
    if headers >= len(shown):
        headers = 0
    names = _names(shown[:headers], width) if headers else None
    above = [""] * width
    for row in shown[headers:]:
        above = _values(row, above, width)
        if names is not None and _is_title(row, width):
            yield _one_cell(row)
        else:
            yield from table_rows([above], header=names)


def _is_title(row: Sequence[Cell], width: int) -> bool:
    filled = [cell for cell in row if cell.text]
    return len(filled) == 1 and filled[0].columns >= width


def _one_cell(row: Sequence[Cell]) -> str:
    return " ".join(" ".join(cell.text for cell in row).split())


def _values(row: Sequence[Cell], above: Sequence[str], width: int) -> list[str]:
    values: list[str] = []
    for cell in row:
        at = len(values)
        repeated = above[at] if cell.continues and not cell.text and at < width else ""
        values.append(cell.text or (repeated if len(repeated) <= MAX_REPEATED_CHARACTERS else ""))
        values += [""] * (min(cell.columns, MAX_COLUMNS) - 1)
    return (values + [""] * width)[:width]


def _names(rows: Sequence[Sequence[Cell]], width: int) -> list[str]:
    """Return the columns' names; of two rows of them the upper ones stand before the lower."""
    parts: list[list[str]] = [[] for _ in range(width)]
    for row in rows:
        at = 0
        for cell in row:
            for column in range(at, min(at + cell.columns, width)):
                if cell.text and cell.text not in parts[column]:
                    parts[column].append(cell.text)
            at += min(cell.columns, MAX_COLUMNS)
    return [" / ".join(found) for found in parts]


def _looks_named(rows: Sequence[Sequence[Cell]], width: int) -> bool:
    """Whether the first row names the columns. A wrong name does more harm than none: there must be a sign of it."""
    if len(rows) < 2 or width < 2 or len(rows[0]) < 2:
        return False
    first, body = rows[0], rows[1:]
    texts = [cell.text for cell in first]
    if not all(texts[1:]) or len({*texts}) < len(texts):
        return False
    if any(len(text) > MAX_HEADER_CHARACTERS or _NO_NAME.search(text) or _NUMERIC.fullmatch(text) for text in texts):
        return False
    if all(cell.strong for cell in first if cell.text):
        return not all(cell.strong for row in body for cell in row if cell.text)
    if any(cell.columns > 1 for cell in first):
        return False
    for column in range(1, width):
        cells = [row[column].text for row in body if len(row) > column and row[column].text]
        if cells and sum(_NUMERIC.fullmatch(text) is not None for text in cells) > 0.7 * len(cells):
            return True
    if width < 3 or len(rows) < 3:
        return False
    lengths = [len(cell.text) for row in body for cell in row if cell.text]
    return bool(lengths) and sum(map(len, texts)) / len(texts) <= 0.8 * sum(lengths) / len(lengths)
