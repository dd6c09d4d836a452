"""PDF: pypdfium2 gives the text with its places and what is drawn around it, pypdf the metadata and the outline.

Each page says how it was read: metadata["read_as"] counts the ways, metadata["pages_read_as"] names the pages of every
way but "text", and metadata["pages_unread"] says why a page could not be read, or not as it should be.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium

from ingest.read.limits import Limits
from ingest.read.media import PDF
from ingest.read.ocr.recognise import is_available
from ingest.read.pdf.attached import attached_files, write_attached
from ingest.read.pdf.layout import write_pages
from ingest.read.pdf.order import arranged
from ingest.read.pdf.outline import read_facts
from ingest.read.pdf.page import NOT_INSTALLED, OcrPage, ReadAs, ReadPage, read_page
from ingest.read.pdf.running import without_running_lines
from ingest.read.pdf.scan import scanned_lines
from ingest.read.pdf.streams import check_streams
from ingest.read.writer import DocumentWriter, check_length
from rag.errors import Encrypted, Malformed, NoText, TooLarge
from rag.pdfium import PDFIUM_LOCK, open_pdf
from rag.types import BlockKind, Document

logger = logging.getLogger(__name__)

OCR_HINT = "install the ocr extra, or run OCR on it first"
_MAX_PAGES_NAMED = 200
_MAX_DROPPED_ROWS = 100
_MAX_DROPPED_CHARACTERS = 300


def read_pdf(data: bytes, name: str, limits: Limits) -> Document:
    """Raises Encrypted, Malformed, TooLarge, and NoText where no page can be read."""
    return read_pdf_with(data, name, limits, _ocr())


def read_pdf_with(data: bytes, name: str, limits: Limits, ocr: OcrPage | None) -> Document:
    """As read_pdf(). ocr: reads a page that has no sound text layer; None where nothing can."""
    check_streams(data, name, limits)
    opened = _Opened.of(data, name, limits)
    try:
        pages = list(opened.pages(ocr))
        with PDFIUM_LOCK:
            attached = attached_files(opened.document, name, limits, len(data))
    finally:
        with PDFIUM_LOCK:
            opened.document.close()
    facts = read_facts(data, opened.password)
    kept, running = without_running_lines([page.lines for page in pages])
    writer = DocumentWriter()
    write_pages(
        writer,
        [arranged(lines, page.across, page.upright) for page, lines in zip(pages, kept, strict=True)],
        facts.outline,
    )
    for page in pages:
        for comment in page.comments:
            writer.add(BlockKind.QUOTE, comment.text, box=comment.box, lines=[(0, len(comment.text), comment.box)])
    outcomes = write_attached(writer, attached, limits)
    if not len(writer):
        raise _nothing(name, pages)
    dropped = [
        {"reason": f"running line on {line.pages} pages" if line.pages > 1 else "page number", "text": line.text}
        for line in running
    ]
    dropped += ({"reason": "drawn invisibly", "text": page.invisible} for page in pages if page.invisible)
    metadata: dict[str, Any] = {**facts.metadata, "pages": len(pages), **_how_read(pages)}
    if dropped:
        metadata["dropped"] = [
            {**row, "text": row["text"][:_MAX_DROPPED_CHARACTERS]} for row in dropped[:_MAX_DROPPED_ROWS]
        ]
    if outcomes:
        metadata["attachments"] = outcomes
    return writer.finish(name, PDF, title=facts.title, metadata=metadata)


@dataclass(frozen=True, slots=True)
class _Opened:
    document: pdfium.PdfDocument
    name: str
    limits: Limits
    password: str

    @classmethod
    def of(cls, data: bytes, name: str, limits: Limits) -> _Opened:
        """Try no password first: files that only forbid printing open without."""
        with PDFIUM_LOCK:
            for password in ("", *limits.passwords):
                try:
                    return cls(open_pdf(data, name, password), name, limits, password)
                except Encrypted:
                    continue
        tried = f"none of the {len(limits.passwords)} given opens it" if limits.passwords else "none was given"
        raise Encrypted(f"{name}: needs a password, and {tried}", hint="give its password, or save a copy without one")

    def pages(self, ocr: OcrPage | None) -> Iterator[ReadPage]:
        with PDFIUM_LOCK:
            count = len(self.document)
        if count == 0:
            raise Malformed(f"{self.name}: a PDF without pages", hint="export it to PDF again")
        if count > self.limits.max_pages:
            raise TooLarge(
                f"{self.name}: {count:,} pages, over the limit of {self.limits.max_pages:,}",
                hint="raise ingest.max_pages, or split the file",
            )
        characters = 0
        for index in range(count):
            with PDFIUM_LOCK:
                page = self._page(index, ocr)
            characters += sum(len(line.text) for line in page.lines)
            check_length(self.name, characters, self.limits)
            yield page

    def _page(self, index: int, ocr: OcrPage | None) -> ReadPage:
        try:
            return read_page(self.document, index, self.name, self.limits, ocr)
        except pdfium.PdfiumError as error:
            logger.warning("%s: page %d cannot be opened: %s", ascii(self.name), index + 1, error)
            return ReadPage(index + 1, ReadAs.NONE, reason="it cannot be opened")


def _ocr() -> OcrPage | None:
    return scanned_lines if is_available() else None


def _how_read(pages: Sequence[ReadPage]) -> dict[str, Any]:
    told: dict[str, Any] = {"read_as": dict(Counter(page.read_as.value for page in pages))}
    others: dict[str, list[int]] = {}
    for page in pages:
        if page.read_as is not ReadAs.TEXT:
            others.setdefault(page.read_as.value, []).append(page.number)
    if others:
        told["pages_read_as"] = {way: numbers[:_MAX_PAGES_NAMED] for way, numbers in others.items()}
    reasons = {str(page.number): page.reason for page in pages if page.reason}
    if reasons:
        told["pages_unread"] = dict(list(reasons.items())[:_MAX_PAGES_NAMED])
    return told


def _nothing(name: str, pages: Sequence[ReadPage]) -> NoText | Malformed:
    """Say why no page of the document gave any text."""
    reasons = Counter(page.reason for page in pages if page.reason)
    if not reasons:
        return NoText(f"{name}: nothing is written on its {len(pages)} pages", hint="look at it")
    reason, count = reasons.most_common(1)[0]
    if reason == "it cannot be opened" and count == len(pages):
        return Malformed(f"{name}: none of its {count} pages can be opened", hint="export it to PDF again")
    hint = OCR_HINT if NOT_INSTALLED in reason else "look at it, or run another OCR on it first"
    return NoText(f"{name}: no page of its {len(pages)} could be read: of {count}, {reason}", hint=hint)
