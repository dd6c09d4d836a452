"""A page that has no text of its own, as printed lines: it is drawn, and read with OCR. Knows nothing of paragraphs."""

from __future__ import annotations

import pypdfium2 as pdfium
import pypdfium2.raw as raw
from PIL import Image

from ingest.read.ocr.order import Rectangle, even_sizes
from ingest.read.ocr.recognise import MAX_SIDE_PIXELS, OcrLine, Reading, recognise
from ingest.read.pdf.lines import PrintedLine
from rag.types import Box

POINTS_PER_INCH = 72
DRAWN_DPI = 200  # where the page is no picture of one resolution
MIN_DPI, MAX_DPI = 150, 300  # more than 300 makes nothing clearer
PICTURE_SHARE = 0.5  # of the page: a picture so large is the page itself
SIZES_APART = 0.14  # share by which lines of one size are found to differ; a heading is 1.2 times its body, and more
_DEEP = 3  # forms within forms, in search of the picture


def scanned_lines(page: pdfium.PdfPage, number: int) -> list[PrintedLine]:
    """Return what is read on a page, counted from 1, in reading order. Call it under PDFIUM_LOCK.

    Raises Unsupported where the ocr extra is not installed; PdfiumError where the page cannot be drawn.
    """
    scale = drawing_scale(page)
    return printed_lines(recognise(_drawn(page, scale)), number, 1 / scale, 1 / scale)


def printed_lines(reading: Reading, number: int, points_across: float, points_down: float) -> list[PrintedLine]:
    """Return the lines of a reading as lines of a page; a pixel takes so many points."""
    turned = reading.quarter_turns % 2 == 1
    across, down = (points_down, points_across) if turned else (points_across, points_down)
    sizes = even_sizes(
        [line.size * down for line in reading.lines], [len(line.text) for line in reading.lines], apart=SIZES_APART
    )
    return [
        PrintedLine(
            line.text,
            Box(number, *_rounded(_place(line), points_across, points_down)),
            round(size * 2) / 2,
            upright=_rounded(line.upright, across, down),
        )
        for line, size in zip(reading.lines, sizes, strict=True)
    ]


def drawing_scale(page: pdfium.PdfPage) -> float:
    """Return the pixels to draw for each point."""
    width, height = page.get_size()
    dpi = min(MAX_DPI, max(MIN_DPI, _picture_dpi(page, width * height) or DRAWN_DPI))
    return float(min(dpi / POINTS_PER_INCH, MAX_SIDE_PIXELS / max(width, height, 1.0)))


def _picture_dpi(page: pdfium.PdfPage, area: float) -> float | None:
    """Return the resolution of the picture that the page is, if it is one."""
    best = None
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=_DEEP):
        left, bottom, right, top = item.get_bounds()
        wide, high = right - left, top - bottom
        if wide * high < PICTURE_SHARE * area or wide <= 0 or high <= 0:
            continue
        pixels = item.get_px_size()
        # By area: the picture may stand on its side.
        dpi = POINTS_PER_INCH * ((pixels[0] * pixels[1]) / (wide * high)) ** 0.5
        best = max(best or 0.0, dpi)
    return best


def _drawn(page: pdfium.PdfPage, scale: float) -> Image.Image:
    bitmap = page.render(scale=scale)
    try:
        image: Image.Image = bitmap.to_pil()
        return image.convert("RGB")
    finally:
        bitmap.close()


def _place(line: OcrLine) -> Rectangle:
    return line.x0, line.y0, line.x1, line.y1


def _rounded(place: Rectangle, across: float, down: float) -> Rectangle:
    x0, y0, x1, y1 = place
    return round(x0 * across, 2), round(y0 * down, 2), round(x1 * across, 2), round(y1 * down, 2)
