"""PDF: the order in which a page is read."""

from __future__ import annotations

from reportlab.pdfgen.canvas import Canvas

from ingest.read.pdf.columns import regions
from rag.types import BlockKind
from tests.ingest.read.pdfs import (
    chinese_font,
    columns_of,
    in_this_order,
    made,
    picture,
    prose,
    read_made,
    texts_of,
    write,
)


def numbered(name: str, count: int) -> list[str]:
    return [f"{name}{number}" for number in range(count)]


def test_two_columns_that_were_written_row_by_row_are_read_one_after_the_other() -> None:
    document = read_made(made(columns_of([prose("left", 12), prose("right", 12, start=5)], [60, 310])))
    assert in_this_order(document, *numbered("left", 12), *numbered("right", 12))


def test_three_columns_of_a_newspaper_are_read_one_after_the_other() -> None:
    columns = [prose(name, 15, words=4, start=start) for name, start in (("one", 0), ("two", 7), ("three", 13))]
    document = read_made(made(columns_of(columns, [40, 225, 410])))
    assert in_this_order(document, *(name for which in ("one", "two", "three") for name in numbered(which, 15)))


def test_a_heading_across_both_columns_parts_what_is_above_it_from_what_is_below() -> None:
    def draw(canvas: Canvas) -> None:
        columns_of([prose("upperleft", 6), prose("upperright", 6)], [60, 310], y=740)(canvas)
        write(canvas, ["A heading that runs across both of the columns of this page"], x=60, y=620, size=16)
        columns_of([prose("lowerleft", 6), prose("lowerright", 6)], [60, 310], y=590)(canvas)

    document = read_made(made(draw))
    assert in_this_order(
        document, "upperleft5", "upperright0", "upperright5", "A heading", "lowerleft0", "lowerleft5", "lowerright0"
    )
    assert texts_of(document, BlockKind.HEADING) == ["A heading that runs across both of the columns of this page"]


def test_a_figure_in_one_column_leaves_the_order_as_it_is() -> None:
    def draw(canvas: Canvas) -> None:
        left, right = prose("left", 16), prose("right", 16)
        columns_of([left[:5], right], [60, 310], y=700)(canvas)
        canvas.drawImage(picture(), 60, 560, 200, 60)
        write(canvas, ["Figure 1: What is seen here"], x=60, y=545, size=9)
        columns_of([left[5:]], [60], y=520)(canvas)

    document = read_made(made(draw))
    assert in_this_order(document, "left4", "Figure 1", "left5", "left15", "right0", "right15")


def test_a_last_page_with_one_full_column_and_the_beginning_of_another_is_two_columns_still() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, prose("left", 20), x=60, size=9)
        write(canvas, prose("right", 2), x=310, size=9)

    assert in_this_order(read_made(made(draw)), "left0", "left19", "right0", "right1")


def test_columns_that_were_written_the_wrong_way_round_are_put_right() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, prose("right", 12), x=310, size=9)
        write(canvas, prose("left", 12), x=60, size=9)

    assert in_this_order(read_made(made(draw)), "left0", "left11", "right0", "right11")


def test_columns_of_chinese_are_read_one_after_the_other() -> None:
    text = "城市的图书馆每天早晨九点开门读者可以借阅各种书籍和期刊也能在阅览室里安静地学习直到傍晚"
    left, right = ([text[i : i + 18] for i in range(start, start + 12)] for start in (0, 13))

    def draw(canvas: Canvas) -> None:
        for number, lines in enumerate(zip(left, right, strict=True)):
            for x, line in zip((60, 310), lines, strict=True):
                write(canvas, [line], x=x, y=700 - 16 * number, size=11, font=chinese_font())

    assert read_made(made(draw)).text == "".join(left + right)


def test_a_heading_that_was_written_last_comes_first_where_it_stands_first() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, prose("body", 6, words=12), y=600)
        write(canvas, ["What this page is about"], y=700, size=18)

    assert in_this_order(read_made(made(draw)), "What this page", "body0", "body5")


def test_a_line_with_a_wide_gap_stays_one_line() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 12)
        for number, (name, value) in enumerate([("Name:", "Mei Lin"), ("Town:", "Nanjing"), ("Year:", "of the horse")]):
            canvas.drawString(72, 700 - 30 * number, name)
            canvas.drawString(220, 700 - 30 * number, value)

    text = read_made(made(draw)).text
    assert "Name: Mei Lin" in text
    assert "Year: of the horse" in text


def test_words_set_wide_to_fill_a_line_do_not_make_columns() -> None:
    lines = prose("line", 14, words=8)

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        for number, line in enumerate(lines):
            words = line.split()
            room = (450 - sum(canvas.stringWidth(word, "Helvetica", 10) for word in words)) / (len(words) - 1)
            x = 72.0
            for word in words:
                canvas.drawString(x, 700 - 14 * number, word)
                x += canvas.stringWidth(word, "Helvetica", 10) + room

    assert read_made(made(draw)).text == " ".join(lines)


def test_labels_beside_paragraphs_do_not_make_columns() -> None:
    def draw(canvas: Canvas) -> None:
        for number, label in enumerate(("2019", "2020", "2021")):
            write(canvas, [label], x=60, y=700 - 90 * number, size=10)
            write(canvas, prose(f"para{number}x", 5, words=9), x=130, y=700 - 90 * number, size=10)

    assert in_this_order(read_made(made(draw)), "2019", "para0x0", "2020", "para1x0", "2021", "para2x0")


def test_text_that_is_drawn_turned_is_read_along_its_own_lines() -> None:
    for degrees in (90, 180, 270):

        def draw(canvas: Canvas, degrees: int = degrees) -> None:
            canvas.translate(300, 400)
            canvas.rotate(degrees)
            write(canvas, ["The first line goes on", "in the second one."], x=-100, y=0)

        assert read_made(made(draw)).text == "The first line goes on in the second one."


def test_no_items_have_no_regions() -> None:
    assert regions([]) == []
