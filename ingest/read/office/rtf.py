"""RTF, as Word, WPS and WordPad write it, as a whole: text in any code page, tables, notes, lists with their numbers.

Read by a tokenizer of our own: the small libraries give one run of text without structure and read Chinese in the code
page of the whole file alone, though each font has its own. Hidden and deleted text is left out; headers and footers are
in metadata alone. Files put into the file are read where they can be.
"""

from __future__ import annotations

import struct
from typing import Any

from ingest.read.limits import Limits
from ingest.read.media import RTF
from ingest.read.office.embedded import native, unwrapped, write_embedded
from ingest.read.office.rtf_parse import RtfReader
from ingest.read.office.unstyled import with_found_headings
from ingest.read.writer import DocumentWriter, check_length
from rag.types import BlockKind, Document

_KEYS = {
    "author": "author",
    "subject": "subject",
    "keywords": "keywords",
    "doccomm": "description",
    "created": "created",
    "modified": "modified",
}
MAX_FURNITURE_CHARACTERS = 500


def read_rtf(data: bytes, name: str, limits: Limits) -> Document:
    """Raises NoText where it shows none."""
    reader = RtfReader(data)
    reader.read()
    writer = DocumentWriter()
    not_read: list[str] = []
    bold: set[str] = set()
    for made in reader.body.made:
        if made.data:
            not_read += _write_object(writer, made.data, limits)
            continue
        if made.bold:
            bold.add(made.text)
        writer.add(made.kind, made.text, level=made.level, place=made.place)
    check_length(name, len(writer), limits)
    metadata: dict[str, Any] = {key: reader.information[its] for its, key in _KEYS.items() if its in reader.information}
    for kind, texts in reader.furniture.items():
        text = " | ".join(dict.fromkeys(text for text in texts if text))
        if text:
            metadata[kind] = text[:MAX_FURNITURE_CHARACTERS]
            if not len(writer):  # nothing but a letterhead
                writer.add(BlockKind.PARAGRAPH, text)
    if not_read:
        metadata["not_read"] = not_read[:100]
    title = reader.information.get("title")
    return with_found_headings(writer.finish(name, RTF, title=title, metadata=metadata), bold, title=title)


def _write_object(writer: DocumentWriter, data: bytes, limits: Limits) -> list[str]:
    """Write the file that an OLE 1 object holds: a header with its class and two names, then the bytes."""
    try:
        version, kind = struct.unpack_from("<II", data, 0)
        names, position = [], 8
        for _ in range(3):
            (length,) = struct.unpack_from("<I", data, position)
            names.append(data[position + 4 : position + 4 + length].rstrip(b"\0").decode("latin-1"))
            position += 4 + length
        (size,) = struct.unpack_from("<I", data, position)
    except struct.error:
        return []
    if kind != 2 or not version:  # a link: what it links to is elsewhere
        return []
    inner = data[position + 4 : position + 4 + size]
    label = names[0] or "object"
    found = native(b"\0\0\0\0" + inner, label) if label == "Package" else unwrapped(inner, label)
    reason = write_embedded(writer, *found, limits) if found is not None and found[0] else ""
    return [reason] if reason else []
