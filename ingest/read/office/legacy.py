"""Old office formats, DOC and PPT before all, through LibreOffice where it is installed. Reads nothing itself."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace

import olefile

from ingest.read.limits import Limits
from ingest.read.media import DOC, PPT
from ingest.read.office.docx import read_docx
from ingest.read.office.libreoffice import convert
from ingest.read.office.pptx import read_pptx
from ingest.read.sniff import sniff
from rag.errors import Encrypted, Unsupported
from rag.types import Document

_DOC_IS_ENCRYPTED = 0x0100  # in the flags at byte 10 of the stream WordDocument
_PPT_ENCRYPTED_TOKEN = 0xF3D1C4DF  # at byte 12 of the stream "Current User"
_OLE = b"\xd0\xcf\x11\xe0"
_BROKEN = (OSError, ValueError, IndexError, struct.error, TypeError)


@dataclass(frozen=True, slots=True)
class _Kind:
    what: str
    suffix: str
    to: str
    read: Callable[[bytes, str, Limits], Document]


_DOC = _Kind("a Word document", ".doc", "docx", read_docx)
_PPT = _Kind("a PowerPoint presentation", ".ppt", "pptx", read_pptx)
# Others that keep their parts in such a storage, by a stream of theirs: what they are, for a row that says so.
_OTHERS = {
    "visiodocument": "a Visio drawing",
    "quill": "a Publisher document",
    "bodytext": "a HWP document",
    "matost": "a Works document",
    "thmlstylesheet": "a FrontPage file",
    "props": "a Project plan",
    "catalog": "a picture cache of Windows (Thumbs.db)",
    "fileheader": "a HWP document",
    "equation native": "a formula",
    "revisiondata": "an Outlook data file",
    "!_stringdata": "a Windows installer",
    "strings": "a Windows installer",
}


def read_legacy(data: bytes, name: str, limits: Limits) -> Document:
    """Raises Unsupported where LibreOffice is not installed, and what the reader of the new format raises."""
    mime = sniff(data, name)
    kind = {DOC: _DOC, PPT: _PPT}[mime]
    if _is_encrypted(data):
        from ingest.read.office.encrypted import decrypted

        data = decrypted(data, name, limits)
        if _is_encrypted(data):
            raise Encrypted(f"{name}: needs a password", hint="save a copy without one")
    is_xml = not data.startswith(_OLE)  # Word's one-file XML, which LibreOffice takes for text under the name of a DOC
    made = convert(data, name, limits, suffix=".xml" if is_xml else kind.suffix, to=kind.to)
    document = kind.read(made, name, limits)
    return replace(document, mime=mime, metadata={**document.metadata, "read_as": f"{kind.to} by LibreOffice"})


def read_storage(data: bytes, name: str, limits: Limits) -> Document:  # noqa: ARG001  (what every reader takes)
    """Say what an OLE file is that no reader takes."""
    roots = {path[0].lower() for path in _streams(data)}
    what = next((said for stream, said in _OTHERS.items() if stream in roots), "")
    holds = ", ".join(sorted(repr(root) for root in roots)[:5])
    said = what or f"an OLE storage of no known kind (it holds {holds or 'nothing that can be listed'})"
    raise Unsupported(f"{name}: no reader for it: {said}", hint="export it to PDF or to a newer format")


def _streams(data: bytes) -> list[list[str]]:
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as storage:
            return list(storage.listdir(streams=True, storages=True))
    except _BROKEN:
        return []


def _is_encrypted(data: bytes) -> bool:
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as storage:
            if storage.exists("WordDocument"):
                head = storage.openstream("WordDocument").read(12)
                return bool(struct.unpack_from("<H", head, 10)[0] & _DOC_IS_ENCRYPTED)
            if storage.exists("Current User"):
                head = storage.openstream("Current User").read(16)
                return bool(struct.unpack_from("<I", head, 12)[0] == _PPT_ENCRYPTED_TOKEN)
    except _BROKEN:
        pass
    return False
