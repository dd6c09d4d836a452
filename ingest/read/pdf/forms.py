"""What people filled into a page's fields and wrote on it: form values, free text, comments. Knows no layout."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from ingest.read.characters import safe_text
from ingest.read.pdf.glyphs import Rectangle

MAX_ANNOTATIONS = 2_000  # of one page
MAX_NOTE_CHARACTERS = 20_000
_HIDDEN = 2 | 32  # flags: hidden, no view
_DRAWN = frozenset({raw.FPDF_ANNOT_WIDGET, raw.FPDF_ANNOT_FREETEXT, raw.FPDF_ANNOT_STAMP})
_COMMENTS = frozenset(
    {
        raw.FPDF_ANNOT_TEXT, raw.FPDF_ANNOT_HIGHLIGHT, raw.FPDF_ANNOT_UNDERLINE, raw.FPDF_ANNOT_SQUIGGLY,
        raw.FPDF_ANNOT_STRIKEOUT, raw.FPDF_ANNOT_CARET, raw.FPDF_ANNOT_INK, raw.FPDF_ANNOT_SQUARE,
        raw.FPDF_ANNOT_CIRCLE, raw.FPDF_ANNOT_LINE, raw.FPDF_ANNOT_POLYGON, raw.FPDF_ANNOT_POLYLINE,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    place: Rectangle  # left, bottom, right, top in the page's own space
    is_comment: bool  # shown when the reader opens it, and not among the page's text


def page_with_notes(document: pdfium.PdfDocument, index: int) -> tuple[pdfium.PdfPage, list[Note]]:
    """Open a page with the values of its fields drawn among its text. Call it under PDFIUM_LOCK.

    The notes are what is not drawn: comments, and values that the file has no picture of.
    """
    page = document[index]
    count = min(raw.FPDFPage_GetAnnotCount(page.raw), MAX_ANNOTATIONS)
    if count <= 0:
        return page, []
    notes: list[Note] = []
    is_drawn = False
    for number in range(count):
        annotation = raw.FPDFPage_GetAnnot(page.raw, number)
        if not annotation:
            continue
        try:
            kind = raw.FPDFAnnot_GetSubtype(annotation)
            if raw.FPDFAnnot_GetFlags(annotation) & _HIDDEN or kind not in _DRAWN | _COMMENTS:
                continue
            if kind in _DRAWN and raw.FPDFAnnot_GetAP(annotation, raw.FPDF_ANNOT_APPEARANCEMODE_NORMAL, None, 0) > 2:
                is_drawn = True
            else:
                notes += _notes(annotation, kind)
        finally:
            raw.FPDFPage_CloseAnnot(annotation)
    if is_drawn and raw.FPDFPage_Flatten(page.raw, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS:
        page.close()
        page = document[index]
    return page, notes


def _notes(annotation: raw.FPDF_ANNOTATION, kind: int) -> Iterator[Note]:
    text = _string(annotation, b"V" if kind == raw.FPDF_ANNOT_WIDGET else b"Contents")
    rect = raw.FS_RECTF()
    if text and raw.FPDFAnnot_GetRect(annotation, ctypes.byref(rect)):
        left, right = sorted((rect.left, rect.right))
        bottom, top = sorted((rect.bottom, rect.top))
        yield Note(text, (left, bottom, right, top), kind in _COMMENTS)


def _string(annotation: raw.FPDF_ANNOTATION, key: bytes) -> str:
    length = raw.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    if length <= 2:
        return ""
    buffer = (raw.FPDF_WCHAR * (length // 2 + 1))()
    raw.FPDFAnnot_GetStringValue(annotation, key, buffer, length)
    text = bytes(buffer)[: length - 2].decode("utf-16-le", "ignore")
    return " ".join(safe_text(text).split())[:MAX_NOTE_CHARACTERS]
