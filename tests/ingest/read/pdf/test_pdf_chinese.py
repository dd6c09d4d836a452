"""PDF: Chinese in fonts of every kind comes out character for character, in boxes where it was drawn."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader, PdfWriter
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import CIDFont, UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from rag.types import Document
from tests.ingest.read.pdfs import lines_of, made, read_made

SIMPLIFIED = [
    "市图书馆今年新增藏书三万册，其中一半是",
    "儿童读物；开放时间也延长到晚上九点。读",
    "者可以在网上预约座位，每人每天最多四小",
    "时。周末还有免费的讲座和电影放映活动。",
]
TRADITIONAL = [
    "市圖書館今年新增藏書三萬冊，其中一半是",
    "兒童讀物；開放時間也延長到晚上九點。讀",
    "者可以在網上預約座位，每人每天最多四小",
    "時。週末還有免費的講座和電影放映活動。",
]
FONTS = {
    "UniGB-UCS2-H": ("STSong-Light", None, SIMPLIFIED),
    "UniCNS-UCS2-H": ("MSung-Light", None, TRADITIONAL),
    "GBK-EUC-H": ("STSong-Light", "gbk", SIMPLIFIED),
    "ETen-B5-H": ("MSung-Light", "big5", TRADITIONAL),
}


def drawn(cmap: str, *, turned: int = 0) -> bytes:
    face, codec, lines = FONTS[cmap]
    font = UnicodeCIDFont(face) if codec is None else CIDFont(face, cmap)
    pdfmetrics.registerFont(font)

    def draw(canvas: Canvas) -> None:
        canvas.translate({90: A4[0], 180: A4[0]}.get(turned, 0), {180: A4[1], 270: A4[1]}.get(turned, 0))
        canvas.rotate(turned)
        canvas.setFont(font.fontName, 12)
        for number, line in enumerate(lines):
            canvas.drawString(72, 500 - 20 * number, line if codec is None else line.encode(codec).decode("latin-1"))

    return made(draw)


def rotated(data: bytes, degrees: int) -> bytes:
    writer = PdfWriter()
    for page in PdfReader(io.BytesIO(data)).pages:
        writer.add_page(page.rotate(degrees))
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def first_box(document: Document) -> tuple[float, float, float, float]:
    box = lines_of(document)[0].box
    assert box is not None
    return box.x0, box.y0, box.x1, box.y1


@pytest.mark.parametrize("cmap", FONTS)
def test_fonts_without_a_map_to_unicode_are_read_right(cmap: str) -> None:
    data = drawn(cmap)
    assert b"ToUnicode" not in data
    document = read_made(data)
    assert document.text == "".join(FONTS[cmap][2])
    # From the first character's edge to the last one's, and from the top of the em to its bottom.
    assert first_box(document) == pytest.approx((72, A4[1] - 510, 72 + 19 * 12, A4[1] - 498), abs=2)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_rotated_page_has_its_boxes_where_it_shows_them(degrees: int) -> None:
    document = read_made(rotated(drawn("GBK-EUC-H"), degrees))
    assert document.text == "".join(SIMPLIFIED)
    wide, high = A4
    top, bottom = high - 510, high - 498
    expected = {
        90: (high - bottom, 72, high - top, 300),
        180: (wide - 300, high - bottom, wide - 72, high - top),
        270: (top, wide - 300, bottom, wide - 72),
    }[degrees]
    assert first_box(document) == pytest.approx(expected, abs=2)


@pytest.mark.parametrize("turned", [90, 180, 270])
@pytest.mark.parametrize("cmap", ["UniGB-UCS2-H", "ETen-B5-H"])
def test_turned_text_is_read_along_its_lines(cmap: str, turned: int) -> None:
    assert read_made(drawn(cmap, turned=turned)).text == "".join(FONTS[cmap][2])


def test_text_on_its_head_in_several_fonts_keeps_its_order() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    pdfmetrics.registerFont(UnicodeCIDFont("MSung-Light"))

    def draw(canvas: Canvas) -> None:
        for number, line in enumerate(SIMPLIFIED):
            text = canvas.beginText(72, 500 - 20 * number)
            for index, character in enumerate(line):
                text.setFont(("STSong-Light", "Helvetica")[0], 12 if index % 3 else 12.01)
                text.textOut(character)
            canvas.drawText(text)

    assert read_made(rotated(made(draw), 180)).text == "".join(SIMPLIFIED)


def test_characters_set_one_above_the_other_are_read_down_and_from_the_right() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    lines = ["城市的图书馆每天早晨九点开门", "读者可以借阅各种书籍和期刊", "直到傍晚"]

    def draw(canvas: Canvas) -> None:
        canvas.setFont("STSong-Light", 12)
        for column, line in enumerate(lines):
            for row, character in enumerate(line):
                canvas.drawString(400 - 20 * column, 700 - 13 * row, character)

    assert read_made(made(draw)).text == "".join(lines)
