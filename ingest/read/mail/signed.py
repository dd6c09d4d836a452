"""What a mail says that is packed together with its signature (S/MIME, CMS signed-data). The signature is not checked.

Source: RFC 5652, in the encoding of X.690: lengths may be left open, and strings may come in pieces.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_DEPTH = 16
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_IDENTIFIER, _STRING, _STRING_IN_PIECES, _SEQUENCE, _CONTENT = 0x06, 0x04, 0x24, 0x30, 0xA0


@dataclass(frozen=True, slots=True)
class _Value:
    tag: int
    start: int
    end: int  # of what is inside
    after: int  # where the next value begins: behind the mark that ends one of open length


def signed_content(data: bytes) -> bytes | None:
    """Return what was signed, None where the bytes are nothing that was packed with a signature."""
    try:
        outer = _inside(data, _value(data, 0, len(data), 0))
        if len(outer) < 2 or outer[0].tag != _IDENTIFIER or data[outer[0].start : outer[0].end] != _SIGNED_DATA:
            return None
        fields = _inside(data, _inside(data, outer[1])[0])  # version, digests, what was signed, ...
        packed = next(field for field in fields if field.tag == _SEQUENCE)
        content = next(field for field in _inside(data, packed) if field.tag == _CONTENT)
        return b"".join(_strings(data, _inside(data, content), 0)) or None
    except (IndexError, StopIteration, ValueError):
        return None


def _strings(data: bytes, values: list[_Value], depth: int) -> list[bytes]:
    if depth > MAX_DEPTH:
        raise ValueError("pieces of pieces without end")
    pieces: list[bytes] = []
    for value in values:
        if value.tag == _STRING:
            pieces.append(data[value.start : value.end])
        elif value.tag == _STRING_IN_PIECES:
            pieces += _strings(data, _inside(data, value), depth + 1)
    return pieces


def _inside(data: bytes, value: _Value) -> list[_Value]:
    found: list[_Value] = []
    position = value.start
    while position < value.end:
        inner = _value(data, position, value.end, 0)
        if inner.tag == 0 and inner.start == inner.end:
            break
        found.append(inner)
        position = inner.after
    return found


def _value(data: bytes, position: int, end: int, depth: int) -> _Value:
    if depth > MAX_DEPTH:
        raise ValueError("values in values without end")
    tag, length, start = data[position], data[position + 1], position + 2
    if length == 0x80:  # open: it ends at two zero bytes
        inner = start
        while data[inner : inner + 2] != b"\0\0":
            if inner >= end:
                raise ValueError("the end is missing")
            inner = _value(data, inner, end, depth + 1).after
        return _Value(tag, start, inner, inner + 2)
    if length > 0x80:
        count = length & 0x7F
        if count > 6:
            raise ValueError("a length of more than six bytes")
        length, start = int.from_bytes(data[start : start + count], "big"), start + count
    if start + length > end:
        raise ValueError("it is cut off")
    return _Value(tag, start, start + length, start + length)
