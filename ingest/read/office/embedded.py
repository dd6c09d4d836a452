"""Files within a file: read as any other, their blocks put into the one around them. Knows nothing of packages."""

from __future__ import annotations

import io
import re
import struct
from dataclasses import replace

import olefile

from ingest.archives.walk import is_archive, members
from ingest.read import read
from ingest.read.limits import Limits
from ingest.read.sniff import sniff
from ingest.read.writer import DocumentWriter
from rag.errors import TooLarge, Unreadable
from rag.types import BlockKind

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What an object's storage holds where the object is a whole file.
_WHOLE_FILES = ("Package", "CONTENTS", "EmbeddedOdf", "package_stream")
_NATIVE = "\x01Ole10Native"
_NOT_FILES = ("Equation Native", "MSGraph")


def write_embedded(writer: DocumentWriter, data: bytes, name: str, limits: Limits) -> str:
    """Write a file's blocks under the place "embedded NAME"; return why it was left out, "" where it was read.

    An archive's members are files within the file too.
    Raises TooLarge where it is a bomb: that is the fault of the whole file.
    """
    if not is_archive(sniff(data, name)):
        return write_inner(writer, data, name, limits, place=f"embedded {name}")
    reasons: list[str] = []
    for found in members(data, name, limits):
        path = f"{name}/{found.name}" if found.name else name
        if found.data is None:
            reasons.append(f"{path}: {found.detail or found.error}")
        else:
            inner = replace(limits, max_nesting=limits.max_nesting - found.depth)
            reasons.append(write_inner(writer, found.data, path, inner, place=f"embedded {path}"))
    return "; ".join(reason for reason in reasons if reason)


def write_inner(writer: DocumentWriter, data: bytes, name: str, limits: Limits, *, place: str) -> str:
    """As write_embedded(), under a place of one's own."""
    try:
        document = read(data, name, limits=limits.inner(name))
    except TooLarge as error:
        if "nested" in str(error):
            return str(error)
        raise
    except Unreadable as error:
        return str(error)
    for block in document.blocks:
        if block.kind is not BlockKind.LINE:
            text = document.text[block.start : block.end]
            level = block.level
            inner = f"{place}, {block.place}" if block.place else place
            writer.add(block.kind, text, level=level, place=inner)
    return ""


def unwrapped(data: bytes, name: str) -> tuple[bytes, str] | None:
    """Return the file that an OLE object wraps, and its name; None where it wraps none (a formula, a chart)."""
    if not data.startswith(_OLE):
        return data, name
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as storage:
            if any(storage.exists(stream) for stream in _NOT_FILES):
                return None
            for stream in _WHOLE_FILES:
                if storage.exists(stream):
                    return storage.openstream(stream).read(), name
            if storage.exists(_NATIVE):
                return native(storage.openstream(_NATIVE).read(), name)
    except (OSError, ValueError, IndexError, struct.error, TypeError):
        return None
    return data, name  # an old document, which is such a storage itself


def native(stream: bytes, name: str) -> tuple[bytes, str] | None:
    """Read the wrapper that "insert as icon" makes: length, flags, two names, a path, length, bytes."""
    match = re.match(rb".{6}([^\0]{1,260})\0([^\0]{0,1000})\0.{4}", stream, re.DOTALL)
    if match is None:
        return None
    position = match.end()
    (path_length,) = struct.unpack_from("<I", stream, position)
    position += 4 + path_length
    if position + 4 > len(stream):
        return None
    (length,) = struct.unpack_from("<I", stream, position)
    label = _decoded(match[1]).replace("\\", "/").rpartition("/")[2]
    return stream[position + 4 : position + 4 + length], label or name


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")
