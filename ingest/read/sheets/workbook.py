"""Spreadsheets: XLSX, XLS, XLSB and ODS. Each sheet under its name, each row with the names of its columns.

Values are those the program stored last: nothing is calculated. Hidden sheets are read, and named in the metadata.
Charts are not read: their figures stand in the cells.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import chain
from pathlib import PurePath
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from ingest.read.limits import Limits
from ingest.read.media import ODS, XLSB, XLSX
from ingest.read.office.embedded import unwrapped, write_embedded
from ingest.read.office.ooxml import Package
from ingest.read.sheets.biff import BinaryBook, BinarySheet, read_biff
from ingest.read.sheets.grid import Merge, Row, Sheet, column_letters, write_grid
from ingest.read.sheets.number_format import plain_number
from ingest.read.sheets.ods import ods_properties, ods_sheets
from ingest.read.sheets.xlsx import xlsx_sheets
from ingest.read.sniff import sniff
from ingest.read.writer import DocumentWriter, check_length
from ingest.read.zipped import open_zip
from rag.errors import Encrypted, Malformed, TooLarge
from rag.types import BlockKind, Document

MAX_AREA = 6_000_000  # cells of a binary sheet, empty ones too: the parser takes 24 bytes for each
_PASSWORD_HINT = "save a copy without one"
_HINT = "save it again from the program that made it"


def read_sheet(data: bytes, name: str, limits: Limits) -> Document:
    """Raises NoText where all sheets are empty, Encrypted where they need a password."""
    mime = sniff(data, name)
    if mime == XLSX:
        package = Package(data, name, limits)
        sheets = _Sheets(name, limits)
        sheets.write(xlsx_sheets(package))
        sheets.write_embedded(package)
        return sheets.document(mime, package.properties(), package.damaged)
    if mime == ODS:
        with open_zip(data, name, limits) as archive:
            properties = ods_properties(archive, name, limits)
            sheets = _Sheets(name, limits)
            sheets.write(ods_sheets(archive, name, limits))
            return sheets.document(mime, properties, [])
    book = BinaryBook()
    if mime == XLSB:
        open_zip(data, name, limits).close()  # the parser itself knows no limits
    else:
        book = read_biff(data)
        if book.encrypted:
            from ingest.read.office.encrypted import decrypted  # seldom needed, and slow to import

            data = decrypted(data, name, limits)
            book = read_biff(data)
        if not book.sheets:  # the parser asks for gigabytes over some that are damaged
            raise Malformed(f"{name}: there is no workbook in it that can be read", hint=_HINT)
        if any(sheet.area > MAX_AREA for sheet in book.sheets):
            raise TooLarge(f"{name}: its cells lie too far apart", hint="save it as XLSX")
    sheets = _Sheets(name, limits)
    sheets.write(_parsed_sheets(data, name, book))
    return sheets.document(mime, {}, [])


class _Sheets:
    def __init__(self, name: str, limits: Limits) -> None:
        self._writer = DocumentWriter()
        self._name = name
        self._limits = limits
        self._sheets: list[str] = []
        self._hidden: list[str] = []
        self._not_read: list[str] = []

    def document(self, mime: str, properties: dict[str, str], damaged: list[str]) -> Document:
        """Return what was written. Raises NoText where that is nothing."""
        metadata: dict[str, Any] = {key: value for key, value in properties.items() if key != "title"}
        metadata["sheets"] = self._sheets
        told = {"hidden_sheets": self._hidden, "damaged": damaged, "not_read": self._not_read}
        metadata |= {key: value for key, value in told.items() if value}
        title = properties.get("title") or PurePath(self._name).stem
        return self._writer.finish(self._name, mime, title=title, metadata=metadata)

    def write(self, sheets: Iterable[Sheet]) -> None:
        for sheet in sheets:
            self._sheets.append(sheet.name)
            if sheet.hidden:
                self._hidden.append(sheet.name)
            self._sheet(sheet)

    def write_embedded(self, package: Package) -> None:
        """Write the files that stand in the workbook as objects."""
        for path in package.paths():
            data = package.part(path) if path.lower().startswith("xl/embeddings/") else None
            found = unwrapped(data, path.rpartition("/")[2]) if data else None
            if found is not None and (reason := write_embedded(self._writer, *found, self._limits)):
                self._not_read.append(reason)

    def _sheet(self, sheet: Sheet) -> None:
        """Write a sheet below its name; nothing of an empty one."""
        rows = iter(sheet.rows)
        first = next(rows, None)
        notes = list(sheet.notes())
        if first is None and not notes:
            return
        self._writer.add(BlockKind.HEADING, sheet.name, level=1, place=sheet.name)

        def place(row: int, first_column: int, last_column: int) -> str:
            first, last = f"{column_letters(first_column)}{row}", f"{column_letters(last_column)}{row}"
            return f"{sheet.name}!{first}" if first == last else f"{sheet.name}!{first}:{last}"

        if first is not None:
            found = chain((first,), rows)
            write_grid(self._writer, found, place, name=self._name, limits=self._limits, merges=sheet.merges)
        for note in notes:
            where = f"{sheet.name}!{note.cell}" if note.cell else sheet.name
            self._writer.add(BlockKind.PARAGRAPH, note.text, place=where)
            check_length(self._name, len(self._writer), self._limits)


def _parsed_sheets(data: bytes, name: str, book: BinaryBook) -> Iterator[Sheet]:
    """Yield the sheets of a binary workbook. book: what its parser leaves out, where it is an XLS."""
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            about = workbook.sheets_metadata
            beside = book.sheets if len(book.sheets) == len(about) else [BinarySheet() for _ in about]
            for index, (sheet, more) in enumerate(zip(about, beside, strict=True)):
                yield _parsed_sheet(workbook.get_sheet_by_index(index), more, sheet.visible)
    except PasswordError as error:
        raise Encrypted(f"{name}: needs a password", hint=_PASSWORD_HINT) from error
    except CalamineError as error:
        raise Malformed(f"{name}: not a workbook that can be read: {error}", hint=_HINT) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of the parser, in Rust: it has no name to import
            raise
        raise Malformed(f"{name}: a damaged workbook: {error}", hint=_HINT) from error


def _parsed_sheet(sheet: CalamineSheet, more: BinarySheet, visible: SheetVisibleEnum) -> Sheet:
    merges = tuple(
        Merge(first_row + 1, first_column, last_row + 1, last_column)
        for (first_row, first_column), (last_row, last_column) in sheet.merged_cell_ranges or ()
    )
    hidden = visible != SheetVisibleEnum.Visible
    return Sheet(sheet.name, _parsed_rows(sheet, more), merges, lambda: iter(more.notes), hidden)


def _parsed_rows(sheet: CalamineSheet, more: BinarySheet) -> Iterator[Row]:
    left = sheet.start[1] if sheet.start else 0  # the parser's rows begin at 1, and its columns where the sheet's do
    for number, values in enumerate(sheet.iter_rows()):
        cells: dict[int, str] = {}
        for column, value in enumerate(values, start=left):
            if value != "":
                is_text = isinstance(value, str | bool)
                text = _value_text(value) if is_text else more.shown.get((number, column)) or _value_text(value)
                if text and not text.isspace():
                    cells[column] = text.strip()
        if cells:
            yield Row(number + 1, cells)


def _value_text(value: object) -> str:
    match value:
        case bool():
            return str(value).upper()
        case float():
            return plain_number(value)
        case datetime():
            return value.isoformat(" ", "seconds").removesuffix(" 00:00:00").removesuffix(":00")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat("seconds").removesuffix(":00")
        case timedelta():
            minutes, seconds = divmod(round(value.total_seconds()), 60)
            return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(value)
