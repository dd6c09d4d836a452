"""Of what a killed run left, what is whole is kept."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.folder.journal import Journal, whole
from eval.folder.names import ANSWERS, QUESTIONS
from eval.folder.read import read_answers, read_records
from eval.record import Record
from tests.eval.folder.records import answered, failed

ASKED = ["q1", "q2", "问3", "q4"]
RECORDS = [answered("q1"), failed("q2"), answered("问3"), answered("q4")]


def write(folder: Path, records: list[Record] = RECORDS) -> None:
    with Journal(folder) as journal:
        for record in records:
            journal.add(record, {"answer": f"about {record.id}\u2028\udc80"} if record.answered else None)


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    write(tmp_path)
    assert read_records(tmp_path) == whole(tmp_path, ASKED) == RECORDS
    assert [row["id"] for row in read_answers(tmp_path)] == ["q1", "问3", "q4"]
    assert next(read_answers(tmp_path))["answer"] == "about q1\u2028\udc80"


def test_a_folder_without_questions_begins_at_the_first(tmp_path: Path) -> None:
    assert whole(tmp_path, ASKED) == []


@given(answers=st.integers(0, 2000), questions=st.integers(0, 8000))
def test_wherever_the_files_were_cut_what_is_kept_is_in_step_and_goes_on(
    tmp_path_factory: pytest.TempPathFactory, answers: int, questions: int
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    write(folder)
    for name, size in ((ANSWERS, answers), (QUESTIONS, questions)):
        os.truncate(folder / name, min(size, (folder / name).stat().st_size))
    kept = whole(folder, ASKED)
    assert kept == RECORDS[: len(kept)]
    write(folder, RECORDS[len(kept) :])
    assert read_records(folder) == RECORDS
    assert [row["id"] for row in read_answers(folder)] == ["q1", "问3", "q4"]


def test_an_answer_whose_record_was_not_written_is_dropped(tmp_path: Path) -> None:
    write(tmp_path, RECORDS[:1])
    with (tmp_path / ANSWERS).open("a", encoding="utf-8") as file:
        file.write(json.dumps({"id": "问3", "answer": "early"}) + "\n")
    assert whole(tmp_path, ASKED) == RECORDS[:1]
    assert [row["id"] for row in read_answers(tmp_path)] == ["q1"]


@pytest.mark.parametrize("line", ["{", "[]", '{"id": "q2"}', '{"id": "q9"}', "\x00\x00"])
def test_what_follows_a_line_that_is_no_record_is_asked_again(tmp_path: Path, line: str) -> None:
    write(tmp_path)
    lines = (tmp_path / QUESTIONS).read_text("utf-8").splitlines()
    (tmp_path / QUESTIONS).write_text("\n".join([lines[0], line, *lines[2:]]) + "\n", encoding="utf-8")
    assert whole(tmp_path, ASKED) == RECORDS[:1]


def test_records_of_other_questions_are_not_believed(tmp_path: Path) -> None:
    write(tmp_path)
    assert whole(tmp_path, ["q1", "q9", "问3"]) == RECORDS[:1]


def test_a_full_disk_is_named_and_what_was_whole_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, RECORDS[:2])
    really = os.write

    def full(descriptor: int, data: bytes) -> int:
        if len(data) > 20:
            return really(descriptor, data[:20])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match=r"No space left on device: .*answers\.jsonl"):
        write(tmp_path, RECORDS[2:])
    monkeypatch.undo()
    assert whole(tmp_path, ASKED) == RECORDS[:2]


def test_a_figure_that_is_not_a_number_is_refused(tmp_path: Path) -> None:
    row: dict[str, Any] = {"answer": float("nan")}
    with Journal(tmp_path) as journal, pytest.raises(ValueError, match="not JSON compliant"):
        journal.add(answered("q1"), row)
