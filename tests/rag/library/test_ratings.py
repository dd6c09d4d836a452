"""rag.library.ratings, feedback and sheets: what people say stays, whoever says it at the same time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rag.errors import Conflict, LibraryDamaged, LibraryMismatch, NotFound
from rag.library import feedback as module
from rag.library.feedback import Feedback
from rag.library.ratings import FILE_NAME, Ratings
from rag.library.sheets import Item, Progress, Rated, Sheet, Sheets


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Ratings]:
    with Ratings(tmp_path / "harbour") as kept:
        yield kept


def made(sheets: Sheets, name: str = "spring", count: int = 3) -> str:
    items = [Item(number, f"{{{number}}}", "{}") for number in range(1, count + 1)]
    return sheets.add(Sheet("", name, "", 1, "{}", count), items).id


def test_words_given_at_once_are_all_kept_in_order(kept: Ratings) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: Feedback(kept).add(f"{number}"), range(40)))
    rows = Feedback(kept).list(100)
    assert sorted(int(row.body) for row in rows) == list(range(40))
    assert Feedback(kept).list(100, after=rows[29].id) == rows[30:]


def test_raters_at_once_do_not_lose_each_others_words(kept: Ratings) -> None:
    sheet = made(Sheets(kept))

    def rate(number: int) -> None:
        Sheets(kept).rate(sheet, Rated(number % 3 + 1, f"rater {number // 3}", "", False, "{}"))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(rate, range(30)))
    assert len(Sheets(kept).ratings(sheet)) == 30
    assert Sheets(kept).progress(sheet, "rater 4") == Progress(3, 3, 0)


def test_an_older_word_does_not_take_the_place_of_a_newer_one(kept: Ratings) -> None:
    sheets = Sheets(kept)
    sheet = made(sheets)
    for at, body in (("2026-02", "newer"), ("2026-01", "older")):
        sheets.rate(sheet, Rated(1, "Ada", at, False, body))
    assert [one.body for one in sheets.ratings(sheet)] == ["newer"]


def test_a_sheet_goes_with_its_ratings_and_leaves_nothing_on_the_disk(kept: Ratings, tmp_path: Path) -> None:
    sheets = Sheets(kept)
    sheet, other = made(sheets), made(sheets, "autumn")
    sheets.rate(sheet, Rated(1, "Ada", "", False, "unmistakable-words"))
    sheets.remove(sheet)
    assert [one.id for one in sheets.every()] == [other]
    for file in (tmp_path / "harbour").glob(f"{FILE_NAME}*"):
        assert b"unmistakable-words" not in file.read_bytes()
    with pytest.raises(NotFound, match="harbour"):
        sheets.get(sheet)


def test_a_sheet_is_whole_or_not_there(kept: Ratings) -> None:
    sheets = Sheets(kept)
    with pytest.raises(Conflict, match="0 items"):
        made(sheets, count=0)
    assert sheets.every() == []
    made(sheets)
    with pytest.raises(Conflict, match="already"):
        made(sheets)


def test_there_is_an_end_to_what_is_kept(kept: Ratings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    for _ in range(2):
        Feedback(kept).add("x")
    with pytest.raises(Conflict, match="2 words"):
        Feedback(kept).add("x")


def test_to_look_for_something_makes_no_file(kept: Ratings, tmp_path: Path) -> None:
    assert Sheets(kept).every() == []
    assert Feedback(kept).list(10) == []
    Feedback(kept).remove_of("c")
    assert not (tmp_path / "harbour").exists()


def test_a_file_of_another_version_or_none_at_all_is_refused(tmp_path: Path) -> None:
    with Ratings(tmp_path) as kept:
        Feedback(kept).add("x")
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with Ratings(tmp_path) as kept, pytest.raises(LibraryMismatch, match="schema 99"):
        Feedback(kept).list(1)
    (tmp_path / FILE_NAME).write_bytes(b"no database" * 100)
    with Ratings(tmp_path) as kept, pytest.raises(LibraryDamaged) as told:
        Feedback(kept).list(1)
    assert "nothing else" in told.value.hint
