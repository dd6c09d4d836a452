"""What is missing of a file's words is told apart from what is set aside."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.bench.first_reading import FirstReading, as_often_as_it_stood, first_reading
from eval.bench.second_reading import Reading, cell_text, workbook
from eval.bench.text_recall import Row, compared, measure, refused, totals, worst, worst_files
from ingest.read import Limits


def test_a_word_that_was_dropped_is_set_aside_and_not_missing() -> None:
    second = Reading(("首页 正文 lost",))
    row = compared("页.html", second, FirstReading(text="正文", read="正文", dropped="首页"))
    assert (row.words, row.missing, row.set_aside, row.examples) == (5, 1, 2, ("lost",))


def test_what_cleaning_takes_away_is_set_aside() -> None:
    row = compared("a.docx", Reading(("body Share this",)), FirstReading("body", "body\nShare this", ""))
    assert (row.missing, row.set_aside) == (0, 2)


def test_what_cleaning_mends_is_found() -> None:
    row = compared("a.html", Reading(("café",)), FirstReading("café", "cafÃ©", ""))
    assert row.missing == 0


def test_words_that_end_elsewhere_are_found_and_counted_apart() -> None:
    row = compared("a.docx", Reading(("retrieval 检索",)), FirstReading("retri eval 检索", "retri eval 检索", ""))
    assert (row.missing, row.parted) == (0, 1)


def test_the_kinder_of_two_texts_is_compared() -> None:
    row = compared("a.pdf", Reading(("w x y", "words")), FirstReading("words", "words", ""))
    assert (row.words, row.missing) == (1, 0)


def test_numbers_count_as_words_and_are_found_by_value() -> None:
    row = compared(
        "a.xlsx", Reading(("Price",), (0.5, 1000.0, 7.0)), FirstReading("Price: 50%", "Price: 50% | 1,000", "")
    )
    assert (row.words, row.missing, row.set_aside, row.examples) == (4, 1, 1, ("7",))


def test_a_file_that_is_refused_lacks_every_word() -> None:
    row = refused("a.docx", Reading(("三 words",), (1.0,)), "Malformed")
    assert (row.words, row.missing, row.share) == (3, 3, 1.0)


def test_running_lines_count_as_often_as_they_stood() -> None:
    rows = [{"reason": "running line on 3 pages", "text": "Annual report"}, {"reason": "menu", "text": "Home"}]
    assert list(as_often_as_it_stood(rows)) == ["Annual report"] * 3 + ["Home"]


def test_the_worst_are_told_by_share_and_files_of_few_words_last() -> None:
    rows = [Row("tiny", 2, 2, 0, ()), Row("whole", 50, 0, 0, ()), Row("half", 50, 25, 0, ()), Row("bad", 50, 40, 0, ())]
    assert [row.file for row in worst(rows)] == ["bad", "half", "tiny"]


def test_totals_weigh_words_and_the_median_files() -> None:
    found = totals([Row("a", 90, 0, 0, ()), Row("b", 10, 10, 0, ()), Row("c", 0, 0, 0, ())])
    assert (found["share"], found["median_share"], found["files_within"]) == (0.1, 0.0, 2)


def test_all_that_a_page_drops_is_kept_however_long(monkeypatch: pytest.MonkeyPatch) -> None:
    from ingest.read import html_furniture

    monkeypatch.setattr(html_furniture, "MAX_CHARACTERS", 5)
    monkeypatch.setattr(html_furniture, "MAX_ROWS", 5)
    menu = " ".join(f"item{number}" for number in range(200))
    page = f"<body><nav><a href='/'>{menu}</a></nav><p>{'A sentence of the page itself. ' * 9}</p></body>"
    reading = first_reading(page.encode(), "page.html", Limits())
    assert "item199" in reading.dropped
    assert "item" not in reading.text


@pytest.mark.parametrize(
    ("cell", "number_format", "text"),
    [(True, "General", "TRUE"), ("检索", "@", "检索")],
)
def test_cells_are_written_as_the_reader_writes_them(cell: object, number_format: str, text: str) -> None:
    assert cell_text(cell, number_format) == text


def test_of_a_date_those_parts_are_compared_that_its_format_shows() -> None:
    from datetime import datetime

    moment = datetime(2024, 2, 29, 18, 15)  # noqa: DTZ001  (cells have no zone)
    assert cell_text(moment, "yyyy-mm-dd").split() == ["2024-02-29"]
    assert cell_text(moment, "h:mm AM/PM").split() == ["18:15"]
    assert cell_text(moment, '"day" h:mm').split() == ["18:15"]
    assert cell_text(moment, "yyyy/m/d h:mm").split() == ["2024-02-29", "18:15"]


def test_a_workbook_is_compared_cell_by_cell(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    book = openpyxl.Workbook()
    book.active.title = "价格"
    book.active.append(["品名", "Price", "Share"])
    book.active.append(["茶叶", 1234.5, 0.25])
    book.active["C2"].number_format = "0%"
    book.create_sheet("Blank")
    book.save(tmp_path / "a.xlsx")
    reading = workbook((tmp_path / "a.xlsx").read_bytes(), "a.xlsx", Limits())
    assert (sorted(reading.numbers), "Blank" in reading.texts[0]) == ([0.25, 1234.5], False)
    mine = first_reading((tmp_path / "a.xlsx").read_bytes(), "a.xlsx", Limits())
    assert compared("a.xlsx", reading, mine).missing == 0


def test_files_that_the_other_program_cannot_read_are_left_out_and_named(tmp_path: Path) -> None:
    from eval.bench.second_reading import Second

    (tmp_path / "a.html").write_text("<p>hello</p>", encoding="utf-8")
    second = Second("HTML", "nobody", lambda _files: {})
    result = measure("text/html", [tmp_path / "a.html"], second, tmp_path)
    assert (result["files"], result["left_out"]) == (0, ["a.html"])
    assert any("left out, for the other program fails: 1" in line for line in worst_files([result]))


def test_what_is_not_installed_is_named() -> None:
    from eval.bench.second_reading import Second

    second = Second("X", "x", lambda _files: {}, needs=("no-such-program",), modules=("no_such_module", "json"))
    assert list(second.lacks()) == ["no-such-program", "no_such_module"]
