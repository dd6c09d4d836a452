"""What the parser of XLS files leaves out: how numbers are shown, text boxes, comments, whether there is a password.

Walks the records of the workbook's stream; knows only those that it needs. The cells themselves come from the parser.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

import olefile

from ingest.read.sheets.grid import Note, column_letters
from ingest.read.sheets.number_format import BUILT_IN, shown

_STREAMS = frozenset({"workbook", "book"})
_BOF, _EOF, _CONTINUE = 0x0809, 0x000A, 0x003C
_FILE_PASS, _DATE_MODE, _FORMAT, _XF, _BOUND_SHEET = 0x002F, 0x0022, 0x041E, 0x00E0, 0x0085
_NUMBER, _RK, _MANY_RK, _FORMULA, _MANY_BLANKS = 0x0203, 0x027E, 0x00BD, 0x0006, 0x00BE
# Every record that begins with a cell's row and column.
_CELLS = frozenset(
    {
        _NUMBER,
        _RK,
        _MANY_RK,
        _FORMULA,
        _MANY_BLANKS,
        0x0406,
        0x0201,
        0x0204,
        0x0205,
        0x00FD,
        0x00D6,
        0x0003,
        0x0004,
        0x0005,
    }
)
_OBJECT, _TEXT_OBJECT, _NOTE = 0x005D, 0x01B6, 0x001C
_VERSION_8 = 0x0600


@dataclass(slots=True)
class BinarySheet:
    """shown: by row and column, both from 0, the numbers that their format shows in a way of its own.

    area: of the rectangle from the first cell to the last one, which the parser fills whole.
    """

    area: int = 0
    shown: dict[tuple[int, int], str] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)


@dataclass(slots=True)
class BinaryBook:
    encrypted: bool = False
    sheets: list[BinarySheet] = field(default_factory=list)


def read_biff(data: bytes) -> BinaryBook:
    """Return what could be read: a book without sheets where the bytes are damaged."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as storage:
            path = next((path for path in storage.listdir() if path[-1].lower() in _STREAMS and len(path) == 1), None)
            return _Walk(storage.openstream(path).read()).book() if path else BinaryBook()
    except (OSError, ValueError, IndexError, TypeError, struct.error):
        return BinaryBook()


class _Walk:
    def __init__(self, stream: bytes) -> None:
        self._stream = stream
        self._formats: dict[int, str] = dict(BUILT_IN)
        self._styles: list[int] = []
        self._from_1904 = False
        self._is_version_8 = len(stream) > 6 and struct.unpack_from("<H", stream, 4)[0] == _VERSION_8

    def book(self) -> BinaryBook:
        book = BinaryBook()
        starts: list[int] = []
        for kind, body in self._records(0):
            if kind == _FILE_PASS:
                book.encrypted = True
                return book
            if kind == _DATE_MODE:
                self._from_1904 = body[:1] == b"\1"
            elif kind == _FORMAT and len(body) > 5:
                self._formats[struct.unpack_from("<H", body)[0]] = self._format_code(body)
            elif kind == _XF and len(body) >= 4:
                self._styles.append(struct.unpack_from("<H", body, 2)[0])
            elif kind == _BOUND_SHEET and len(body) >= 4:
                starts.append(struct.unpack_from("<I", body)[0])
        book.sheets = [self._sheet(start) for start in starts]
        return book

    def _records(self, position: int) -> Iterator[tuple[int, bytes]]:
        """Yield the records of one part of the stream, but those of charts inside it."""
        depth = 0
        while position + 4 <= len(self._stream):
            kind, length = struct.unpack_from("<HH", self._stream, position)
            body = self._stream[position + 4 : position + 4 + length]
            depth += (kind == _BOF) - (kind == _EOF)
            if depth == 1:
                yield kind, body
            if depth <= 0:
                return
            position += 4 + length

    def _format_code(self, body: bytes) -> str:
        if not self._is_version_8:
            return body[3 : 3 + body[2]].decode("latin-1")
        count, flags = struct.unpack_from("<HB", body, 2)
        if flags & 1:
            return body[5 : 5 + 2 * count].decode("utf-16-le", "replace")
        return body[5 : 5 + count].decode("latin-1")

    def _sheet(self, start: int) -> BinarySheet:
        sheet = BinarySheet()
        texts: dict[int, str] = {}  # of shapes, by their number
        cells: dict[int, str] = {}  # that a comment hangs on, by the number of its shape
        shape, missing = 0, 0
        rows, columns = 0, 0
        for kind, body in self._records(start):
            if kind in _CELLS and len(body) >= 4:
                row, column = struct.unpack_from("<HH", body)
                rows, columns = max(rows, row + 1), max(columns, column + 1)
                if kind in {_MANY_RK, _MANY_BLANKS}:
                    columns = max(columns, struct.unpack_from("<H", body, len(body) - 2)[0] + 1)
            if kind in {_NUMBER, _RK, _MANY_RK, _FORMULA}:
                for row, column, style, value in _numbers(kind, body):
                    self._show(sheet, row, column, style, value)
            elif kind == _OBJECT and len(body) >= 8:
                shape = struct.unpack_from("<H", body, 6)[0]
            elif kind == _TEXT_OBJECT and len(body) >= 12:
                missing = struct.unpack_from("<H", body, 10)[0]
                texts[shape] = ""
            elif kind == _CONTINUE and missing and len(body) > 1:
                wide = body[0] & 1
                piece = body[1:].decode("utf-16-le" if wide else "latin-1", "replace")[:missing]
                texts[shape] = texts.get(shape, "") + piece
                missing -= len(piece)
            elif kind == _NOTE and len(body) >= 8:
                row, column, _, number = struct.unpack_from("<HHHH", body)
                cells[number] = f"{column_letters(column)}{row + 1}"
        sheet.area = rows * columns
        sheet.notes = [Note(text, cells.get(number, "")) for number, text in texts.items() if text.strip()]
        return sheet

    def _show(self, sheet: BinarySheet, row: int, column: int, style: int, value: float) -> None:
        code = self._formats.get(self._styles[style], "") if style < len(self._styles) else ""
        if code and code.lower() != "general":
            sheet.shown[row, column] = shown(value, code, from_1904=self._from_1904)


def _numbers(kind: int, body: bytes) -> Iterator[tuple[int, int, int, float]]:
    """Yield row, column, style and value of each number in a record."""
    if kind == _MANY_RK:
        row, first = struct.unpack_from("<HH", body)
        for index in range((len(body) - 6) // 6):
            style, packed = struct.unpack_from("<HI", body, 4 + 6 * index)
            yield row, first + index, style, _unpacked(packed)
        return
    if len(body) < (10 if kind == _RK else 14):
        return
    row, column, style = struct.unpack_from("<HHH", body)
    if kind == _RK:
        yield row, column, style, _unpacked(struct.unpack_from("<I", body, 6)[0])
    elif kind == _NUMBER or body[12:14] != b"\xff\xff":  # else the formula's value is no number
        yield row, column, style, struct.unpack_from("<d", body, 6)[0]


def _unpacked(packed: int) -> float:
    """Return the number that 30 bits hold, as an integer or as the upper part of a float, in hundredths or not."""
    value: float
    if packed & 2:
        value = (packed >> 2) - (1 << 30 if packed & 0x80000000 else 0)
    else:
        value = struct.unpack("<d", struct.pack("<Q", (packed & 0xFFFFFFFC) << 32))[0]
    return value / 100 if packed & 1 else value
