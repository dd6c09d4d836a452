"""PDF: tables come out as rows that name their columns, and what is no table does not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from reportlab.pdfgen.canvas import Canvas

from rag.types import BlockKind
from tests.ingest.read.pdfs import chinese_font, lines_of, made, prose, read_made, texts_of, write

ROWS = [["Part", "Size", "Price"], ["bolt", "M8", "0.20"], ["nut", "M10", "0.35"], ["washer", "M12", "0.05"]]
WRITTEN = [
    "Part: bolt | Size: M8 | Price: 0.20",
    "Part: nut | Size: M10 | Price: 0.35",
    "Part: washer | Size: M12 | Price: 0.05",
]


def cells(canvas: Canvas, rows: Sequence[Sequence[str]], *, y: float = 600, font: str = "Helvetica") -> None:
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            write(canvas, [text], x=76 + 120 * column, y=y - 20 * number, size=10, font=font)


def grid(canvas: Canvas, rows: int, columns: int, *, y: float = 614) -> None:
    canvas.grid([72 + 120 * n for n in range(columns + 1)], [y - 20 * n for n in range(rows + 1)])


def rows_of(data: bytes) -> list[str]:
    return texts_of(read_made(data), BlockKind.TABLE_ROW)


def test_a_table_with_rulings_comes_out_as_rows_with_their_columns_names() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, prose("before", 4), y=720)
        cells(canvas, ROWS)
        grid(canvas, 4, 3)
        write(canvas, prose("after", 4), y=480)

    document = read_made(made(draw))
    assert texts_of(document, BlockKind.TABLE_ROW) == WRITTEN
    assert document.text.index("before3") < document.text.index("bolt") < document.text.index("after0")


def test_a_table_whose_cells_are_rectangles_is_a_table_too() -> None:
    def draw(canvas: Canvas) -> None:
        cells(canvas, ROWS)
        for row in range(4):
            for column in range(3):
                canvas.rect(72 + 120 * column, 594 - 20 * row, 120, 20)

    assert rows_of(made(draw)) == WRITTEN


def test_chinese_cells_are_told_apart_by_their_rulings() -> None:
    def draw(canvas: Canvas) -> None:
        cells(canvas, [["项目", "数量"], ["螺栓", "十二"], ["螺母", "三十"]], font=chinese_font())
        grid(canvas, 3, 2)

    assert rows_of(made(draw)) == ["项目: 螺栓 | 数量: 十二", "项目: 螺母 | 数量: 三十"]


def test_a_cell_of_several_lines_stays_one_cell() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, ["Name"], x=76, y=700, size=10)
        write(canvas, ["What it is for"], x=226, y=700, size=10)
        write(canvas, ["hammer"], x=76, y=680, size=10)
        write(canvas, ["drives nails into wood and", "pulls them out of it again"], x=226, y=680, size=10)
        canvas.grid([72, 222, 400], [714, 694, 660])

    assert rows_of(made(draw)) == [
        "Name: hammer | What it is for: drives nails into wood and pulls them out of it again"
    ]


def test_a_name_over_several_columns_is_part_of_each_ones() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, ["Sales"], x=250, y=620, size=10)
        cells(canvas, [["", "2023", "2024"], ["north", "10", "12"], ["south", "20", "24"]])
        canvas.lines([(72, 634, 432, 634), *((72, 614 - 20 * n, 432, 614 - 20 * n) for n in range(4))])
        canvas.lines([(192, 614, 432, 614), (72, 634, 72, 554), (192, 634, 192, 554), (432, 634, 432, 554)])
        canvas.line(312, 614, 312, 554)

    assert rows_of(made(draw)) == [
        "north | Sales 2023: 10 | Sales 2024: 12",
        "south | Sales 2023: 20 | Sales 2024: 24",
    ]


def test_figures_in_columns_are_a_table_without_any_ruling() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, prose("before", 3, words=12), y=720, size=10)
        cells(canvas, [["", "2023", "2024"], ["Revenue", "$ 1,200", "$ 1,350"], ["Costs", "(800)", "(845)"]])
        cells(canvas, [["Profit", "400", "505"]], y=540)

    assert rows_of(made(draw)) == [
        "Revenue | 2023: $ 1,200 | 2024: $ 1,350",
        "Costs | 2023: (800) | 2024: (845)",
        "Profit | 2023: 400 | 2024: 505",
    ]


def test_lines_above_and_below_make_a_table_of_words() -> None:
    def draw(canvas: Canvas) -> None:
        cells(
            canvas, [["Country", "Capital", "Tongue"], ["Austria", "Vienna", "German"], ["France", "Paris", "French"]]
        )
        cells(canvas, [["Spain", "Madrid", "Spanish"]], y=540)
        canvas.lines([(72, 612, 432, 612), (72, 595, 432, 595), (72, 532, 432, 532)])

    assert rows_of(made(draw))[0] == "Country: Austria | Capital: Vienna | Tongue: German"


def test_each_cell_has_the_box_it_was_printed_in() -> None:
    def draw(canvas: Canvas) -> None:
        cells(canvas, ROWS)
        grid(canvas, 4, 3)

    document = read_made(made(draw))
    boxes = {document.text[block.start : block.end]: block.box for block in lines_of(document)}
    box = boxes["M10"]
    assert box is not None
    assert [box.x0, box.y1] == pytest.approx([196, 841.9 - 560], abs=2.5)


def test_the_lines_of_a_drawing_make_no_table_of_the_words_beneath_them() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, prose("line", 8, words=9), y=700, size=10)
        canvas.grid([72, 130, 190, 260, 330], [715, 690, 665, 640, 600])

    assert rows_of(made(draw)) == []


def test_a_page_of_prose_in_a_frame_is_no_table() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, prose("line", 10))
        canvas.rect(60, 500, 480, 240)

    assert rows_of(made(draw)) == []


def test_two_columns_of_prose_are_no_table() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, prose("left", 8), x=60, size=9)
        write(canvas, prose("right", 8), x=310, size=9)

    assert rows_of(made(draw)) == []
