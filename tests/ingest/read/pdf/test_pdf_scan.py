"""Scanned pages: lines in points of the page as it is shown. Every page is made here."""

from __future__ import annotations

import io

import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageDraw, ImageFont
from pypdf import PdfReader, PdfWriter
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from ingest.read import Limits, read
from ingest.read.ocr.recognise import OcrLine, Reading, is_available
from ingest.read.pdf.scan import drawing_scale, printed_lines, scanned_lines
from rag.pdfium import PDFIUM_LOCK
from rag.types import BlockKind

needs_ocr = pytest.mark.skipif(not is_available(), reason="the ocr extra is not installed")
LINES = ("A page that was scanned has", "no text of its own, but it", "can be read all the same.")


def scan(dpi: int = 150, size: float = 14) -> tuple[Image.Image, list[tuple[float, float, float, float]]]:
    """Return a picture of 300 by 120 points with three lines on it, and where their ink stands, in points."""
    scale = dpi / 72
    image = Image.new("L", (round(300 * scale), round(120 * scale)), 255)
    font = ImageFont.load_default(size * scale)
    places = []
    for index, line in enumerate(LINES):
        own = Image.new("L", image.size, 255)
        ImageDraw.Draw(own).text((30 * scale, (20 + 22 * index) * scale), line, font=font, fill=0)
        ink = own.point(lambda grey: 255 * (grey < 128)).getbbox()
        assert ink is not None
        x0, y0, x1, y1 = (value / scale for value in ink)
        places.append((x0, y0, x1, y1))
        image.paste(own, mask=own.point(lambda grey: 255 - grey))
    return image, places


def pdf_of(image: Image.Image, *, turned: int = 0) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(300, 120), invariant=True)
    canvas.drawImage(ImageReader(image), 0, 0, 300, 120)
    canvas.save()
    writer = PdfWriter(clone_from=PdfReader(out))
    writer.pages[0].rotate(turned)
    turned_out = io.BytesIO()
    writer.write(turned_out)
    return turned_out.getvalue()


@needs_ocr
@pytest.mark.parametrize("turned", [0, 90, 180])
def test_boxes_are_those_of_the_page_as_it_is_shown(turned: int) -> None:
    image, places = scan()
    with PDFIUM_LOCK, pdfium.PdfDocument(pdf_of(image, turned=turned)) as document:
        lines = scanned_lines(document[0], 4)
    assert [line.text for line in lines] == list(LINES)
    for line, place in zip(lines, places, strict=True):
        x0, y0, x1, y1 = place
        shown = {0: place, 90: (120 - y1, x0, 120 - y0, x1), 180: (300 - x1, 120 - y1, 300 - x0, 120 - y0)}[turned]
        box = line.box
        assert box.page == 4
        assert (box.x0, box.y0, box.x1, box.y1) == pytest.approx(shown, abs=1.5)
        assert line.place == pytest.approx(place, abs=1.5)
        assert line.size == lines[0].size


@needs_ocr
def test_a_scan_is_read_as_a_document_whose_lines_are_joined_to_a_paragraph() -> None:
    document = read(pdf_of(scan()[0]), "scan.pdf", limits=Limits())
    assert document.text == " ".join(LINES)
    assert [block.kind for block in document.blocks] == [BlockKind.PARAGRAPH, *[BlockKind.LINE] * 3]


@needs_ocr
def test_a_line_set_larger_becomes_a_heading() -> None:
    image, _ = scan()
    taller = Image.new("L", (image.width, image.height + 100), 255)
    taller.paste(image, (0, 100))
    heading = ImageDraw.Draw(taller)
    heading.text((62, 40), "Of scanning", font=ImageFont.load_default(42), fill=0)
    out = io.BytesIO()
    taller.save(out, "PNG", dpi=(150, 150))
    document = read(out.getvalue(), "page.png", limits=Limits())
    structure = [(block.kind, document.text[block.start : block.end]) for block in document.blocks]
    assert structure[0] == (BlockKind.HEADING, "Of scanning")
    assert (BlockKind.PARAGRAPH, " ".join(LINES)) in structure
    assert document.title == "Of scanning"


def test_a_page_that_is_a_picture_is_drawn_at_its_own_resolution_within_bounds() -> None:
    for dpi, drawn in ((100, 150), (200, 200), (600, 300)):
        with PDFIUM_LOCK, pdfium.PdfDocument(pdf_of(scan(dpi)[0])) as document:
            assert drawing_scale(document[0]) == pytest.approx(drawn / 72, rel=0.02)


def test_lines_of_nearly_one_size_get_one_size() -> None:
    def line(size: float, text: str) -> OcrLine:
        return OcrLine(text, 0, 0, 100, size, 0.99, size, (0, 0, 100, size))

    sizes = (22.0, 23.1, 21.2, 31.0)
    reading = Reading(tuple(line(size, "some words") for size in sizes), (), 0)
    assert [line.size for line in printed_lines(reading, 1, 0.5, 0.5)] == [11.0, 11.0, 11.0, 15.5]
