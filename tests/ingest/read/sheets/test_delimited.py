"""CSV and TSV: whatever parts the fields, whatever stands in them."""

from __future__ import annotations

import csv
import io
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.read import Limits, read
from rag.errors import TooLarge, Unreadable
from rag.types import BlockKind, Document


def table(text: str, name: str = "a.csv", encoding: str = "utf-8") -> Document:
    return read(text.encode(encoding), name, limits=Limits())


def lines(document: Document) -> list[str]:
    return [document.text[b.start : b.end] for b in document.blocks if b.kind is BlockKind.TABLE_ROW]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_what_parts_the_fields_is_found(mark: str) -> None:
    text = f"Part{mark}Size{mark}Price\nBolt{mark}M8{mark}1.5\nNut{mark}M6{mark}2\n"
    assert lines(table(text)) == ["Part: Bolt | Size: M8 | Price: 1.5", "Part: Nut | Size: M6 | Price: 2"]


def test_a_decimal_comma_does_not_part_fields() -> None:
    assert lines(table("Jahr;Umsatz\n2023;143,1\n2024;215,32\n2025;11,08\n"))[0] == "Jahr: 2023 | Umsatz: 143,1"


def test_a_line_may_say_what_parts_the_fields() -> None:
    document = table("sep=;\r\nName;Age\r\nMei;30\r\n")
    assert lines(document) == ["Name: Mei | Age: 30"]
    assert document.blocks[0].place == "row 2"


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "utf-16", "utf-8-sig"])
def test_any_encoding_is_read(encoding: str) -> None:
    text = "姓名,部門,工資\n" + "陳大文,技術部,12000\n李美玲,市場部,9800\n" * 3
    assert lines(table(text, encoding=encoding))[0] == "姓名: 陳大文 | 部門: 技術部 | 工資: 12000"


def test_a_quoted_cell_may_hold_line_ends_marks_and_quotes() -> None:
    document = table('Name,Note,Age\nMei,"likes, ""tea""\nand rain",30\nBo,none,40\n')
    assert lines(document) == ['Name: Mei | Note: likes, "tea" and rain | Age: 30', "Name: Bo | Note: none | Age: 40"]
    assert [block.place for block in document.blocks] == ["row 2", "row 3"]


def test_a_quote_that_is_never_closed_does_not_swallow_the_rest() -> None:
    document = table('Name,Inches,Price\nMonitor,27",349\n"Cable,3",20\nMouse,1,10\n')
    assert 'Name: Monitor | Inches: 27" | Price: 349' in lines(document)
    assert lines(document)[-1] == "Name: Mouse | Inches: 1 | Price: 10"


def test_cells_beyond_the_header_are_kept() -> None:
    assert lines(table("Name,Age\nMei,30,extra,more\nBo,40\n"))[0] == "Name: Mei | Age: 30 | extra | more"


def test_rows_are_counted_with_the_empty_ones() -> None:
    document = table("Name,Age\nMei,30\n\n,\nBo,40\n")
    assert [block.place for block in document.blocks] == ["row 2", "row 5"]


def test_what_is_no_table_is_plain_text() -> None:
    document = table("Dear all,\n\nthis is a letter, and no table.\nIt was only saved as one.\nBy whom nobody knows.\n")
    assert document.mime == "text/plain"
    assert "this is a letter, and no table." in document.text


def test_long_names_times_many_rows_stay_within_the_limit() -> None:
    text = ",".join(f"a rather long name of column {n}" for n in range(10)) + "\n" + "1,2,3,4,5,6,7,8,9,0\n" * 2000
    with pytest.raises(TooLarge):
        read(text.encode(), "a.csv", limits=Limits(max_characters=50_000))


def test_unclosed_quotes_on_every_line_do_not_take_quadratic_time() -> None:
    text = "Name,Age\n" + '"Mei,30\n"Bo" x,40\n' * 5000
    started = time.perf_counter()
    assert "Mei" in table(text).text
    assert time.perf_counter() - started < 10


cells = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co", "Cf", "Z"]), max_size=12)


@given(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=2, max_size=8))
@settings(max_examples=100, deadline=None)
def test_every_cell_comes_out(rows: list[list[str]]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([["alpha", "beta", "gamma"], *rows])
    try:
        document = table(buffer.getvalue())
    except Unreadable:
        return
    text = "".join(document.text.split())
    for cell in (cell for row in rows for cell in row):
        assert "".join(unicodedata.normalize("NFC", cell).split()) in text
