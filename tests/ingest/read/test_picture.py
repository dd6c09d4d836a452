"""Pictures: what each format and mode gives, and what is refused. Every picture is drawn here."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import replace
from typing import Any

import pytest
from PIL import ExifTags, Image, ImageDraw, ImageFont

from ingest.read import Limits, read
from ingest.read.ocr.recognise import is_available
from rag.errors import Malformed, NoText, TooLarge, Unsupported
from rag.types import BlockKind, Document

TEXT = "Invoice for March"
needs_ocr = pytest.mark.skipif(not is_available(), reason="the ocr extra is not installed")


def drawn(text: str = TEXT) -> Image.Image:
    image = Image.new("RGB", (360, 80), "white")
    ImageDraw.Draw(image).text((30, 25), text, font=ImageFont.load_default(26), fill="black")
    return image


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def read_picture(data: bytes, name: str = "a.png", limits: Limits | None = None) -> Document:
    return read(data, name, limits=limits or Limits())


@needs_ocr
@pytest.mark.parametrize(
    ("kind", "mime"),
    [
        ("PNG", "image/png"),
        ("JPEG", "image/jpeg"),
        ("GIF", "image/gif"),
        ("TIFF", "image/tiff"),
        ("WEBP", "image/webp"),
        ("BMP", "image/bmp"),
    ],
)
def test_every_format_is_read(kind: str, mime: str) -> None:
    document = read_picture(saved(drawn(), kind), f"march.{kind.lower()}")
    assert document.text == TEXT
    assert document.mime == mime
    assert document.metadata["pixels"] == [360, 80]
    assert document.metadata["read_as"] == "ocr"


@needs_ocr
@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK", "I;16"])
def test_every_mode_is_read(mode: str) -> None:
    image = drawn()
    if mode == "I;16":  # a scanner's twelve bits in sixteen
        image = image.convert("I").point(lambda value: value * 16).convert("I;16")
    kind = "TIFF" if mode in {"CMYK", "I;16"} else "PNG"
    assert read_picture(saved(image.convert(mode) if mode != "I;16" else image, kind)).text == TEXT


@needs_ocr
def test_print_on_a_transparent_ground_is_read() -> None:
    letters = drawn().convert("L").point(lambda grey: 255 - grey)
    image = Image.new("RGBA", letters.size, (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), mask=letters)
    assert read_picture(saved(image, "PNG")).text == TEXT


@needs_ocr
def test_boxes_are_in_points_by_the_pictures_dpi_and_in_pixels_where_it_has_none() -> None:
    image = drawn()
    ink = image.convert("L").point(lambda grey: 255 * (grey < 128)).getbbox()
    assert ink is not None
    for options, scale in (({"dpi": (144, 144)}, 0.5), ({}, 1.0)):
        document = read_picture(saved(image, "PNG", **options))
        (box,) = (block.box for block in document.blocks if block.kind is BlockKind.LINE)
        assert box is not None
        assert box.page == 1
        assert (box.x0, box.y0, box.x1, box.y1) == pytest.approx([value * scale for value in ink], abs=2 * scale)


@needs_ocr
def test_exif_turns_the_picture_and_its_boxes_and_tells_the_day_but_not_the_place() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # to be turned a quarter clockwise
    exif[ExifTags.Base.DateTime] = "2024:03:31 12:30:00"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (52.0, 30.0, 0.0)
    level = drawn()
    document = read_picture(saved(level.rotate(90, expand=True), "JPEG", exif=exif), "a.jpg")
    assert document.text == TEXT
    (box,) = (block.box for block in document.blocks if block.kind is BlockKind.LINE)
    assert box is not None
    assert box.x1 - box.x0 > 4 * (box.y1 - box.y0)
    assert document.metadata["created"] == "2024-03-31T12:30:00"
    assert "52" not in str(dict(document.metadata))


@needs_ocr
def test_each_frame_of_a_tiff_is_a_page() -> None:
    pages = [drawn("First of three"), drawn("Second of three"), drawn("Third of three")]
    data = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    document = read_picture(data, "fax.tiff")
    assert document.metadata["pages"] == 3
    boxes = [block.box for block in document.blocks if block.kind is BlockKind.LINE]
    assert [box.page for box in boxes if box] == [1, 2, 3]
    with pytest.raises(TooLarge, match="3 pages, over the limit of 2"):
        read_picture(data, "fax.tiff", replace(Limits(), max_pages=2))


@needs_ocr
def test_of_an_animation_only_the_first_frame_is_read() -> None:
    data = saved(drawn("First"), "GIF", save_all=True, append_images=[drawn("Second")])
    assert read_picture(data, "a.gif").text == "First"


@needs_ocr
def test_a_picture_without_print_has_no_text() -> None:
    with pytest.raises(NoText, match="no print is seen"):
        read_picture(saved(Image.new("RGB", (200, 200), "skyblue"), "PNG"))
    with pytest.raises(NoText):
        read_picture(saved(Image.new("RGB", (1, 1)), "GIF"), "pixel.gif")


@needs_ocr
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP"])
def test_a_truncated_picture_is_malformed(kind: str) -> None:
    data = saved(drawn(), kind)
    with pytest.raises(Malformed, match="not a whole picture"):
        read_picture(data[: len(data) // 2], "a")


@needs_ocr
def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    for side in (12_000, 60_000):  # over our limit, and over Pillow's
        header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
        data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        with pytest.raises(TooLarge):
            read_picture(data)


def test_with_ocr_off_a_picture_is_unsupported_and_says_what_to_turn_on() -> None:
    with pytest.raises(Unsupported, match="ingest.ocr is off"):
        read_picture(saved(drawn(), "PNG"), limits=replace(Limits(), ocr=False))


def test_without_the_extra_a_picture_is_unsupported_and_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.read.ocr.recognise.NEEDS", ("no_such_module",))
    with pytest.raises(Unsupported, match="ocr extra") as caught:
        read_picture(saved(drawn(), "PNG"))
    assert "'.[ocr]'" in caught.value.hint
