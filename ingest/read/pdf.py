"""PDF: pypdfium2 gives the printed lines with their boxes, pypdf the metadata and the outline."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pypdfium2 as pdfium

from ingest.read.limits import Limits
from ingest.read.pdf_layout import write_pages
from ingest.read.pdf_lines import PrintedLine, page_lines
from ingest.read.pdf_outline import read_facts
from ingest.read.sniff import PDF
from ingest.read.writer import DocumentWriter, check_length
from rag.errors import Malformed, NoText, TooLarge
from rag.pdfium import PDFIUM_LOCK, open_pdf
from rag.types import Document

logger = logging.getLogger(__name__)

OCR_HINT = "install the ocr extra, or run OCR on it first"
MAX_UNREADABLE_SHARE = 0.3  # of characters that the fonts give no meaning; the worst sound file seen had 0.05
_MAX_PAGES_NAMED = 100


def read_pdf(data: bytes, name: str, limits: Limits) -> Document:
    """Raises Encrypted, Malformed, TooLarge, and NoText where the pages are pictures."""
    pages: list[list[PrintedLine]] = []
    failed: list[int] = []
    characters = 0
    for number, lines in enumerate(_pages(data, name, limits), 1):
        if lines is None:
            failed.append(number)
        pages.append(lines or [])
        characters += sum(len(line.text) for line in pages[-1])
        check_length(name, characters, limits)
    if len(failed) == len(pages):
        raise Malformed(f"{name}: none of its {len(pages)} pages can be opened", hint="export it to PDF again")
    empty = [number for number, lines in enumerate(pages, 1) if not lines and number not in failed]
    _check_text(name, pages)
    facts = read_facts(data)
    writer = DocumentWriter()
    write_pages(writer, pages, facts.outline)
    metadata = {**facts.metadata, "pages": len(pages)}
    if empty:
        metadata["pages_without_text"] = empty[:_MAX_PAGES_NAMED]
    if failed:
        metadata["pages_failed"] = failed[:_MAX_PAGES_NAMED]
    return writer.finish(name, PDF, title=facts.title, metadata=metadata)


def _pages(data: bytes, name: str, limits: Limits) -> Iterator[list[PrintedLine] | None]:
    """Yield each page's lines, None for a page that cannot be opened."""
    with PDFIUM_LOCK:
        document = open_pdf(data, name)
        count = len(document)
    try:
        if count == 0:
            raise Malformed(f"{name}: a PDF without pages", hint="export it to PDF again")
        if count > limits.max_pages:
            raise TooLarge(
                f"{name}: {count:,} pages, over the limit of {limits.max_pages:,}",
                hint="raise ingest.max_pages, or split the file",
            )
        for index in range(count):
            with PDFIUM_LOCK:
                try:
                    lines = page_lines(document, index)
                except pdfium.PdfiumError as error:
                    logger.warning("%s: page %d cannot be opened: %s", ascii(name), index + 1, error)
                    lines = None
            yield lines
    finally:
        with PDFIUM_LOCK:
            document.close()


def _check_text(name: str, pages: list[list[PrintedLine]]) -> None:
    shown = unreadable = 0
    for lines in pages:
        for line in lines:
            shown += sum(not character.isspace() for character in line.text)
            unreadable += line.unreadable
    if shown + unreadable == 0:
        raise NoText(f"{name}: none of its {len(pages)} pages has a text layer", hint=OCR_HINT)
    if unreadable > MAX_UNREADABLE_SHARE * (shown + unreadable):
        raise NoText(
            f"{name}: its fonts do not say which characters they show ({unreadable} of {shown + unreadable})",
            hint=OCR_HINT,
        )
