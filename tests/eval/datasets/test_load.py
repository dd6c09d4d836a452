from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.datasets.load import load_dataset
from rag.errors import InvalidRequest, Malformed, NotFound
from rag.types import Span


def write(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def squad(*paragraphs: dict[str, Any]) -> dict[str, Any]:
    return {"version": "1.1", "data": [{"title": "T", "paragraphs": list(paragraphs)}]}


def asked(name: str, answers: list[tuple[str, int]], **more: object) -> dict[str, Any]:
    rows = [{"text": text, "answer_start": start} for text, start in answers]
    return {"id": name, "question": f"What of {name}?", "answers": rows, **more}


def test_a_squad_answer_is_a_span_of_its_paragraph(tmp_path: Path) -> None:
    content = squad({"context": "It gave up 308 points.", "qas": [asked("q1", [("308", 11), ("308 points", 11)])]})
    dataset = load_dataset(f"squad:{write(tmp_path / 's.json', content)}")
    (question,), (paragraph,) = dataset.questions, dataset.paragraphs
    assert question.answers == ("308", "308 points")
    assert question.gold == {paragraph.id}
    assert [support.span and support.span.of(paragraph.text) for support in question.supports] == ["308", "308 points"]


def test_paragraphs_that_read_the_same_are_one_document(tmp_path: Path) -> None:
    first = {"context": "The same.", "qas": [asked("q1", [("same", 4)])]}
    again = {"context": "The same.", "qas": [asked("q2", [("same", 4)])]}
    dataset = load_dataset(f"squad:{write(tmp_path / 's.json', squad(first, again))}")
    assert len(dataset.paragraphs) == 1
    assert dataset.questions[0].gold == dataset.questions[1].gold


def test_an_answer_that_stands_elsewhere_is_found_and_said(tmp_path: Path) -> None:
    content = squad({"context": "one two one", "qas": [asked("q1", [("one", 7)])]})
    dataset = load_dataset(f"squad:{write(tmp_path / 's.json', content)}")
    assert dataset.questions[0].supports[0].span == Span(8, 11)  # the nearer of the two
    assert "not at 7" in dataset.mended[0].reason


def test_a_question_whose_answer_stands_nowhere_is_skipped_by_name(tmp_path: Path) -> None:
    content = squad({"context": "one two", "qas": [asked("q1", [("three", 0)]), asked("q2", [("one", 0)])]})
    dataset = load_dataset(f"squad:{write(tmp_path / 's.json', content)}")
    assert [question.id for question in dataset.questions] == ["q2"]
    assert [(remark.item, "none of its answers" in remark.reason) for remark in dataset.skipped] == [("q1", True)]


def test_an_impossible_question_of_squad_2_is_unanswerable(tmp_path: Path) -> None:
    content = squad({"context": "one two", "qas": [asked("q1", [], is_impossible=True, plausible_answers=[])]})
    (question,) = load_dataset(f"squad:{write(tmp_path / 's.json', content)}").questions
    assert not question.answerable
    assert question.gold == frozenset()


def test_a_second_question_of_the_same_id_is_skipped(tmp_path: Path) -> None:
    content = squad({"context": "one two", "qas": [asked("q1", [("one", 0)]), asked("q1", [("two", 4)])]})
    dataset = load_dataset(f"squad:{write(tmp_path / 's.json', content)}")
    assert len(dataset.questions) == len(dataset.skipped) == 1


def test_cmrc_s_older_list_form_reads_as_its_newer_one(tmp_path: Path) -> None:
    rows = [
        {
            "context_id": "TRIAL_800",
            "context_text": "生命数耗完即算为踢爆。",
            "title": "泡泡战士",
            "qas": [{"query_id": "Q0", "query_text": "生命数耗完即算为什么？", "answers": ["踢爆"]}],
        }
    ]
    (question,) = load_dataset(f"squad:{write(tmp_path / 'c.json', rows)}").questions
    assert question.language == "zh"
    assert question.supports[0].span == Span(8, 10)


def test_decomposed_text_is_read_as_nfc_and_its_offsets_follow(tmp_path: Path) -> None:
    content = squad({"context": "Cafe\u0301 in Paris", "qas": [asked("q1", [("Paris", 9)])]})
    dataset = load_dataset(f"squad:{write(tmp_path / 's.json', content)}")
    assert dataset.paragraphs[0].text == "Café in Paris"
    assert dataset.questions[0].supports[0].span == Span(8, 13)


def test_a_limit_keeps_every_document(tmp_path: Path) -> None:
    first = {"context": "one", "qas": [asked("q1", [("one", 0)])]}
    second = {"context": "two", "qas": [asked("q2", [("two", 0)])]}
    dataset = load_dataset(f"squad:{write(tmp_path / 's.json', squad(first, second))}").limited(1)
    assert (len(dataset.questions), len(dataset.paragraphs)) == (1, 2)


def qa_folder(tmp_path: Path, *rows: dict[str, Any]) -> Path:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.txt").write_text("Alignment is a process.", encoding="utf-8")
    (tmp_path / "gold").mkdir()
    file = tmp_path / "gold" / "qa.jsonl"
    # U+2028 may stand bare in JSON: it ends no line of the file
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n", encoding="utf-8")
    return file


def qa_row(name: str, *files: str) -> dict[str, Any]:
    support = [{"file": file, "quote": "Alignment is a process."} for file in files]
    return {"id": name, "question": "What\u2028is it?", "lang": "en", "type": "fact", "answers": [], "support": support}


def test_qa_rows_ask_about_the_seeds_beside_their_folder(tmp_path: Path) -> None:
    file = qa_folder(tmp_path, qa_row("q1", "a.txt"), qa_row("q2"))
    dataset = load_dataset(f"qa:{file}")
    assert dataset.folder == tmp_path / "seeds"
    assert [question.answerable for question in dataset.questions] == [True, False]


def test_a_qa_row_about_a_file_that_is_not_there_is_skipped_by_name(tmp_path: Path) -> None:
    dataset = load_dataset(f"qa:{qa_folder(tmp_path, qa_row('q1', 'gone.txt'))}")
    assert "gone.txt" in dataset.skipped[0].reason


def test_a_broken_qa_row_is_named_by_its_line(tmp_path: Path) -> None:
    file = qa_folder(tmp_path, qa_row("q1", "a.txt"), {"id": "q2"})
    with pytest.raises(Malformed, match=r"qa\.jsonl:2 .*question"):
        load_dataset(f"qa:{file}")


def test_forms_that_cannot_be_read_are_refused_clearly(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"corpus\.jsonl"):
        load_dataset(f"beir:{tmp_path}")
    with pytest.raises(InvalidRequest, match="names no dataset"):
        load_dataset("xquad.en.json")
    with pytest.raises(NotFound):
        load_dataset(f"squad:{tmp_path / 'absent.json'}")
    with pytest.raises(Malformed, match="not in the form of SQuAD"):
        load_dataset(f"squad:{write(tmp_path / 's.json', {'rows': []})}")


@pytest.mark.parametrize(
    ("name", "paragraphs", "questions"),
    [
        ("xquad/xquad.en.json", 240, 1190),
        ("xquad/xquad.zh.json", 240, 1190),
        ("drcd/DRCD_dev.json", 1000, 3524),
        ("cmrc2018/cmrc2018_trial.json", 256, 1002),
    ],
)
def test_the_public_sets_are_read_whole(name: str, paragraphs: int, questions: int, shared: Path) -> None:
    file = shared / "data" / name
    dataset = load_dataset(f"squad:{file}")
    assert len(dataset.paragraphs) == paragraphs
    assert len(dataset.questions) + len(dataset.skipped) == questions
    assert all("the question is empty" in remark.reason for remark in dataset.skipped)  # two of CMRC's
