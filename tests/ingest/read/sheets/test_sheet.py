"""Spreadsheets: rows that can be read alone, whatever the grid around them looks like."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import pytest

from ingest.read import Limits, read
from rag.errors import Encrypted, Malformed, NoText, TooLarge, Unreadable
from rag.types import BlockKind, Document
from tests.ingest.read.workbooks import MAIN, ods, rows_of, worksheet, xlsx

SHARED = Path(__file__).parents[5] / "shared" / "awkward" / "office_web"


def book(*rows: list[object]) -> Document:
    return read(xlsx({"Prices": rows_of(*rows)}), "prices.xlsx", limits=Limits())


def lines(document: Document, kind: BlockKind = BlockKind.TABLE_ROW) -> list[str]:
    return [document.text[b.start : b.end] for b in document.blocks if b.kind is kind]


def places(document: Document) -> list[str]:
    return [block.place for block in document.blocks]


def test_each_row_carries_the_names_of_its_columns_and_says_where_it_stands() -> None:
    document = book(["Part", "Price"], ["Bolt", 1.5], ["Nut", 2])
    assert lines(document) == ["Part: Bolt | Price: 1.5", "Part: Nut | Price: 2"]
    assert places(document) == ["Prices", "Prices!A2:B2", "Prices!A3:B3"]
    assert lines(document, BlockKind.HEADING) == ["Prices"]


def test_a_title_above_the_header_is_a_heading_and_a_remark_below_is_text() -> None:
    document = book(
        ["Price list 2024"], [], ["Part", "Size", "Price"], ["Bolt", "M8", 1.5], ["Nut", "M6", 2], [], ["Net of tax."]
    )
    assert lines(document, BlockKind.HEADING) == ["Prices", "Price list 2024"]
    assert lines(document) == ["Part: Bolt | Size: M8 | Price: 1.5", "Part: Nut | Size: M6 | Price: 2"]
    assert lines(document, BlockKind.PARAGRAPH) == ["Net of tax."]


def test_rows_behind_an_empty_row_keep_the_header() -> None:
    document = book(["Part", "Price"], ["Bolt", 1.5], [], ["Nut", 2])
    assert lines(document)[-1] == "Part: Nut | Price: 2"
    document = book(["Part", "Price"], [], ["Bolt", 1.5], ["Nut", 2])
    assert lines(document) == ["Part: Bolt | Price: 1.5", "Part: Nut | Price: 2"]


def test_tables_side_by_side_have_their_own_headers() -> None:
    document = book(
        ["Part", "Price", None, "City", "People"],
        ["Bolt", 1.5, None, "Ulm", 126000],
        ["Nut", 2, None, "Bonn", 330000],
        ["Pin", 3],
        ["Cog", 4],
    )
    assert lines(document) == [
        "Part: Bolt | Price: 1.5",
        "Part: Nut | Price: 2",
        "Part: Pin | Price: 3",
        "Part: Cog | Price: 4",
        "City: Ulm | People: 126000",
        "City: Bonn | People: 330000",
    ]
    assert places(document)[-1] == "Prices!D3:E3"


def test_columns_behind_an_empty_one_stay_with_their_rows() -> None:
    document = book(["Zone", "2023", "2022", None, "Change"], ["North", 5, 4, None, 1], ["South", 7, 7, None, 0])
    assert lines(document)[0] == "Zone: North | 2023: 5 | 2022: 4 | Change: 1"


def test_two_header_rows_make_one_name() -> None:
    merged = (
        f"<worksheet {MAIN}><sheetData>"
        + rows_of(["Region", "2023", None, "2024", None], [None, "Sales", "Costs", "Sales", "Costs"])
        + rows_of(["North", 10, 7, 12, 8], ["South", 20, 14, 22, 15], first=3)
        + '</sheetData><mergeCells><mergeCell ref="B1:C1"/><mergeCell ref="D1:E1"/></mergeCells></worksheet>'
    )
    document = read(xlsx({"S": merged}), "s.xlsx", limits=Limits())
    assert lines(document)[0] == "Region: North | 2023 Sales: 10 | 2023 Costs: 7 | 2024 Sales: 12 | 2024 Costs: 8"


def test_a_cell_merged_over_rows_stands_in_each_of_them() -> None:
    merged = (
        f"<worksheet {MAIN}><sheetData>"
        + rows_of(["Team", "Name", "Age"], ["Red", "Mei", 30], [None, "Bo", 40], ["Blue", "Al", 50])
        + '</sheetData><mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells></worksheet>'
    )
    document = read(xlsx({"S": merged}), "s.xlsx", limits=Limits())
    assert lines(document)[1] == "Team: Red | Name: Bo | Age: 40"


def test_no_cell_is_lost_where_there_is_no_header_or_a_ragged_one() -> None:
    document = book(["x", 1], ["y", 2, "more"], [None, None, "only"], ["Z: ", 5])
    for word in ("x", "1", "y", "2", "more", "only", "Z", "5"):
        assert word in document.text
    document = book(["Part", "Price", "Remark"], ["Bolt", 1.5], ["Nut", 2])
    assert "Remark" in document.text


def test_numbers_dates_and_percentages_read_as_they_are_shown() -> None:
    formats = {1: "0.0%", 2: "yyyy\\-mm\\-dd", 3: "h:mm", 4: "&quot;$&quot;#,##0.00", 5: "m/d/yy h:mm"}
    cells = [(1, 0.125), (2, 45000), (3, 0.5), (4, 1234.5), (5, 45000.25), (0, 3.0), (0, 0.30000000000000004)]
    row = "".join(f'<c s="{style}"><v>{value}</v></c>' for style, value in cells)
    row += '<c t="b"><v>1</v></c><c t="e"><v>#DIV/0!</v></c><c t="str"><f>A1</f><v>made</v></c>'
    row += '<c t="d"><v>2024-05-06</v></c>'
    document = read(xlsx({"S": f"<row>{row}</row>"}, formats=formats), "s.xlsx", limits=Limits())
    shown = "12.5% | 2023-03-15 | 12:00 | $1234.50 | 2023-03-15 06:00 | 3 | 0.3 | TRUE | #DIV/0! | made | 2024-05-06"
    assert lines(document) == [shown]


def test_dates_may_be_counted_from_1904() -> None:
    row = '<row r="1"><c s="1"><v>43538</v></c><c s="1"><v>43539</v></c></row>'
    document = read(xlsx({"S": row}, formats={1: "yyyy-mm-dd"}, from_1904=True), "s.xlsx", limits=Limits())
    assert lines(document) == ["2023-03-15 | 2023-03-16"]


def test_shared_texts_come_without_their_phonetic_notes() -> None:
    texts = '<si><r><t>课</t></r><r><t xml:space="preserve">き</t></r><rPh sb="0" eb="1"><t>カ</t></rPh></si>'
    document = read(
        xlsx({"S": '<row r="1"><c r="B1" t="s"><v>0</v></c></row>'}, texts=texts), "s.xlsx", limits=Limits()
    )
    assert document.text == "S\n\n课き"
    assert places(document)[-1] == "S!B1"


def test_hidden_sheets_are_read_and_named_and_empty_ones_are_not_written() -> None:
    data = xlsx({"Shown": rows_of(["a", 1]), "Kept": rows_of(["b", 2]), "Empty": ""}, hidden="Kept")
    document = read(data, "s.xlsx", limits=Limits())
    assert document.metadata["hidden_sheets"] == ["Kept"]
    assert lines(document, BlockKind.HEADING) == ["Shown", "Kept"]
    with pytest.raises(NoText):
        read(xlsx({"Empty": ""}), "s.xlsx", limits=Limits())


def test_comments_stand_with_their_cell() -> None:
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"
    more = {
        "xl/worksheets/_rels/sheet1.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'relationships"><Relationship Id="rId1" Type="{relation}" Target="../comments1.xml"/></Relationships>',
        "xl/comments1.xml": f'<comments {MAIN}><commentList><comment ref="B2"><text>'
        "<r><t>Ask Mei</t></r></text></comment></commentList></comments>",
    }
    document = read(xlsx({"S": rows_of(["a", 1])}, more=more), "s.xlsx", limits=Limits())
    assert lines(document, BlockKind.PARAGRAPH) == ["Ask Mei"]
    assert places(document)[-1] == "S!B2"


def test_a_stray_cell_far_away_costs_neither_time_nor_memory() -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    sheet = worksheet(rows).replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')
    started = time.perf_counter()
    tracemalloc.start()
    document = read(xlsx({"S": sheet}), "s.xlsx", limits=Limits())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert places(document)[-1] == "S!XFD1048576"
    assert most < 20_000_000
    assert time.perf_counter() - started < 2


def test_more_text_than_the_limit_is_too_large() -> None:
    data = xlsx({"S": rows_of(*([f"row {n}", n] for n in range(50)))})
    with pytest.raises(TooLarge):
        read(data, "s.xlsx", limits=Limits(max_characters=200))


def test_a_cut_workbook_gives_what_is_left_of_it_or_says_malformed() -> None:
    data = xlsx({"S": rows_of(*([f"row {n}", n] for n in range(500)))})
    for end in range(100, len(data), 97):
        try:
            document = read(data[:end], "s.xlsx", limits=Limits())
        except Unreadable:
            continue
        assert document.text.strip()


def test_an_ods_shows_what_its_cells_show_and_empty_rows_cost_nothing() -> None:
    cells = (
        '<table:table-cell office:value-type="string"><text:p>Rate</text:p></table:table-cell>'
        '<table:table-cell office:value-type="percentage" office:value="0.125"><text:p>12.5%</text:p>'
        "</table:table-cell>"
        '<table:table-cell office:value-type="date" office:date-value="2024-05-06"><text:p>06.05.24</text:p>'
        '</table:table-cell><table:table-cell table:number-columns-repeated="16381"/>'
    )
    empty = '<table:table-row table:number-rows-repeated="1048575"><table:table-cell/></table:table-row>'
    data = ods(f'<table:table table:name="T"><table:table-row>{cells}</table:table-row>{empty}</table:table>')
    document = read(data, "t.ods", limits=Limits())
    assert lines(document) == ["Rate | 12.5% | 2024-05-06"]
    assert places(document) == ["T", "T!A1:C1"]


def test_an_encrypted_ods_needs_a_password() -> None:
    manifest = '<manifest><file-entry full-path="content.xml"><encryption-data/></file-entry></manifest>'
    with pytest.raises(Encrypted):
        read(ods("", manifest=manifest), "t.ods", limits=Limits())


def test_a_binary_workbook_that_is_none_is_malformed() -> None:
    with pytest.raises(Malformed):
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "old.xls", limits=Limits())


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not there")
def test_the_same_sheet_reads_the_same_in_three_formats() -> None:
    found = {}
    for path in (
        SHARED / "xlsx" / "testEXCEL.xlsx",
        SHARED / "xls" / "testEXCEL.xls",
        SHARED / "xls" / "testEXCEL_5.xls",
    ):
        document = read(path.read_bytes(), path.name, limits=Limits())
        found[path.name] = document.text
    assert len(set(found.values())) == 1
    assert "Number: 15 | Square: 225" in found["testEXCEL.xls"]


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not there")
@pytest.mark.parametrize(
    ("name", "place", "text"),
    [
        ("testEXCEL_textbox.xls", "Sheet1", "this is some autoshape text"),
        ("testComment.xls", "Sheet1!A1", "Author:\nHere is a comment"),
        ("legacy_sample.xls", "Duck Observations!B5:C5", "Year: 2019 | Freshwater Ducks: 120"),
    ],
)
def test_of_an_old_workbook_text_boxes_comments_and_places_are_read(name: str, place: str, text: str) -> None:
    document = read((SHARED / "xls" / name).read_bytes(), name, limits=Limits())
    assert (place, text) in [(b.place, document.text[b.start : b.end]) for b in document.blocks]


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not there")
def test_an_old_workbook_under_a_password_is_encrypted() -> None:
    name = "testEXCEL_protected_passtika.xls"
    with pytest.raises(Encrypted):
        read((SHARED / "xls" / name).read_bytes(), name, limits=Limits())
