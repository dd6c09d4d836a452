from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from rag.api.pages import draw_frame, draw_page, has_pages
from rag.errors import Encrypted, Malformed
from rag.types import Box


def shown(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


def test_an_encrypted_original_is_drawn_with_the_password_that_opened_it(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), pagesize=(200, 100), encrypt=StandardEncryption("open", canPrint=0))
    canvas.drawString(20, 50, "Soup")
    canvas.save()
    assert shown(draw_page(path, 1, [], ["wrong", "open"])).size == (400, 200)
    with pytest.raises(Encrypted, match="needs a password"):
        draw_page(path, 1, [], ["wrong"])


def test_a_picture_is_drawn_with_its_lines_marked_by_its_own_resolution(tmp_path: Path) -> None:
    path = tmp_path / "scan.tiff"
    frames = [Image.new("RGB", (300, 150), colour) for colour in ("white", "grey")]
    frames[0].save(path, save_all=True, append_images=frames[1:], dpi=(144, 144))
    drawn = shown(draw_frame(path, 1, [Box(1, 50, 25, 100, 50)]))
    assert drawn.size == (300, 150)
    assert drawn.getpixel((150, 75)) != (255, 255, 255)  # 75 and 37.5 points, at two pixels a point
    assert drawn.getpixel((20, 20)) == (255, 255, 255)
    assert shown(draw_frame(path, 2, [])).getpixel((5, 5)) == (128, 128, 128)


def test_what_is_no_picture_any_more_is_malformed(tmp_path: Path) -> None:
    path = tmp_path / "scan.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    with pytest.raises(Malformed, match="page 1 cannot be drawn"):
        draw_frame(path, 1, [])


def test_pdfs_and_pictures_have_pages() -> None:
    assert has_pages("application/pdf")
    assert has_pages("image/png")
    assert not has_pages("text/plain")
