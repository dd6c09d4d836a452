"""PDF: text, lines with boxes, and what is refused. Every file is made here."""

from __future__ import annotations

import io
from collections.abc import Callable

import pypdfium2 as pdfium
import pypdfium2.raw as raw
import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import RectangleObject
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from ingest.clean import clean
from ingest.read import Limits, read
from ingest.read.pdf.read import read_pdf_with
from rag.errors import Encrypted, Malformed, NoText, TooLarge
from rag.pdfium import PDFIUM_LOCK
from rag.types import Block, BlockKind, Box, Document
from tests.ingest.read.pdfs import chinese_font, made, write

CHINESE = ["人工智能正在改变人们的生活方式。它能够理解语言，", "回答问题，并帮助人们完成许多重复的工作。"]


def read_pdf(data: bytes, name: str = "a.pdf") -> Document:
    return read(data, name, limits=Limits())


def lines_of(document: Document) -> list[Block]:
    return [block for block in document.blocks if block.kind is BlockKind.LINE]


def pdfium_text(data: bytes, box: Box) -> str:
    """Return what pdfium says stands in a box that is given as the page is shown."""
    with PDFIUM_LOCK, pdfium.PdfDocument(data) as pdf:
        page = pdf[box.page - 1]
        width, height = page.get_size()
        corners = []
        for x, y in ((box.x0, box.y0), (box.x1, box.y1)):
            page_x, page_y = raw.c_double(), raw.c_double()
            size = (int(width * 100), int(height * 100))
            raw.FPDF_DeviceToPage(page, 0, 0, *size, 0, round(x * 100), round(y * 100), page_x, page_y)
            corners.append((page_x.value, page_y.value))
        (x0, y0), (x1, y1) = corners
        text_page = page.get_textpage()
        text: str = text_page.get_text_bounded(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
        text_page.close()
        page.close()
        return text


def squeezed(text: str) -> str:
    return "".join(text.split())


def rotated(data: bytes, degrees: int) -> bytes:
    writer = PdfWriter()
    for page in PdfReader(io.BytesIO(data)).pages:
        writer.add_page(page.rotate(degrees))
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def cropped(data: bytes) -> bytes:
    writer = PdfWriter()
    for page in PdfReader(io.BytesIO(data)).pages:
        page.cropbox = RectangleObject((40, 60, 560, 800))
        writer.add_page(page)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def two_lines(canvas: Canvas) -> None:
    write(canvas, ["The first line of this page goes on", "to the second one and ends there."])


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("change", [lambda data: data, cropped])
def test_a_box_covers_the_words_of_its_line_however_the_page_is_turned(
    degrees: int, change: Callable[[bytes], bytes]
) -> None:
    data = rotated(change(made(two_lines)), degrees)
    document = read_pdf(data)
    lines = lines_of(document)
    assert {document.text[b.start : b.end] for b in lines} == {
        "The first line of this page goes on",
        "to the second one and ends there.",
    }
    for block in lines:
        assert block.box is not None
        assert squeezed(pdfium_text(data, block.box)) == squeezed(document.text[block.start : block.end])


def test_the_origin_is_the_top_left_of_the_shown_page() -> None:
    document = read_pdf(made(lambda canvas: write(canvas, ["Top left"], x=72, y=A4[1] - 72)))
    box = lines_of(document)[0].box
    assert box is not None
    assert box.x0 == pytest.approx(72, abs=2)
    assert box.y1 == pytest.approx(72, abs=4)
    assert box.y0 < box.y1


def test_lines_become_a_paragraph_and_broken_words_whole() -> None:
    def draw(canvas: Canvas) -> None:
        write(
            canvas,
            [
                "A word may be hyphen-",
                "ated at the end of the line, and a well-",
                "known one keeps its sign: well-known.",
            ],
        )

    text = read_pdf(made(draw)).text
    assert text == "A word may be hyphenated at the end of the line, and a well-known one keeps its sign: well-known."


def test_no_space_comes_between_chinese_characters() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, CHINESE, font=chinese_font())

    document = read_pdf(made(draw))
    assert document.text == "".join(CHINESE)
    assert document.language == "zh"


def test_wide_set_chinese_has_no_spaces_either() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont(chinese_font(), 12)
        for index, character in enumerate("人工智能改变生活"):
            canvas.drawString(72 + index * 15, 700, character)

    assert read_pdf(made(draw)).text == "人工智能改变生活"


def test_running_headers_and_page_numbers_are_dropped() -> None:
    def draw(canvas: Canvas) -> None:
        for number in range(1, 5):
            write(canvas, ["Annual report 2024"], y=810, size=9)
            words = ["one", "two", "three", "four"][number - 1]
            write(
                canvas, [f"On page {words} something else is said,", f"and {words} times more.", f"Part {words} ends."]
            )
            write(canvas, [f"Page {number} of 4"], y=30, size=9)
            canvas.showPage()

    document = read_pdf(made(draw))
    assert "Annual report" not in document.text
    assert "of 4" not in document.text
    assert document.text.count("something else") == 4
    assert document.metadata["pages"] == 4


