"""PDFs for the tests of their reader, each made here."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from ingest.read import Limits
from ingest.read.pdf.page import OcrPage
from ingest.read.pdf.read import read_pdf_with
from rag.types import Block, BlockKind, Document

WORDS = (
    "the reader goes along the lines of a page from the top to the bottom and takes each word as it stands there while "
    "nobody tells him what comes next or which of the columns he should turn to when the one at hand is at its end so "
    "that he must find out for himself by looking at the space that has been left between them on this sheet of paper"
).split()


def made(draw: Callable[[Canvas], None], **info: str) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=True)
    for key, value in info.items():
        getattr(canvas, f"set{key.capitalize()}")(value)
    draw(canvas)
    canvas.save()
    return buffer.getvalue()


def write(
    canvas: Canvas, lines: Sequence[str], *, x: float = 72, y: float = 700, size: float = 12, font: str = "Helvetica"
) -> None:
    canvas.setFont(font, size)
    for index, line in enumerate(lines):
        canvas.drawString(x, y - index * 1.4 * size, line)


def chinese_font(face: str = "STSong-Light") -> str:
    pdfmetrics.registerFont(UnicodeCIDFont(face))
    return face


def read_made(data: bytes, ocr: OcrPage | None = None, limits: Limits | None = None) -> Document:
    return read_pdf_with(data, "a.pdf", limits or Limits(), ocr)


def prose(name: str, lines: int, *, words: int = 7, start: int = 0) -> list[str]:
    """Return lines of prose, each of which begins with its column's name and its own number."""
    return [
        " ".join([f"{name}{number}", *(WORDS[(start + number * words + word) % len(WORDS)] for word in range(words))])
        for number in range(lines)
    ]


def columns_of(lines: Sequence[Sequence[str]], xs: Sequence[float], *, y: float = 640) -> Callable[[Canvas], None]:
    """Draw columns side by side, row by row, as programs do that know nothing of columns."""

    def draw(canvas: Canvas) -> None:
        for number in range(max(map(len, lines))):
            for column, x in zip(lines, xs, strict=True):
                if number < len(column):
                    write(canvas, [column[number]], x=x, y=y - 14 * number, size=9)

    return draw


def picture(wide: int = 40, high: int = 40, shade: int = 200) -> ImageReader:
    from PIL import Image

    return ImageReader(Image.new("L", (wide, high), shade))


def cover(canvas: Canvas) -> None:
    """Draw a picture over the whole page, as a scan has it."""
    canvas.drawImage(picture(), 0, 0, A4[0], A4[1])


def texts_of(document: Document, kind: BlockKind) -> list[str]:
    return [document.text[block.start : block.end] for block in document.blocks if block.kind is kind]


def lines_of(document: Document) -> list[Block]:
    return [block for block in document.blocks if block.kind is BlockKind.LINE]


def in_this_order(document: Document, *names: str) -> bool:
    """True where the names stand in the text, each after the one before it."""
    places = [document.text.find(name) for name in names]
    return -1 not in places and places == sorted(places)
