"""CSV and TSV in any encoding: each row with the names of its columns. What is no table is read as plain text.

Rows are counted as a spreadsheet counts them, from 1 and with the empty ones. A cell in quotes may hold line ends; a
quote that is never closed is taken for a mark like any other, and does not swallow the rest of the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from pathlib import PurePath

from ingest.read.encoding import decode
from ingest.read.limits import Limits
from ingest.read.media import CSV, TSV
from ingest.read.plain import read_plain
from ingest.read.sheets.grid import Row, write_grid
from ingest.read.writer import DocumentWriter, check_length
from rag.errors import Unsupported
from rag.types import Document

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_RECORDS = 200
MAX_QUOTED_LINES = 1000  # one cell may hold
REGULAR_SHARE = 0.6  # of the records that must have about as many fields for the file to be a table
_DECLARED = re.compile(r"sep=(.)\Z", re.IGNORECASE)
_TAB_SUFFIXES = frozenset({".tsv", ".tab"})
Fields = Callable[[str], tuple[list[str], bool]]


def read_delimited(data: bytes, name: str, limits: Limits) -> Document:
    """Raises NoText where all cells are empty."""
    decoded = decode(data)
    if decoded is None:
        raise Unsupported(f"{name}: not text in any known encoding", hint="save it as UTF-8")
    text, encoding = decoded
    check_length(name, len(text), limits)
    lines = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    delimiter = _delimiter(lines, PurePath(name).suffix.lower())
    if delimiter is None:
        return read_plain(data, name, limits)
    if _DECLARED.match(lines[0].strip('" ')):
        lines = lines[1:]
    writer = DocumentWriter()
    write_grid(writer, _rows(lines, delimiter), lambda row, _first, _last: f"row {row}", name=name, limits=limits)
    mime = TSV if delimiter == "\t" else CSV
    return writer.finish(name, mime, title=PurePath(name).stem, metadata={"encoding": encoding})


def _delimiter(lines: list[str], suffix: str) -> str | None:
    """Return what parts the fields, None where nothing does."""
    declared = _DECLARED.match(lines[0].strip('" '))
    if declared:
        return declared[1]
    scores = {delimiter: _regularity(lines, delimiter) for delimiter in DELIMITERS}
    if suffix in _TAB_SUFFIXES and scores["\t"] > 0:
        return "\t"
    best = max(DELIMITERS, key=lambda delimiter: scores[delimiter])
    return best if scores[best] >= REGULAR_SHARE else None


def _regularity(lines: list[str], delimiter: str) -> float:
    """Return which share of the records has as many fields as most have; more fields count a little more."""
    sizes = Counter(
        len(fields) for fields in islice(_records(lines, delimiter), SAMPLE_RECORDS) if any(map(str.strip, fields))
    )
    if not sizes:
        return 0.0
    size, _ = max(sizes.items(), key=lambda item: (item[1], item[0]))
    if size < 2:
        return 0.0
    ragged = max(1, size // 10) if size > 2 else 0  # in prose, too, many lines have a comma or two
    alike = sum(count for other, count in sizes.items() if other > 1 and abs(other - size) <= ragged)
    return alike / sizes.total() + min(size, 20) / 1000


def _rows(lines: list[str], delimiter: str) -> Iterator[Row]:
    for number, fields in enumerate(_records(lines, delimiter), start=1):
        cells = {column: text for column, field in enumerate(fields) if (text := field.strip())}
        if cells:
            yield Row(number, cells)


def _records(lines: list[str], delimiter: str) -> Iterator[list[str]]:
    position = 0
    while position < len(lines):
        line = lines[position]
        position += 1
        if '"' not in line:
            yield line.split(delimiter)
            continue
        fields, is_open = _fields(line, delimiter)
        if is_open:
            record, more = line, 0
            for following in lines[position : position + MAX_QUOTED_LINES]:
                record, more = f"{record}\n{following}", more + 1
                if '"' in following:
                    longer, still_open = _fields(record, delimiter)
                    if not still_open:
                        fields, position = longer, position + more
                        break
        yield fields


def _fields(record: str, delimiter: str) -> tuple[list[str], bool]:
    """Return a record's fields, and whether a quote that opens one is not closed in it."""
    pattern = _field_pattern(delimiter)
    fields: list[str] = []
    is_open = False
    position = 0
    while True:
        match = pattern.match(record, position)
        if match is None:  # cannot be: the pattern matches nothing at all
            return fields, is_open
        quoted = match["quoted"]
        if quoted is not None:
            fields.append(quoted.replace('""', '"'))
        else:
            plain = match["plain"]
            is_open = is_open or plain.lstrip(" ").startswith('"')
            fields.append(plain)
        position = match.end() + 1
        if position > len(record):
            return fields, is_open and record.count('"') % 2 == 1


@lru_cache(maxsize=32)
def _field_pattern(delimiter: str) -> re.Pattern[str]:
    mark = re.escape(delimiter)
    return re.compile(rf'[ ]*+"(?P<quoted>[^"]*+(?:""[^"]*+)*+)"[ ]*+(?={mark}|\Z)|(?P<plain>[^{mark}]*+)')
