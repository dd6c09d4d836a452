"""The cells of an XLSX workbook, row by row. Knows nothing of headers or tables.

Streamed, and only cells that hold something: a parser that fills the rectangle between the outermost two cells was seen
to ask for 512 GB over one stray cell. Numbers are shown as their formats show them, which most parsers leave out.
"""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from lxml import etree

from ingest.read.office.ooxml import Package
from ingest.read.sheets.grid import Merge, Note, Row, Sheet
from ingest.read.sheets.number_format import BUILT_IN, shown
from ingest.read.xml_safe import Element, local_name

MAX_COLUMN = 16_384
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # how control characters are written in it: _x000D_


def xlsx_sheets(package: Package) -> Iterator[Sheet]:
    """Yield the sheets in the order of their tabs. Raises Malformed where there is no workbook."""
    path, workbook = package.main("spreadsheetml", "xl/workbook.xml")
    relations = package.relations(path)
    book = _Book(package, path, workbook)
    listed = list(workbook.iter("{*}sheet"))
    seen = set[str]()
    for element in listed:
        target = next((relations[value].target for key, value in element.items() if _is_id(key, value, relations)), "")
        seen.add(target.lower())
        yield book.sheet(element.get("name") or target, target, hidden=element.get("state") in {"hidden", "veryHidden"})
    # A workbook that was put together again may have lost the list of its sheets.
    if not listed:
        for part in sorted(package.paths(), key=lambda part: (len(part), part)):
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml", part, re.IGNORECASE) and part.lower() not in seen:
                yield book.sheet(posixpath.basename(part).partition(".")[0], part, hidden=False)


@lru_cache(maxsize=MAX_COLUMN)
def column_number(letters: str) -> int:
    """Return a column's number from 0: A is 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _is_id(key: str, value: str, relations: Mapping[str, object]) -> bool:
    return key.endswith("}id") and value in relations


class _Book:
    def __init__(self, package: Package, path: str, workbook: Element) -> None:
        self._package = package
        properties = workbook.find("{*}workbookPr")
        self._from_1904 = properties is not None and properties.get("date1904") in {"1", "true"}
        self._texts = _shared_texts(next((package.part(p) for p in package.related(path, "sharedStrings")), None))
        styles = next((package.xml(p) for p in package.related(path, "styles")), None)
        self._formats = _formats(styles)

    def sheet(self, name: str, part: str, *, hidden: bool) -> Sheet:
        data = self._package.part(part) if part else None
        tail = b"" if data is None else data[max(0, data.rfind(b"sheetData")) :]
        merges = [
            Merge(int(a), column_number(first.decode()), int(b), column_number(last.decode()))
            for first, a, last, b in _MERGE.findall(tail)
        ]
        return Sheet(name, self._rows(data or b"", part), tuple(merges), self._notes(part), hidden)

    def _rows(self, data: bytes, part: str) -> Iterator[Row]:
        number = 0
        try:
            for _, element in etree.iterparse(
                io.BytesIO(data),
                tag="{*}row",
                recover=True,
                resolve_entities=False,
                no_network=True,
                load_dtd=False,
                huge_tree=False,
            ):
                given = element.get("r") or ""
                number = int(given) if given.isdigit() else number + 1
                cells = self._cells(element)
                if cells:
                    yield Row(number, cells)
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
        except etree.XMLSyntaxError as error:
            if data:
                self._package.damaged.append(f"{part}: {error}")

    def _cells(self, row: Element) -> dict[int, str]:
        cells: dict[int, str] = {}
        column = -1
        for cell in row:
            match = _REFERENCE.match(cell.get("r") or "")
            column = column_number(match[1]) if match else column + 1
            text = self._text(cell)
            if text and not text.isspace() and column < MAX_COLUMN:
                cells[column] = text
        return cells

    def _text(self, cell: Element) -> str:
        value = text = ""
        for child in cell:
            tag = child.tag
            if tag.endswith("}v"):
                value = child.text or ""
            elif tag.endswith("}is"):
                text = _rich_text(child)
        kind = cell.get("t") or "n"
        if kind == "inlineStr":
            return text or _unescaped(value)
        if not value:
            return ""
        if kind == "n":
            return self._number(value, cell.get("s") or "0")
        if kind == "s":
            index = value.strip()
            return self._texts[int(index)] if index.isdigit() and int(index) < len(self._texts) else ""
        if kind == "b":
            return "TRUE" if value.strip() == "1" else "FALSE"
        if kind == "d":
            return value.strip().removesuffix("T00:00:00").replace("T", " ")
        return _unescaped(value)

    def _number(self, value: str, style: str) -> str:
        index = int(style) if style.isdigit() else 0
        code = self._formats[index] if index < len(self._formats) else ""
        value = value.strip()
        if not code and value.isdigit() and len(value) < 16:
            return value
        try:
            return shown(float(value), code, from_1904=self._from_1904)
        except ValueError:
            return value

    def _notes(self, part: str) -> Callable[[], Iterator[Note]]:
        """Return what yields the comments and text boxes of a sheet: they are read after its cells."""

        def notes() -> Iterator[Note]:
            if not part:
                return
            threaded = self._package.related(part, "threadedComment")
            for path in threaded or self._package.related(part, "comments"):
                root = self._package.xml(path)
                for comment in root.iter("{*}comment", "{*}threadedComment") if root is not None else ():
                    text = _rich_text(comment.find("{*}text")) if comment.find("{*}text") is not None else ""
                    if text:
                        yield Note(text, comment.get("ref") or "")
            for path in self._package.related(part, "drawing"):
                root = self._package.xml(path)
                for shape in root.iter("{*}txBody") if root is not None else ():
                    lines = ("".join(run.text or "" for run in line.iter("{*}t")) for line in shape.iter("{*}p"))
                    text = "\n".join(line for line in lines if line.strip())
                    if text:
                        yield Note(text, "")

        return notes


def _formats(styles: Element | None) -> Sequence[str]:
    """Return the number format of each cell style; "" for those that show a number as it is."""
    if styles is None:
        return ()
    codes = dict(BUILT_IN)
    for element in styles.iter("{*}numFmt"):
        number = element.get("numFmtId") or ""
        if number.isdigit():
            codes[int(number)] = element.get("formatCode") or ""
    used = styles.find("{*}cellXfs")
    found = ((element.get("numFmtId") or "") for element in (used if used is not None else ()))
    formats = (codes.get(int(number), "") if number.isdigit() else "" for number in found)
    return ["" if code.lower() == "general" else code for code in formats]


def _shared_texts(data: bytes | None) -> list[str]:
    texts: list[str] = []
    if data is None:
        return texts
    walk = etree.iterparse(
        io.BytesIO(data), tag="{*}si", recover=True, resolve_entities=False, no_network=True, huge_tree=False
    )
    try:
        for _, element in walk:
            texts.append(_rich_text(element))
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except etree.XMLSyntaxError:
        return texts
    return texts


def _rich_text(element: Element) -> str:
    """Return the text of all runs, without the phonetic notes above Chinese and Japanese."""
    if not len(element):
        return _unescaped(element.text or "")
    if len(element) == 1 and element[0].tag.endswith("}t"):  # nearly all of them
        return _unescaped(element[0].text or "")
    pieces = (
        part.text or ""
        for part in element.iter("{*}t")
        if not any(local_name(above) == "rPh" for above in part.iterancestors())
    )
    return _unescaped("".join(pieces))


def _unescaped(text: str) -> str:
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)).replace("\r", ""), text)
