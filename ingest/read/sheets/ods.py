"""The cells of an ODS workbook, row by row. Knows nothing of headers or tables.

Read from its XML and not by a parser that fills the whole rectangle: a sheet may say of one empty row that it is there
a million times. The text is what the cell shows; dates and times are those of the value, in ISO.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from zipfile import ZipFile

from lxml import etree

from ingest.read.limits import Limits
from ingest.read.sheets.grid import Merge, Note, Row, Sheet, column_letters
from ingest.read.xml_safe import Element, local_name, parse_xml
from ingest.read.zipped import member
from rag.errors import Encrypted, Malformed

MAX_COLUMNS = 16_384
MAX_REPEATED = 1000  # of a cell or a row that holds something
_PROPERTIES = {
    "title": "title",
    "creator": "author",
    "initial-creator": "author",
    "subject": "subject",
    "keyword": "keywords",
    "creation-date": "created",
    "date": "modified",
    "language": "language",
}
_DURATION = re.compile(r"PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S")


def ods_properties(archive: ZipFile, name: str, limits: Limits) -> dict[str, str]:
    """Return what the workbook says of itself. Raises Encrypted where its cells need a password."""
    paths = set(archive.namelist())
    if "META-INF/manifest.xml" in paths and b"encryption-data" in member(
        archive, "META-INF/manifest.xml", name, limits
    ):
        raise Encrypted(f"{name}: needs a password", hint="save a copy without one")
    found: dict[str, str] = {}
    if "meta.xml" in paths:
        try:
            root = parse_xml(member(archive, "meta.xml", name, limits), name)
        except Malformed:
            return found
        for element in root.iter():
            key, value = _PROPERTIES.get(local_name(element)), " ".join((element.text or "").split())
            if key and value:
                found.setdefault(key, value[:500])
    return found


def ods_sheets(archive: ZipFile, name: str, limits: Limits) -> Iterator[Sheet]:
    """Yield the sheets in order. Raises Malformed where content.xml is missing."""
    hidden = set[str]()
    content = member(archive, "content.xml", name, limits)
    with io.BytesIO(content) as stream:
        walk = etree.iterparse(
            stream,
            events=("end",),
            tag=("{*}style", "{*}table"),
            recover=True,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
        )
        try:
            for _, element in walk:
                if local_name(element) == "style":
                    properties = element.find("{*}table-properties")
                    if properties is not None and _get(properties, "display") == "false":
                        hidden.add(_get(element, "name"))
                elif not any(local_name(above) == "table" for above in element.iterancestors()):
                    yield _sheet(element, hidden=_get(element, "style-name") in hidden)
                    element.clear()
        except etree.XMLSyntaxError as error:
            raise Malformed(f"{name}: not XML: {error}", hint="save it again from the program that made it") from error


def _sheet(table: Element, *, hidden: bool) -> Sheet:
    rows: list[Row] = []
    merges: list[Merge] = []
    notes: list[Note] = []
    number = 0
    for row in table.iter("{*}table-row"):
        repeated = _count(row, "number-rows-repeated")
        cells = _cells(row, number + 1, merges, notes)
        if cells:
            rows += (Row(number + 1 + offset, cells) for offset in range(min(repeated, MAX_REPEATED)))
        number += repeated
    for shapes in table.iter("{*}shapes"):
        notes += (Note(text, "") for text in map(_text, shapes) if text)
    return Sheet(_get(table, "name"), iter(rows), tuple(merges), lambda: iter(notes), hidden)


def _cells(row: Element, number: int, merges: list[Merge], notes: list[Note]) -> dict[int, str]:
    cells: dict[int, str] = {}
    column = 0
    for cell in row:
        if local_name(cell) not in {"table-cell", "covered-table-cell"}:
            continue
        repeated = _count(cell, "number-columns-repeated")
        text = _shown(cell)
        if text and column < MAX_COLUMNS:
            cells |= dict.fromkeys(range(column, min(column + min(repeated, MAX_REPEATED), MAX_COLUMNS)), text)
            width, height = _count(cell, "number-columns-spanned"), _count(cell, "number-rows-spanned")
            if width > 1 or height > 1:
                merges.append(Merge(number, column, number + height - 1, column + width - 1))
        beside = (child for child in cell if local_name(child) in {"annotation", "frame", "custom-shape"})
        notes += (Note(note, f"{column_letters(column)}{number}") for note in map(_text, beside) if note)
        column += repeated
    return cells


def _shown(cell: Element) -> str:
    kind = _get(cell, "value-type")
    lines = (_text(child) for child in cell if local_name(child) == "p")
    text = "\n".join(line for line in lines if line)
    if kind == "date":
        date, _, clock = _get(cell, "date-value").partition("T")
        return f"{date} {clock.partition('.')[0]}" if clock and ":" in text else date or text
    # A date that shows nothing but its time is so many hours since 1899.
    if kind == "time" and (match := _DURATION.fullmatch(_get(cell, "time-value"))) and len(match[1]) < 5:
        return f"{int(match[1]):02}:{match[2]}" + (f":{match[3]}" if match[3] != "00" else "")
    return text or _get(cell, "value") or _get(cell, "string-value")


def _text(element: Element) -> str:
    """Return an element's text, its paragraphs on lines of their own, without who wrote it and when."""
    pieces: list[str] = []
    for part in element.iter():
        tag = local_name(part)
        if tag in {"p", "line-break"} and pieces:
            pieces.append("\n")
        if tag == "s":
            pieces.append(" " * min(_count(part, "c"), 80))
        elif tag == "tab":
            pieces.append("\t")
        elif tag not in {"creator", "date", "date-string", "title", "desc"}:
            pieces.append(part.text or "")
        if part is not element:
            pieces.append(part.tail or "")
    return "\n".join(line.strip() for line in "".join(pieces).split("\n") if line.strip())


def _get(element: Element, name: str) -> str:
    return next((value for key, value in element.items() if key.endswith("}" + name)), "")


def _count(element: Element, name: str) -> int:
    value = _get(element, name)
    return int(value) if value.isdigit() and len(value) < 9 else 1
