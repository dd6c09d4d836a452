"""Whatever a grid looks like, each of its cells is written, in order and in its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.read.limits import Limits
from ingest.read.sheets.grid import Merge, Row, column_letters, write_grid
from ingest.read.sheets.headers import find_header, is_number
from ingest.read.writer import DocumentWriter
from rag.errors import NoText
from rag.types import Document


def written(rows: list[Row], merges: tuple[Merge, ...] = ()) -> Document:
    writer = DocumentWriter()
    write_grid(writer, rows, lambda row, first, last: f"{row}:{first}-{last}", name="a", limits=Limits(), merges=merges)
    return writer.finish("a.xlsx", "test")


texts = st.sampled_from(
    ["Name", "Amount", "north", "south", "a longer text of some words.", "x:", "2024", "7", "12.5%", "-"]
)
rows_of_cells = st.lists(st.dictionaries(st.integers(0, 9), texts, max_size=6), max_size=14)


@given(rows_of_cells)
@settings(max_examples=150, deadline=None)
def test_every_cell_comes_out(rows: list[dict[int, str]]) -> None:
    grid = [Row(number, cells) for number, cells in enumerate(rows, start=1) if cells]
    try:
        document = written(grid)
    except NoText:
        assert not grid
        return
    found = Counter(" ".join(document.text.replace("|", " ").replace(": ", " ").split()).split())
    for row in grid:
        for cell in row.cells.values():
            for word in cell.rstrip(":").split():
                assert found[word] or found[f"{word}:"], (word, document.text)


@given(rows_of_cells)
@settings(max_examples=100, deadline=None)
def test_no_row_is_written_twice(rows: list[dict[int, str]]) -> None:
    grid = [
        Row(number, {c: f"{text} r{number}c{c}" for c, text in cells.items()}) for number, cells in enumerate(rows, 1)
    ]
    grid = [row for row in grid if row.cells]
    if not grid:
        return
    places = [block.place for block in written(grid).blocks]
    assert len(places) == len(set(places))


def test_a_long_table_keeps_its_header_past_the_sample() -> None:
    rows = [Row(1, {0: "Part", 1: "Price"}), *(Row(n, {0: f"part {n}", 1: str(n)}) for n in range(2, 2500))]
    document = written(rows)
    assert document.text.endswith("Part: part 2499 | Price: 2499")


def test_cells_here_and_there_take_no_time() -> None:
    rows = [Row(number, dict.fromkeys(range(0, 4000, 2), "7")) for number in range(1, 60)]
    assert len(written(rows).blocks) == 59


@pytest.mark.parametrize(("column", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (16_383, "XFD")])
def test_columns_have_letters(column: int, letters: str) -> None:
    assert column_letters(column) == letters


@pytest.mark.parametrize(
    "cell",
    [
        "3",
        "-3.5",
        "1,234.56",
        "1 234,5",
        "12 %",
        "$5",
        "€ 7.50",
        "2024-05-06",
        "06.05.2024",
        "8:30",
        "1.5e-7",
        "—",
        "TRUE",
    ],
)
def test_numbers_dates_and_marks_for_nothing_are_figures(cell: str) -> None:
    assert is_number(cell)


@pytest.mark.parametrize("cell", ["north", "M8", "3 bolts", "Q1 sales", "第一章", "1. Introduction"])
def test_words_are_no_figures(cell: str) -> None:
    assert not is_number(cell)


TEAMS = [{0: f"player {number}", 1: ("red", "blue")[number % 2]} for number in range(8)]


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ([{0: "Part", 1: "Price"}, {0: "Bolt", 1: "2"}], {0: "Part", 1: "Price"}),
        ([{0: "Zone", 1: "2023", 2: "2024"}, {0: "N", 1: "7", 2: "8"}], {0: "Zone", 1: "2023", 2: "2024"}),
        ([{0: "Bolt", 1: "2"}, {0: "Nut", 1: "3"}], None),
        ([{0: "Name", 1: "Mei"}, {0: "City", 1: "Ulm"}, {0: "Team", 1: "Red"}], None),
        ([{0: "Name:", 1: "Mei", 2: "x"}, {0: "City:", 1: "Ulm", 2: "y"}], None),
        ([{0: "a", 1: "b", 2: "c"}], None),
        ([{0: "Name", 1: "Team"}, *TEAMS], {0: "Name", 1: "Team"}),
    ],
)
def test_a_header_is_told_from_a_row(rows: list[dict[int, str]], names: Mapping[int, str] | None) -> None:
    header = find_header(rows, {})
    assert (None if header is None else header.names) == names
