"""One page, read as it can be: by its text layer where that is sound, else by OCR. Knows nothing of other pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from ingest.read.limits import Limits
from ingest.read.pdf.drawn import Drawn, drawn_on
from ingest.read.pdf.forms import Note, page_with_notes
from ingest.read.pdf.glyphs import Frame, Rectangle
from ingest.read.pdf.lines import PrintedLine, page_lines
from ingest.read.pdf.quality import Layer, judge
from ingest.read.writer import check_length
from rag.errors import Unreadable, Unsupported

OcrPage = Callable[[pdfium.PdfPage, int], list[PrintedLine]]  # (page, its number from 1), under PDFIUM_LOCK

NOT_INSTALLED = "OCR is not installed"
SCAN_SHARE = 0.5  # of a page that pictures cover, where its text layer may be that of a scan
HARDLY_ANY = 100  # characters: on a page that is a picture, a stamp or a page number
MAX_PICTURE_PIXELS = 200_000_000  # a sheet of A0 at 300 dots per inch has 140 million; more is not decoded for OCR
_VALUE_SIZE = 10.0  # points that a field's value is taken to be high


class ReadAs(StrEnum):
    TEXT = "text"
    HIDDEN = "hidden text"  # a layer that an OCR program has put under a scan's picture
    OCR = "ocr"
    BLANK = "blank"  # nothing is drawn on it
    NONE = "none"  # there is something, and it could not be read


@dataclass(frozen=True, slots=True)
class ReadPage:
    number: int
    read_as: ReadAs
    lines: tuple[PrintedLine, ...] = ()
    comments: tuple[PrintedLine, ...] = ()
    across: tuple[Rectangle, ...] = ()
    upright: tuple[Rectangle, ...] = ()
    reason: str = ""  # why it could not be read, or why not as it should be
    invisible: str = ""  # text that is drawn so that nobody sees it


def read_page(document: pdfium.PdfDocument, index: int, name: str, limits: Limits, ocr: OcrPage | None) -> ReadPage:
    """Read a page. Call it under PDFIUM_LOCK. Raises TooLarge, and PdfiumError where it cannot be opened.

    ocr: None where it is not installed.
    """
    page, notes = page_with_notes(document, index)
    try:
        frame, drawn, lines = _lines(page, index + 1, name, limits)
        read = _chosen(page, index + 1, lines, drawn, frame, limits, ocr)
    finally:
        page.close()
    comments = tuple(_printed(note, index + 1, frame) for note in notes if note.is_comment)
    values = tuple(_printed(note, index + 1, frame) for note in notes if not note.is_comment)
    if values:
        read = replace(read, lines=read.lines + values)
    if read.read_as in {ReadAs.BLANK, ReadAs.NONE} and (comments or values):
        read = replace(read, read_as=ReadAs.TEXT)
    return replace(read, comments=comments)


def _lines(page: pdfium.PdfPage, number: int, name: str, limits: Limits) -> tuple[Frame, Drawn, list[PrintedLine]]:
    text_page = page.get_textpage()
    rotation = page.get_rotation()
    try:
        check_length(name, raw.FPDFText_CountChars(text_page.raw), limits)
        frame = Frame(page, text_page)
        drawn = drawn_on(page, frame)
        if frame.upright_rotation != rotation:
            # pdfium finds the lines of text that reads upright best, and mixes up those of text on its head.
            text_page.close()
            page.set_rotation(frame.upright_rotation)
            text_page = page.get_textpage()
        return frame, drawn, page_lines(text_page, number, frame, drawn.upright)
    finally:
        text_page.close()
        page.set_rotation(rotation)


def _printed(note: Note, number: int, frame: Frame) -> PrintedLine:
    place = frame.place(*note.place)
    return PrintedLine(note.text, frame.shown(number, place), _VALUE_SIZE, run=-2, upright=place)


def _chosen(
    page: pdfium.PdfPage,
    number: int,
    lines: list[PrintedLine],
    drawn: Drawn,
    frame: Frame,
    limits: Limits,
    ocr: OcrPage | None,
) -> ReadPage:
    hidden = [line for line in lines if line.hidden]
    is_scan = drawn.picture_share(frame.size) >= SCAN_SHARE
    invisible = ""
    if hidden and not is_scan:
        invisible = " ".join(line.text for line in hidden)
        lines = [line for line in lines if not line.hidden]
    shown = _shown(lines)
    if not shown and not drawn.anything and not any(line.unreadable for line in lines):
        return ReadPage(number, ReadAs.BLANK, invisible=invisible)
    layer = judge(lines)
    read = ReadPage(
        number,
        ReadAs.HIDDEN if hidden and is_scan else ReadAs.TEXT,
        tuple(lines),
        across=tuple(drawn.across),
        upright=tuple(drawn.upright),
        invisible=invisible,
    )
    if layer is Layer.SOUND and shown and not (is_scan and shown < HARDLY_ANY):
        return read
    scanned, reason = _by_ocr(page, number, drawn, limits, ocr)
    if scanned and (layer is not Layer.SOUND or _shown(scanned) > shown):
        return ReadPage(number, ReadAs.OCR, tuple(scanned), invisible=invisible)
    if layer is Layer.GARBLED:
        reason = f"its fonts do not say which characters they show, and {reason}"
        return ReadPage(number, ReadAs.NONE, reason=reason, invisible=invisible)
    if not shown:
        return ReadPage(number, ReadAs.NONE, reason=f"it has no text layer, and {reason}", invisible=invisible)
    return replace(read, reason=f"its text layer looks garbled, and {reason}" if layer is Layer.SUSPECT else "")


def _by_ocr(
    page: pdfium.PdfPage, number: int, drawn: Drawn, limits: Limits, ocr: OcrPage | None
) -> tuple[list[PrintedLine], str]:
    """Return what OCR finds, or nothing and why."""
    if not limits.ocr:
        return [], "OCR is switched off"
    if ocr is None:
        return [], NOT_INSTALLED
    if drawn.most_pixels > MAX_PICTURE_PIXELS:
        return [], f"its picture of {drawn.most_pixels:,} pixels is too large for OCR"
    try:
        lines = ocr(page, number)
    except Unsupported:
        return [], NOT_INSTALLED
    except (Unreadable, pdfium.PdfiumError) as error:
        return [], f"OCR failed on it: {error}"
    return [line for line in lines if line.text.strip()], "OCR found no text on it"


def _shown(lines: list[PrintedLine]) -> int:
    return sum(not character.isspace() for line in lines for character in line.text)
