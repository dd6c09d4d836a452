"""Outlook's own packing of what is attached to a mail: winmail.dat (TNEF). Its layout and its form fields are passed.

Source: MS-OXTNEF.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.read.mail.charset import decode_declared

SIGNATURE = b"\x78\x9f\x3e\x22"
_BODY, _CONTENT, _TITLE, _RENDERING, _MESSAGE_PROPERTIES, _FILE_PROPERTIES, _CODEPAGE = (
    0x800C, 0x800F, 0x8010, 0x9002, 0x9003, 0x9005, 0x9007,
)  # fmt: skip
_PAGE, _RTF, _TEXT, _LONG_NAME, _DATA = 0x1013, 0x1009, 0x1000, 0x3707, 0x3701
_SIZES = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_OF_ANY_LENGTH = frozenset({0x0D, 0x1E, 0x1F, 0x102})
_MANY = 0x1000  # added to a property's type where it has several values


@dataclass(slots=True)
class Packed:
    """What was packed: the body in its forms, and files by name."""

    text: str = ""
    page: bytes = b""
    rtf: bytes = b""  # still compressed
    files: list[tuple[str, bytes]] = field(default_factory=list)


def unpacked(data: bytes) -> Packed | None:
    """Return what the bytes hold as far as they are whole, None where they are no TNEF."""
    if not data.startswith(SIGNATURE):
        return None
    found, charset = Packed(), "cp1252"
    try:
        for number, value in _attributes(data):
            if number == _CODEPAGE and len(value) >= 4:
                charset = f"cp{struct.unpack_from('<I', value)[0]}"
            elif number == _BODY:
                found.text = decode_declared(value.rstrip(b"\0"), charset)
            elif number == _MESSAGE_PROPERTIES:
                _take_body(found, dict(_properties(value)), charset)
            elif number == _RENDERING:
                found.files.append(("", b""))
            elif number in {_TITLE, _CONTENT, _FILE_PROPERTIES} and found.files:
                found.files[-1] = _file(found.files[-1], number, value, charset)
    except struct.error:
        pass  # it is cut off: what came before stands
    found.files = [(name or "unnamed", content) for name, content in found.files]
    return found


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 6
    while position + 9 <= len(data):
        _, number, _, length = struct.unpack_from("<BHHI", data, position)
        yield number, data[position + 9 : position + 9 + length]
        position += 9 + length + 2  # a checksum stands behind


def _take_body(found: Packed, properties: dict[int, tuple[int, bytes]], charset: str) -> None:
    found.page = properties.get(_PAGE, (0, b""))[1]
    found.rtf = properties.get(_RTF, (0, b""))[1]
    if _TEXT in properties and not found.text:
        found.text = _string(*properties[_TEXT], charset)


def _file(file: tuple[str, bytes], number: int, value: bytes, charset: str) -> tuple[str, bytes]:
    name, content = file
    if number == _TITLE:
        return name or decode_declared(value.rstrip(b"\0"), charset), content
    if number == _CONTENT:
        return name, value
    properties = dict(_properties(value))
    long_name = _string(*properties[_LONG_NAME], charset) if _LONG_NAME in properties else ""
    return long_name or name, content or properties.get(_DATA, (0, b""))[1]


def _string(kind: int, value: bytes, charset: str) -> str:
    if kind == 0x1F:
        return value[: len(value) & ~1].decode("utf-16-le", "replace").rstrip("\0")
    return decode_declared(value.rstrip(b"\0"), charset)


def _properties(data: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    """Yield each property's number with its type and value, the first where it has several."""
    (count,) = struct.unpack_from("<I", data)
    position = 4
    for _ in range(min(count, 10_000)):
        kind, number = struct.unpack_from("<HH", data, position)
        position += 4
        if number >= 0x8000:
            position = _after_name(data, position)
        single = kind & ~_MANY
        values = 1
        if kind & _MANY or single in _OF_ANY_LENGTH:
            (values,) = struct.unpack_from("<I", data, position)
            position += 4
        first: bytes | None = None
        for _ in range(min(values, 10_000)):
            length = _SIZES.get(single, 0)
            if single in _OF_ANY_LENGTH:
                (length,) = struct.unpack_from("<I", data, position)
                position += 4
            elif not length:
                return  # a type of unknown size: nothing behind it can be found
            first = data[position : position + length] if first is None else first
            position += -(-length // 4) * 4
        yield number, (single, first or b"")


def _after_name(data: bytes, position: int) -> int:
    """Return where a named property's value begins: behind its set, and its number or its name."""
    (kind,) = struct.unpack_from("<I", data, position + 16)
    (length,) = struct.unpack_from("<I", data, position + 20)
    return position + 24 + (-(-length // 4) * 4 if kind else 0)
