"""eval.table: questions from a sheet that a person keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.datasets.load import load_dataset
from eval.questions import Dataset
from rag.errors import InvalidRequest, Malformed


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    (folder / "rules").mkdir(parents=True)
    for name in ("leave.txt", "rules/休假.txt"):
        (folder / name).write_text("Staff have 25 days.", encoding="utf-8")
    return folder


def load(documents: Path, content: str | bytes, form: str = "csv") -> Dataset:
    file = documents.parent / "questions.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return load_dataset(f"{form}:{file}", documents=documents)


def test_columns_may_stand_in_any_order(documents: Path) -> None:
    content = "answer,kind,question,file,id\n25|twenty-five,fact,How many days?,leave.txt,q7\n"
    (question,) = load(documents, content).questions
    assert (question.id, question.kind, question.answers) == ("q7", "fact", ("25", "twenty-five"))
    assert question.gold == {"leave.txt"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_chinese_sheet_is_read_however_it_was_saved(delimiter: str, encoding: str, end: str, documents: Path) -> None:
    rows = [["问题", "答案", "文件"], ["员工每年有几天休假？", "二十五天", "休假.txt"], ["谁批准病假？", "", ""]]
    content = "".join(delimiter.join(row) + end for row in rows)
    asked = load(documents, content.encode(encoding)).questions
    assert [question.text for question in asked] == [row[0] for row in rows[1:]]
    assert [question.answerable for question in asked] == [True, False]
    assert asked[0].gold == {"rules/休假.txt"}


def test_an_answer_without_a_file_is_known_to_be_there_and_nobody_says_where(documents: Path) -> None:
    (question,) = load(documents, "question,answer\nHow many days?,25\n").questions
    assert question.answerable
    assert question.unplaced
    assert question.gold == frozenset()


def test_a_cell_may_go_over_several_lines(documents: Path) -> None:
    content = 'question,answer\n"How many\ndays, in all?","25, or\n""twenty-five"""\nWho?,\n'
    first, second = load(documents, content).questions
    assert (first.text, first.answers) == ("How many\ndays, in all?", ('25, or\n"twenty-five"',))
    assert second.id == "row 5"  # the line where it begins


def test_what_is_left_out_is_named(documents: Path) -> None:
    content = (
        "question,answer,file\nHow many?,25,\n,,\n,25,\nHow many?,25,\nWhere?,here,gone.txt\nParis,France, Europe,\n\n"
        "In which country, and when?,France,leave.txt,,\n"
    )
    dataset = load(documents, content)
    assert [question.text for question in dataset.questions] == ["How many?"]
    reasons = {remark.item: remark.reason for remark in dataset.skipped}
    assert reasons["row 3"] == reasons["row 8"] == "the row is empty"
    assert reasons["row 4"] == "the question is empty"
    assert "same" in reasons["row 5"]
    assert "gone.txt" in reasons["row 6"]
    assert "leave.txt" not in reasons["row 7"]


def test_a_comma_that_was_not_quoted_is_not_cut_off_in_silence(documents: Path) -> None:
    dataset = load(documents, "question,answer\nWhere is it?,Paris, France\n")
    assert not dataset.questions
    assert "3 cells under 2 columns" in dataset.skipped[0].reason


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("question,reply\nHow?,so\n", "no column answer"),
        ("question,answer,Answer\n", "answer twice"),
        ('question,answer\nHow?,"so\n', "questions.csv:2"),
        (b"question,answer\n\x00\x01\x02\xff\xfe\x81\x00", "questions.csv"),
    ],
)
def test_what_is_no_table_of_questions_is_refused(content: str | bytes, message: str, documents: Path) -> None:
    with pytest.raises(Malformed, match=message):
        load(documents, content)


def test_the_folder_that_is_asked_about_must_be_given(documents: Path) -> None:
    load(documents, "question\tanswer\nHow?\tso\n", form="tsv")
    with pytest.raises(InvalidRequest, match="not said which documents"):
        load_dataset(f"csv:{documents.parent / 'questions.csv'}")
