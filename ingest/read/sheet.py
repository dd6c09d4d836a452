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

from ingest.read.grid import Merge, Row, Sheet, column_letters, write_grid
from ingest.read.limits import Limits
from ingest.read.media import ODS, XLSX
from ingest.read.number_format import plain_number
from ingest.read.ooxml import Package
from ingest.read.sheet_ods import ods_properties, ods_sheets
from ingest.read.sheet_xlsx import xlsx_sheets
from ingest.read.sniff import sniff
from ingest.read.writer import DocumentWriter, check_length
from ingest.read.zipped import open_zip
from rag.errors import Encrypted, Malformed
from rag.types import BlockKind, Document

_HINT = "save it again from the program that made it"


def read_sheet(data: bytes, name: str, limits: Limits) -> Document:
    """Raises NoText where all sheets are empty, Encrypted where they need a password."""
    mime = sniff(data, name)
    if mime == XLSX:
        package = Package(data, name, limits)
        return _document(xlsx_sheets(package), package.properties(), package.damaged, name, mime, limits)
    if mime == ODS:
        with open_zip(data, name, limits) as archive:
            properties = ods_properties(archive, name, limits)
            return _document(ods_sheets(archive, name), properties, [], name, mime, limits)
    if data.startswith(b"PK"):
        open_zip(data, name, limits).close()  # the parser itself knows no limits
    return _document(_parsed_sheets(data, name), {}, [], name, mime, limits)


def _document(
    sheets: Iterable[Sheet],
    properties: dict[str, str],
    damaged: list[str],
    name: str,
    mime: str,
    limits: Limits,
) -> Document:
    writer = DocumentWriter()
    names: list[str] = []
    hidden: list[str] = []
    for sheet in sheets:
        names.append(sheet.name)
        if sheet.hidden:
            hidden.append(sheet.name)
        _write(writer, sheet, name, limits)
    metadata: dict[str, Any] = {key: value for key, value in properties.items() if key != "title"}
    metadata["sheets"] = names
    metadata |= {"hidden_sheets": hidden} if hidden else {}
    metadata |= {"damaged": damaged} if damaged else {}
    title = properties.get("title") or PurePath(name).stem
    return writer.finish(name, mime, title=title, metadata=metadata)


def _write(writer: DocumentWriter, sheet: Sheet, name: str, limits: Limits) -> None:
    """Write a sheet below its name; nothing of an empty one."""
    rows = iter(sheet.rows)
    first = next(rows, None)
    notes = list(sheet.notes())
    if first is None and not notes:
        return
    writer.add(BlockKind.HEADING, sheet.name, level=1, place=sheet.name)

    def place(row: int, first_column: int, last_column: int) -> str:
        first, last = f"{column_letters(first_column)}{row}", f"{column_letters(last_column)}{row}"
        return f"{sheet.name}!{first}" if first == last else f"{sheet.name}!{first}:{last}"

    if first is not None:
        write_grid(writer, chain((first,), rows), place, name=name, limits=limits, merges=sheet.merges)
    for note in notes:
        writer.add(BlockKind.PARAGRAPH, note.text, place=f"{sheet.name}!{note.cell}" if note.cell else sheet.name)
        check_length(name, len(writer), limits)


def _parsed_sheets(data: bytes, name: str) -> Iterator[Sheet]:
    """Yield the sheets of a binary workbook."""
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            for index, about in enumerate(workbook.sheets_metadata):
                sheet = workbook.get_sheet_by_index(index)
                yield Sheet(
                    about.name,
                    _parsed_rows(sheet),
                    tuple(
                        Merge(first_row + 1, first_column, last_row + 1, last_column)
                        for (first_row, first_column), (last_row, last_column) in sheet.merged_cell_ranges or ()
                    ),
                    hidden=about.visible != SheetVisibleEnum.Visible,
                )
    except PasswordError as error:
        raise Encrypted(f"{name}: needs a password", hint="save a copy without one") from error
    except CalamineError as error:
        raise Malformed(f"{name}: not a workbook that can be read: {error}", hint=_HINT) from error


def _parsed_rows(sheet: CalamineSheet) -> Iterator[Row]:
    for number, values in enumerate(sheet.iter_rows(), start=1):
        cells = {column: text for column, value in enumerate(values) if (text := _value_text(value).strip())}
        if cells:
            yield Row(number, cells)


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
