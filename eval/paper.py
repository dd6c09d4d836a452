"""Print paragraphs as PDFs in layouts that readers meet. Needs reportlab (the dev extra); cannot read them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from enum import Enum
from xml.sax.saxutils import escape

import pypdf
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph

from rag.text import has_han, to_simplified

MARGIN_POINTS = 60
GUTTER_POINTS = 24
CROP_POINTS = 30  # cut off every side, so that the shown page does not begin at the media box's corner
SIMPLIFIED, TRADITIONAL = "STSong-Light", "MSung-Light"  # Adobe's CID fonts: named, not embedded


class Layout(Enum):
    """(columns, degrees of rotation, whether the page is cropped)"""

    PLAIN = (1, 0, False)
    COLUMNS = (2, 0, False)
    CROPPED = (1, 0, True)
    TURNED = (1, 90, False)
    TURNED_CROPPED = (2, 270, True)


def print_pdf(paragraphs: Sequence[str], title: str, layout: Layout, *, font: str | None = None) -> bytes:
    """Return a PDF of the paragraphs, in order. font: None chooses one that has the characters."""
    columns, degrees, cropped = layout.value
    chosen = font or _font_for("".join(paragraphs))
    if chosen in (SIMPLIFIED, TRADITIONAL) and chosen not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(chosen))
    wrap = "CJK" if chosen in (SIMPLIFIED, TRADITIONAL) else None
    style = ParagraphStyle("body", fontName=chosen, fontSize=11, leading=16, spaceAfter=10, wordWrap=wrap)
    printed = io.BytesIO()
    document = BaseDocTemplate(printed, pagesize=A4, title=title, invariant=1)
    document.addPageTemplates([PageTemplate(frames=_frames(columns))])
    document.build([Paragraph(escape(text), style) for text in paragraphs])
    return _turned(printed.getvalue(), degrees, cropped) if degrees or cropped else printed.getvalue()


def _font_for(text: str) -> str:
    if not has_han(text):
        return "Helvetica"
    return SIMPLIFIED if to_simplified(text) == text else TRADITIONAL


def _frames(columns: int) -> list[Frame]:
    width = (A4[0] - 2 * MARGIN_POINTS - (columns - 1) * GUTTER_POINTS) / columns
    height = A4[1] - 2 * MARGIN_POINTS
    return [
        Frame(MARGIN_POINTS + number * (width + GUTTER_POINTS), MARGIN_POINTS, width, height, id=f"column{number}")
        for number in range(columns)
    ]


def _turned(data: bytes, degrees: int, cropped: bool) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    for page in writer.pages:
        if cropped:
            box = page.mediabox
            page.cropbox = pypdf.generic.RectangleObject(
                (box.left + CROP_POINTS, box.bottom + CROP_POINTS, box.right - CROP_POINTS, box.top - CROP_POINTS)
            )
        if degrees:
            page.rotate(degrees)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
