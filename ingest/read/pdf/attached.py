"""The files that a PDF carries within it. Knows nothing of pages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

import pypdfium2 as pdfium

from ingest.read import read
from ingest.read.characters import safe_text
from ingest.read.limits import Limits
from ingest.read.writer import DocumentWriter
from rag.errors import TooLarge, Unreadable
from rag.types import BlockKind


@dataclass(frozen=True, slots=True)
class Attached:
    name: str
    data: bytes


def attached_files(document: pdfium.PdfDocument, name: str, limits: Limits, size: int) -> list[Attached]:
    """Return the files embedded in a PDF of so many bytes. Call it under PDFIUM_LOCK. Raises TooLarge."""
    count = document.count_attachments()
    if count > limits.max_members:
        raise TooLarge(f"{name}: {count:,} files are attached to it", hint="raise ingest.max_members")
    found = []
    total = 0
    for index in range(count):
        try:
            attachment = document.get_attachment(index)
            inner = " ".join(safe_text(attachment.get_name()).split())
            data = bytes(attachment.get_data())
        except (pdfium.PdfiumError, ValueError):
            found.append(Attached(f"attachment {index + 1}", b""))
            continue
        total += len(data)
        if total > limits.expanded_bytes(size):
            raise TooLarge(
                f"{name}: its attachments unpack to more than {limits.expanded_bytes(size):,} bytes",
                hint="save them beside it",
            )
        found.append(Attached(PurePosixPath(inner.replace("\\", "/")).name or f"attachment {index + 1}", data))
    return found


def write_attached(writer: DocumentWriter, files: list[Attached], limits: Limits) -> list[dict[str, str]]:
    """Write the text of each file, and return what became of each."""
    outcomes = []
    for file in files:
        try:
            inner = read(file.data, file.name, limits=limits.inner(file.name))
        except Unreadable as error:
            outcomes.append({"name": file.name, "outcome": f"{error.name}: {error}"})
            continue
        place = f"attachment {file.name}"
        writer.add(BlockKind.HEADING, file.name, level=1, place=place)
        for block in inner.blocks:
            if block.kind is not BlockKind.LINE:
                text = inner.text[block.start : block.end]
                writer.add(
                    block.kind, text, level=block.level, place=f"{place}, {block.place}" if block.place else place
                )
        outcomes.append({"name": file.name, "outcome": "read"})
    return outcomes
