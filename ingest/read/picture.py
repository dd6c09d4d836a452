"""Pictures (PNG, JPEG, GIF, TIFF, WebP, BMP): what is printed in them, each frame a page. Knows nothing of OCR's ways.

Points are pixels * 72 / dpi; where a picture does not say its dpi, a pixel is a point.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from PIL import ExifTags, Image, ImageOps

from ingest.read.limits import Limits
from ingest.read.media import PICTURES
from ingest.read.memory import make_room
from ingest.read.ocr.recognise import HINT, MAX_SIDE_PIXELS, is_available, recognise
from ingest.read.pdf.layout import write_pages
from ingest.read.pdf.lines import PrintedLine
from ingest.read.pdf.scan import POINTS_PER_INCH, printed_lines
from ingest.read.writer import DocumentWriter, check_length
from rag.errors import Malformed, NoText, TooLarge, Unsupported
from rag.types import Document

MAX_PIXELS = 90_000_000  # A4 at 960 dpi, A3 at 680
BYTES_PER_PIXEL = 12  # Pillow holds four a pixel, and up to three copies while it converts
PLAUSIBLE_DPI = (30.0, 2400.0)
MIN_SIDE_PIXELS = 8  # a spacer or a tracking pixel
_MAX_PAGES_NAMED = 100
_FORMATS = ("PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP", "MPO", "DIB")
_BROKEN = (OSError, SyntaxError, ValueError, IndexError, KeyError, EOFError, struct.error)
_EXIF_DATES = (ExifTags.Base.DateTimeOriginal, ExifTags.Base.DateTimeDigitized, ExifTags.Base.DateTime)


def read_picture(data: bytes, name: str, limits: Limits) -> Document:
    """Raises Unsupported where OCR is off or not installed, NoText, TooLarge and Malformed."""
    if not limits.ocr:
        raise Unsupported(f"{name}: a picture, and ingest.ocr is off", hint="turn ingest.ocr on to read what it shows")
    if not is_available():
        raise Unsupported(f"{name}: a picture, and the ocr extra is not installed", hint=HINT)
    with _decoding(name):
        image = Image.open(io.BytesIO(data), formats=_FORMATS)
    with image:
        return _read(image, name, limits)


def _read(image: Image.Image, name: str, limits: Limits) -> Document:
    _check_pixels(image, name)
    metadata = _facts(image)
    mime = Image.MIME.get(image.format or "", "")
    pages: list[list[PrintedLine]] = []
    failed: list[int] = []
    doubtful = characters = 0
    for number in range(1, _frame_count(image, name, limits) + 1):
        try:
            frame, (across, down) = _frame(image, number - 1, name)
        except Malformed:
            if number == 1:
                raise
            failed.append(number)
            pages.append([])
            continue
        reading = recognise(frame)
        pages.append(printed_lines(reading, number, POINTS_PER_INCH / across, POINTS_PER_INCH / down))
        doubtful += len(reading.doubtful)
        characters += sum(len(line.text) for line in pages[-1])
        check_length(name, characters, limits)
    if not any(pages):
        what = f"{doubtful} lines too unclear to be read" if doubtful else "no print is seen in it"
        raise NoText(f"{name}: a picture; {what}", hint="scan it again, at 200 dpi or more" if doubtful else "")
    writer = DocumentWriter()
    write_pages(writer, pages, {})
    metadata |= {"pages": len(pages), "read_as": "ocr"}
    if doubtful:
        metadata["lines_not_read"] = doubtful
    if failed:
        metadata["pages_failed"] = failed[:_MAX_PAGES_NAMED]
    return writer.finish(name, mime if mime in PICTURES else "image/jpeg", metadata=metadata)


@contextmanager
def _decoding(name: str) -> Iterator[None]:
    """Turn whatever a decoder says of bad bytes into our errors."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a broken tag; a bomb by Pillow's measure, ours is _check_pixels
            yield
    except Image.DecompressionBombError as error:
        raise TooLarge(f"{name}: {error}", hint="save it smaller") from error
    except _BROKEN as error:
        raise Malformed(f"{name}: not a whole picture ({error})", hint="export or download it again") from error


def _check_pixels(image: Image.Image, name: str) -> None:
    pixels = image.width * image.height
    if pixels > MAX_PIXELS:
        raise TooLarge(
            f"{name}: {image.width:,} by {image.height:,} pixels, over the limit of {MAX_PIXELS // 10**6} million",
            hint="save it smaller",
        )
    make_room(pixels * BYTES_PER_PIXEL)


def _frame_count(image: Image.Image, name: str, limits: Limits) -> int:
    if image.format != "TIFF":
        return 1  # of the others, frames are the same picture a moment later, or a preview
    with _decoding(name):
        count: int = getattr(image, "n_frames", 1)
    if count > limits.max_pages:
        raise TooLarge(
            f"{name}: {count:,} pages, over the limit of {limits.max_pages:,}",
            hint="raise ingest.max_pages, or split the file",
        )
    return count


def _frame(image: Image.Image, index: int, name: str) -> tuple[Image.Image, tuple[float, float]]:
    """Return a frame as it is to be looked at, on white, in eight bits, and its dots per inch across and down."""
    with _decoding(name):
        image.seek(index)
        _check_pixels(image, name)
        full = image.size
        image.draft("RGB", (MAX_SIDE_PIXELS, MAX_SIDE_PIXELS))  # a large JPEG is decoded smaller
        across, down = (dpi * now / whole for dpi, now, whole in zip(_dpi(image), image.size, full, strict=True))
        frame = ImageOps.exif_transpose(image)
        if frame.size != image.size:  # it was laid on its side
            across, down = down, across
        if min(frame.size) < MIN_SIDE_PIXELS:
            return Image.new("RGB", (MIN_SIDE_PIXELS, MIN_SIDE_PIXELS), "white"), (across, down)
        return _plain(frame), (across, down)


def _plain(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":  # sixteen bits and more: conversion would cut them off
        low, high = image.getextrema()
        if not isinstance(low, int | float) or not isinstance(high, int | float):
            return image.convert("RGB")
        image = image.convert("F").point(lambda value: (value - low) * (255 / max(high - low, 1))).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image)
    return image.convert("RGB")


def _dpi(image: Image.Image) -> tuple[float, float]:
    given: Any = image.info.get("dpi")
    with suppress(TypeError, ValueError, ZeroDivisionError):
        across, down = (float(value) for value in given)
        low, high = PLAUSIBLE_DPI
        if low <= across <= high and low <= down <= high:
            return across, down
    return (POINTS_PER_INCH, POINTS_PER_INCH)


def _facts(image: Image.Image) -> dict[str, Any]:
    """Return size, resolution and the day it was taken. Where it was taken is nobody's business."""
    facts: dict[str, Any] = {"pixels": [image.width, image.height]}
    if "dpi" in image.info:
        facts["dpi"] = round(_dpi(image)[0])
    with suppress(*_BROKEN, TypeError):
        exif = image.getexif()
        own = exif.get_ifd(ExifTags.IFD.Exif)
        for tag in _EXIF_DATES:
            taken = own.get(tag) or exif.get(tag)
            if taken:
                facts["created"] = datetime.strptime(str(taken)[:19], "%Y:%m:%d %H:%M:%S").isoformat()  # noqa: DTZ007
                break
    return facts