def test_two_equal_pages_are_not_taken_for_headers() -> None:
    def draw(canvas: Canvas) -> None:
        for _ in range(2):
            write(canvas, ["One line.", "Another line.", "The last line."])
            canvas.showPage()

    assert read_pdf(made(draw)).text.count("Another line.") == 2


def test_larger_type_makes_a_heading() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, ["Great heading"], y=760, size=20)
        write(canvas, ["Smaller heading"], y=720, size=15)
        write(
            canvas,
            ["The body of the text is set in a size of its own, which is", "what most of the page is set in."],
            size=10,
            y=690,
        )

    document = read_pdf(made(draw))
    headings = [(document.text[b.start : b.end], b.level) for b in document.blocks if b.kind is BlockKind.HEADING]
    assert headings == [("Great heading", 1), ("Smaller heading", 2)]


def test_a_raised_number_does_not_break_a_line() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, ["It was shown long ago"], size=12)
        width = canvas.stringWidth("It was shown long ago", "Helvetica", 12)
        write(canvas, ["7"], x=72 + width + 1, y=705, size=7)
        write(canvas, ["that this is so."], x=72 + width + 8, size=12)

    document = read_pdf(made(draw))
    assert len([block for block in document.blocks if block.kind is BlockKind.PARAGRAPH]) == 1


def test_line_blocks_lie_inside_the_structural_ones() -> None:
    document = clean(read_pdf(made(two_lines)))
    outer = [block for block in document.blocks if block.kind is not BlockKind.LINE]
    for line in lines_of(document):
        assert any(block.start <= line.start and line.end <= block.end for block in outer)


def test_the_title_comes_from_the_metadata_where_it_says_something() -> None:
    assert read_pdf(made(two_lines, title="On tea", author="Mei")).title == "On tea"
    assert read_pdf(made(two_lines, title="untitled"), "tea.pdf").title == "tea"
    assert read_pdf(made(two_lines, title="On tea", author="Mei")).metadata["author"] == "Mei"


def test_a_page_without_text_says_how_to_get_it() -> None:
    with pytest.raises(NoText) as caught:
        read_pdf_with(made(lambda canvas: canvas.rect(100, 100, 200, 200, fill=1)), "a.pdf", Limits(), None)
    assert "ocr" in caught.value.hint


def test_every_page_says_how_it_was_read() -> None:
    def draw(canvas: Canvas) -> None:
        two_lines(canvas)
        canvas.showPage()
        canvas.rect(100, 100, 200, 200, fill=1)
        canvas.showPage()
        canvas.showPage()

    document = read_pdf_with(made(draw), "a.pdf", Limits(), None)
    assert document.metadata["read_as"] == {"text": 1, "none": 1, "blank": 1}
    assert document.metadata["pages_read_as"] == {"none": [2], "blank": [3]}
    assert "OCR is not installed" in document.metadata["pages_unread"]["2"]


def encrypted(data: bytes, password: str) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(data))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def test_a_file_that_needs_a_password_is_encrypted() -> None:
    with pytest.raises(Encrypted):
        read_pdf(encrypted(made(two_lines), "secret"))


def test_a_file_that_is_only_protected_from_changes_is_read() -> None:
    assert "first line" in read_pdf(encrypted(made(two_lines), "")).text


def test_a_cut_file_is_malformed_or_read_but_never_a_crash() -> None:
    data = made(two_lines)
    with pytest.raises(Malformed):
        read_pdf(b"%PDF-1.4\n" + b"\x00garbage" * 50)
    for share in (0.2, 0.5, 0.9):
        try:
            read_pdf(data[: int(len(data) * share)])
        except (Malformed, NoText):
            continue


def test_too_many_pages_are_too_large() -> None:
    def draw(canvas: Canvas) -> None:
        for _ in range(3):
            two_lines(canvas)
            canvas.showPage()

    with pytest.raises(TooLarge):
        read(made(draw), "a.pdf", limits=Limits(max_pages=2))


def test_a_sentence_that_crosses_pages_stays_whole() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, ["This sentence begins on the first page and it goes on over"], y=100)
        canvas.showPage()
        write(canvas, ["the edge to the second page, where it comes to its end."], y=760)
        canvas.showPage()

    document = read_pdf(made(draw))
    assert document.text == (
        "This sentence begins on the first page and it goes on over "
        "the edge to the second page, where it comes to its end."
    )
    assert [block.box.page for block in lines_of(document) if block.box] == [1, 2]
