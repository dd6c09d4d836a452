"""The properties of an Outlook message, as its OLE file keeps them. Knows what they are called, not what they say.

Source: MS-OXMSG. A property is a stream of its own, named by its number and type, or eight bytes in the table of those
that fit there.
"""

from __future__ import annotations

import io
import struct
from datetime import UTC, datetime, timedelta

import olefile

from ingest.read.mail.charset import decode_declared
from rag.errors import Malformed

_TABLE = "__properties_version1.0"
_NAMES = "__nameid_version1.0"
_ROW = struct.Struct("<HHI8s")
_UTF16, _ANSI, _BYTES, _INTEGER, _BOOLEAN, _TIME = 0x001F, 0x001E, 0x0102, 0x0003, 0x000B, 0x0040
_CODEPAGE, _BODY_CODEPAGE = 0x3FFD, 0x3FDE
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_CHARSETS = {
    65001: "utf-8", 65000: "utf-7", 20127: "us-ascii", 54936: "gb18030", 52936: "hz-gb-2312", 50220: "iso-2022-jp",
    50221: "iso-2022-jp", 50222: "iso-2022-jp", 51932: "euc-jp", 51949: "euc-kr", 50225: "iso-2022-kr",
    20866: "koi8-r", 21866: "koi8-u", 50227: "iso-2022-cn", 10008: "gb2312", 10002: "big5", 38598: "iso-8859-8",
    1200: "utf-16-le",
}  # fmt: skip
# What olefile raises on a file that is not what it says: its checks do not reach everywhere.
DAMAGE = (
    OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError, struct.error, RecursionError,
)  # fmt: skip


class Store:
    """The properties of a message, of a recipient, or of an attachment: of one folder within the file."""

    def __init__(self, file: olefile.OleFileIO, path: tuple[str, ...], header: int, outer: Store | None = None) -> None:
        """header: how many bytes of the table stand before its first row; outer: whose code page holds here too."""
        self._file = file
        self._path = path
        self._fixed = dict(self._rows(header))
        self._charset = outer.charset if outer else charset_of(self.integer(_CODEPAGE) or self.integer(_BODY_CODEPAGE))

    @property
    def charset(self) -> str | None:
        """The charset of strings that are not Unicode."""
        return self._charset

    @property
    def body_charset(self) -> str | None:
        return charset_of(self.integer(_BODY_CODEPAGE)) or self._charset

    def text(self, number: int) -> str:
        """Return a string property, "" where it is missing."""
        wide = self._stream(number, _UTF16)
        if wide:
            return wide[: len(wide) & ~1].decode("utf-16-le", "replace").rstrip("\0")
        narrow = self._stream(number, _ANSI)
        return decode_declared(narrow.rstrip(b"\0"), self._charset) if narrow else ""

    def data(self, number: int) -> bytes:
        return self._stream(number, _BYTES)

    def integer(self, number: int) -> int | None:
        raw = self._fixed.get((number, _INTEGER))
        return None if raw is None else int.from_bytes(raw[:4], "little", signed=True)

    def flag(self, number: int) -> bool:
        raw = self._fixed.get((number, _BOOLEAN))
        return raw is not None and raw[0] != 0

    def time(self, number: int) -> datetime | None:
        """Return a time, None where it is missing or stands for "never"."""
        raw = self._fixed.get((number, _TIME))
        ticks = int.from_bytes(raw, "little") if raw else 0
        try:
            found = _EPOCH + timedelta(microseconds=ticks // 10)
        except OverflowError:
            return None
        return found if 1970 < found.year < 4500 else None

    def folders(self, prefix: str) -> list[str]:
        """Return the names of the folders in this one that begin so: "__recip_version1.0_", "__attach_version1.0_"."""
        depth = len(self._path)
        try:
            listed = self._file.listdir(streams=False, storages=True)
        except DAMAGE:
            return []
        own = list(self._path)
        return sorted(path[depth] for path in listed if len(path) == depth + 1 and path[:depth] == own
                      and path[depth].lower().startswith(prefix))  # fmt: skip

    def inner(self, name: str, header: int = 8) -> Store:
        """Return the properties of a recipient or an attachment (header 8), or of a message within one (24)."""
        return Store(self._file, (*self._path, name), header, self)

    def message(self) -> Store | None:
        """Return the message that an attachment is."""
        name = "__substg1.0_3701000D"
        if not self._exists(name) or not self._exists(f"{name}/{_TABLE}"):
            return None
        return Store(self._file, (*self._path, name), 24)

    def named(self) -> dict[int, int]:
        """Return where the numbers of named properties stand in this file: of the name's, the property's."""
        file = self._file
        try:
            raw = file.openstream([_NAMES, "__substg1.0_00030102"]).read()
        except DAMAGE:
            return {}
        found: dict[int, int] = {}
        for start in range(0, min(len(raw) - 7, 8 * 4096), 8):
            name, kind, index = struct.unpack_from("<IHH", raw, start)
            if not kind & 1:  # a number, not a string
                found.setdefault(name, 0x8000 + index)
        return found

    def _rows(self, header: int) -> list[tuple[tuple[int, int], bytes]]:
        table = self._open(_TABLE)
        rows = []
        for start in range(header, len(table) - _ROW.size + 1, _ROW.size):
            kind, number, _, value = _ROW.unpack_from(table, start)
            rows.append(((number, kind), value))
        return rows

    def _stream(self, number: int, kind: int) -> bytes:
        return self._open(f"__substg1.0_{number:04X}{kind:04X}")

    def _open(self, name: str) -> bytes:
        try:
            if not self._exists(name):
                return b""
            found = self._file.openstream([*self._path, name]).read()
        except DAMAGE:
            return b""
        return bytes(found)

    def _exists(self, name: str) -> bool:
        try:
            return bool(self._file.exists([*self._path, *name.split("/")]))
        except DAMAGE:
            return False


def charset_of(codepage: int | None) -> str | None:
    if not codepage or codepage < 0:
        return None
    if 28591 <= codepage <= 28606:
        return f"iso-8859-{codepage - 28590}"
    return _CHARSETS.get(codepage, f"cp{codepage}")


def open_message(data: bytes, name: str) -> Store:
    """Raises Malformed where the file is no message."""
    try:
        file = olefile.OleFileIO(io.BytesIO(data))  # of short bytes it would think they are a path
        store = Store(file, (), 32)
    except DAMAGE as error:
        raise Malformed(f"{name}: a damaged Outlook message ({error})", hint="save it again from Outlook") from error
    if not file.exists(_TABLE):
        raise Malformed(f"{name}: no Outlook message", hint="save it again from Outlook")
    return store
