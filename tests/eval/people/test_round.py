"""A rating round from the runs' folders to what it says, and a sheet's way through a file."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import footnote
from eval.people.prepare import prepare
from eval.people.results import agreements, results, sign_test
from eval.people.rows import FORMULA, read_lines, read_store, take_in, write_lines, write_table
from eval.record import Record
from rag.errors import Conflict, InvalidRequest, Malformed, NotFound
from rag.library.ratings import Ratings
from rag.library.sheets import Rated, Sheet, Sheets
from rag.wire_ratings import RatingBody, RatingsIn, ShownItem

COUNT = 10


def run_folder(folder: Path, says: str, *, lacking: tuple[int, ...] = ()) -> Path:
    folder.mkdir(parents=True)
    records = [
        Record(
            id=f"q{n}",
            question=f"问题{n}？",
            language="zh",
            kind="",
            answerable=True,
            told=True,
            scores={},
            unit=f"d{n // 2}",
            answers=(f"right {n}",),
        )
        for n in range(COUNT)
    ]
    cited = {"mark": 1, "title": "手册", "source": "h.md", "page": 3, "quote": "原文"}
    answers = [
        {
            "id": f"q{n}",
            "answer": f"{says} {n} [1]",
            "refused": False,
            "citations": [cited, {**cited, "quote": "later"}],
        }
        for n in range(COUNT)
        if n not in lacking
    ]
    for name, rows in (("questions.jsonl", [record.row() for record in records]), ("answers.jsonl", answers)):
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    return [run_folder(tmp_path / "runs" / name, f"by {name}") for name in ("old", "new")]


@pytest.fixture
def sheets(tmp_path: Path) -> Iterator[Sheets]:
    with Ratings(tmp_path / "data" / "default") as kept:
        yield Sheets(kept)


def made(sheets: Sheets, runs: list[Path], name: str = "spring", **options: Any) -> Sheet:
    prepared = prepare(runs, name, **options)
    return sheets.add(prepared.sheet, prepared.items)


def rate_all(sheets: Sheets, sheet: Sheet, rater: str, *, fine: str = "by new") -> None:
    """Give what the fine run says 5 and prefer it; give the other 2."""
    for item in sheets.items(sheet.id):
        shown = ShownItem.model_validate_json(item.body)
        sides = [RatingsIn(correct=5 if one.answer.startswith(fine) else 2) for one in shown.answers]
        better = "left" if shown.answers[0].answer.startswith(fine) else "right"
        body = RatingBody(sides=sides, preference=better if len(sides) > 1 else None)
        sheets.rate(sheet.id, Rated(item.position, rater, "", False, body.model_dump_json()))


def test_a_rater_is_shown_nothing_by_which_to_tell_the_runs(sheets: Sheets, runs: list[Path]) -> None:
    sheet = made(sheets, runs)
    item = ShownItem.model_validate_json(sheets.item(sheet.id, 1).body)
    assert len(item.answers) == 2
    assert [note.quote for note in item.answers[0].notes] == ["原文"], "a mark names one quote"
    assert set(item.answers[0].model_dump()) == {"answer", "refused", "notes"}


def test_each_run_stands_on_the_left_half_of_the_time_and_the_seed_decides(sheets: Sheets, runs: list[Path]) -> None:
    prepared = prepare(runs, "a", seed=4)
    lefts = [json.loads(item.hidden)["order"][0] for item in prepared.items]
    assert sum(lefts) == COUNT // 2
    assert prepare(runs, "a", seed=4) == prepared
    assert prepare(runs, "a", seed=5).items != prepared.items
    assert len(prepare(runs, "a", limit=3).items) == 3


def test_what_one_run_has_no_answer_to_is_left_out_and_counted(tmp_path: Path, runs: list[Path]) -> None:
    short = run_folder(tmp_path / "short", "by short", lacking=(1, 2))
    assert (prepare([runs[0], short], "a").left_out, prepare(runs, "a").left_out) == (2, 0)
    none = run_folder(tmp_path / "none", "by none", lacking=tuple(range(COUNT)))
    with pytest.raises(InvalidRequest, match="no question"):
        prepare([runs[0], none], "a")
    with pytest.raises(InvalidRequest, match="twice"):
        prepare([runs[0], runs[0]], "a")
    with pytest.raises(NotFound):
        prepare([tmp_path / "nowhere"], "a")


def test_results_know_which_answer_was_of_which_run(sheets: Sheets, runs: list[Path]) -> None:
    sheet = made(sheets, runs)
    for rater in ("Ada", "Bob"):
        rate_all(sheets, sheet, rater)
    sheets.rate(sheet.id, Rated(1, "Cy", "", True, RatingBody(skipped=True).model_dump_json()))
    found = results(read_store(sheets, "spring"))
    assert found["runs"]["new"]["correct"] == {"mean": 5.0, "low": 5.0, "high": 5.0, "items": COUNT}
    assert found["runs"]["old"]["correct"]["mean"] == 2.0
    assert found["runs"]["old"]["readable"]["mean"] is None
    assert found["preference"]["items"] == {"old": 0, "new": COUNT, "neither": 0}
    assert found["preference"]["words"]["new"] == 2 * COUNT
    assert found["preference"]["left"] == 0.5
    assert found["preference"]["p"] == pytest.approx(2 / 2**COUNT)
    assert (found["ratings"], found["skipped"], found["raters"]) == (2 * COUNT, 1, ["Ada", "Bob", "Cy"])
    agreed = agreements(read_store(sheets, "spring"))["agreement"]
    assert agreed["correct"]["alpha"] == pytest.approx(1)
    assert agreed["preference"]["alpha"] == pytest.approx(1)
    assert (agreed["readable"]["alpha"], bool(agreed["readable"]["why"])) == (None, True)


def test_a_sheet_nobody_has_rated_says_so_without_numbers(sheets: Sheets, runs: list[Path]) -> None:
    made(sheets, runs[:1])
    whole = read_store(sheets, "spring")
    assert results(whole)["runs"]["old"]["correct"]["mean"] is None
    assert agreements(whole)["agreement"]["correct"]["alpha"] is None
    assert "preference" not in results(whole)


@pytest.mark.parametrize(("wins", "losses", "p"), [(0, 0, None), (5, 5, 1.0), (1, 0, 1.0), (9, 1, 0.021484375)])
def test_a_sign_test_is_that_of_a_fair_coin(wins: int, losses: int, p: float | None) -> None:
    assert sign_test(wins, losses) == sign_test(losses, wins) == p


def test_a_sheet_goes_through_a_file_into_another_folder_and_says_the_same(
    sheets: Sheets, runs: list[Path], tmp_path: Path
) -> None:
    sheet = made(sheets, runs)
    rate_all(sheets, sheet, "Ada")
    rate_all(sheets, sheet, "Bob", fine="by old")
    whole = read_store(sheets, "spring")
    file = tmp_path / "spring.jsonl"
    write_lines(whole, file)
    with Ratings(tmp_path / "other" / "default") as kept:
        other = Sheets(kept)
        assert take_in(other, read_lines(file)) == (2 * COUNT, 2 * COUNT)
        assert take_in(other, read_lines(file)) == (2 * COUNT, 0)
        again = read_store(other, "spring")
        assert again == whole
        assert agreements(again) == agreements(whole)
        rate_all(other, sheet, "Ada", fine="by old")  # later than what the file says
        take_in(other, read_lines(file))
        assert agreements(read_store(other, "spring"))["agreement"]["correct"]["alpha"] == pytest.approx(1)


def test_another_sheet_of_the_same_name_or_id_is_not_mixed_with_it(
    sheets: Sheets, runs: list[Path], tmp_path: Path
) -> None:
    made(sheets, runs)
    file = tmp_path / "spring.jsonl"
    write_lines(read_store(sheets, "spring"), file)
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([lines[0], *(line.replace("by new", "by hand") for line in lines[1:])]), encoding="utf-8")
    with pytest.raises(Conflict, match="other items"):
        take_in(sheets, read_lines(file))
    with pytest.raises(Conflict, match="already"):
        made(sheets, runs)


SPOILT: list[tuple[int, str, str]] = [
    (3, "not json", "JSON"),
    (3, '{"kind": "item"}', "position"),
    (3, '{"kind": "surprise"}', "surprise"),
    (12, '{"kind": "rating", "position": 99, "rater": "A", "at": "", "skipped": true}', "no item 99"),
    (
        12,
        '{"kind": "rating", "position": 1, "rater": "A", "at": "", "sides": [{"correct": 7}, {}]}',
        "less than or equal",
    ),
    (12, '{"kind": "rating", "position": 1, "rater": "A", "at": "", "sides": [{"correct": 5}]}', "1 rows"),
    (1, '{"kind": "rating", "position": 1, "rater": "A", "at": "", "skipped": true}', "first line"),
]


@pytest.mark.parametrize(("number", "line", "why"), SPOILT)
def test_a_line_that_is_wrong_is_named(
    sheets: Sheets, runs: list[Path], tmp_path: Path, number: int, line: str, why: str
) -> None:
    made(sheets, runs)
    file = tmp_path / "spring.jsonl"
    write_lines(read_store(sheets, "spring"), file)
    lines = file.read_text(encoding="utf-8").splitlines()
    lines[number - 1 : number] = [line]
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(Malformed, match=f":{number}: .*{why}"):
        read_lines(file)


def test_no_cell_of_the_table_is_a_formula(sheets: Sheets, runs: list[Path], tmp_path: Path) -> None:
    sheet = made(sheets, runs)
    for position, sign in enumerate(FORMULA, 1):
        body = RatingBody(sides=[RatingsIn(correct=1), RatingsIn()], preference="left", comment=f"x{sign}").model_copy(
            update={"comment": f'{sign}HYPERLINK("http://example.com")'}
        )
        sheets.rate(sheet.id, Rated(1, f"{sign.strip()}{position}Ada", "", False, body.model_dump_json()))
    file = tmp_path / "spring.csv"
    whole = read_store(sheets, "spring")
    write_table(whole, file)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 2 * len(FORMULA)
    assert not [cell for row in rows for cell in row.values() if cell.lstrip(" ").startswith(FORMULA)]
    assert {row["run"] for row in rows} == {"old", "new"}
    assert {row["preferred"] for row in rows} == {"yes", "no"}


def test_the_verbs_make_list_and_remove_a_sheet(
    runs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*words: str) -> str:
        code = footnote.main(["eval", "people", *words, "--data", str(tmp_path / "data")])
        told = capsys.readouterr().out
        assert code == 0, told
        return told

    told = json.loads(run("prepare", *map(str, runs), "--name", "spring", "--limit", "4", "--json"))
    assert (told["items"], told["sides"], told["alike"]) == (4, 2, 0)
    assert json.loads(run("list", "--json"))["sheets"][0]["name"] == "spring"
    assert json.loads(run("results", "spring", "--json"))["rated"] == 0
    assert "nothing was rated" in run("agreement", "spring")
    assert "0 of 4" in run("results", "spring")
    run("export", "spring", "--out", str(tmp_path / "x.jsonl"))
    run("remove", "spring", "--yes")
    assert "4 items" in run("import", str(tmp_path / "x.jsonl"))
