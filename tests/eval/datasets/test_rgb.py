"""eval.rgb: the four parts of the set, in English and Chinese."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.datasets.load import load_dataset
from eval.judge import answer_scores
from eval.questions import Dataset
from rag.errors import Malformed
from rag.types import Answer


def load(path: Path, *rows: dict[str, Any]) -> Dataset:
    file = path / "set.json"
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n", encoding="utf-8")
    return load_dataset(f"rgb:{file}")


NOISE: dict[str, Any] = {
    "id": 0,
    "query": "When does the bridge open?",
    "answer": [["3 May 2031", "May 3, 2031"]],
    "positive": ["The bridge opens on May 3, 2031.", "Opening day is 3 May 2031.", "It opens in spring."],
    "negative": ["The tunnel is shut.", "Bridges are long."],
}
INTEGRATION = {
    "id": 1,
    "query": "两座桥分别什么时候通车？",
    "answer": ["五月三日", "六月一日"],
    "answer1": ["五月三日"],
    "positive": [["东桥五月三日通车。", "五月三日，东桥开放。"], ["西桥六月一日通车。"]],
    "negative": ["隧道已经关闭。"],
}
COUNTERFACTUAL = {
    "id": 2,
    "query": "Who built the bridge?",
    "answer": "Ada Stone",
    "fakeanswer": "Ben Wood",
    "positive": ["Ada Stone built the bridge."],
    "positive_wrong": ["Ben Wood built the bridge."],
    "negative": ["The bridge is old."],
}


def test_positives_and_negatives_are_documents_and_positives_are_right(tmp_path: Path) -> None:
    dataset = load(tmp_path, NOISE)
    (question,) = dataset.questions
    assert (question.kind, question.answers) == ("factoid", ("3 May 2031", "May 3, 2031"))
    assert len(dataset.paragraphs) == 5
    assert question.gold == {paragraph.id for paragraph in dataset.paragraphs[:3]}
    texts = {paragraph.id: paragraph.text for paragraph in dataset.paragraphs}
    found = [support.span and support.span.of(texts[support.document]) for support in question.supports]
    assert found == ["May 3, 2031", "3 May 2031", None]  # the third holds the answer in no wording that is given


def said(text: str) -> Answer:
    return Answer("?", text, (), (), refused=False, reason=None, confidence=0.9, model="extractive")


def test_all_parts_of_an_integration_are_wanted_each_in_any_wording(tmp_path: Path) -> None:
    nested = {**INTEGRATION, "id": 9, "answer": [["五月三日", "5月3日"], ["六月一日", "6月1日"]]}
    dataset = load(tmp_path, INTEGRATION, nested)
    first, second = dataset.questions
    assert {question.kind for question in dataset.questions} == {"integration"}
    assert [support.part for support in first.supports] == ["part 1", "part 1", "part 2"]
    assert answer_scores(first, said("东桥五月三日通车。西桥六月一日通车。"), {}, {})["answer.contains"] == 1.0
    assert answer_scores(first, said("东桥五月三日通车。"), {}, {})["answer.contains"] == 0.0
    assert answer_scores(second, said("6月1日，5月3日"), {}, {})["answer.contains"] == 1.0


def test_false_documents_are_kept_apart_and_named_by_their_question(tmp_path: Path) -> None:
    dataset = load(tmp_path, COUNTERFACTUAL)
    (question,), (false,) = dataset.questions, dataset.false_paragraphs
    assert (question.kind, question.wrong) == ("counterfactual", ("Ben Wood",))
    assert question.false_documents == (false.id,)
    assert false.text == "Ben Wood built the bridge."
    assert false.id not in {paragraph.id for paragraph in dataset.paragraphs}


def test_a_question_without_positives_is_to_be_refused(tmp_path: Path) -> None:
    (question,) = load(tmp_path, {**NOISE, "positive": []}).questions
    assert (question.kind, question.answerable, question.gold) == ("unanswerable", False, frozenset())


def test_documents_that_read_the_same_are_one_and_what_is_right_is_not_noise(tmp_path: Path) -> None:
    again = {**NOISE, "id": 7, "negative": [*NOISE["negative"], NOISE["positive"][0], " "]}
    dataset = load(tmp_path, NOISE, again)
    assert len(dataset.paragraphs) == 5
    assert [remark.item for remark in dataset.mended] == ["7", "7"]


def test_what_cannot_be_asked_is_named_and_its_documents_stay(tmp_path: Path) -> None:
    rows = [NOISE, {**NOISE, "query": "Another?"}, {**NOISE, "id": 3, "query": " "}, {**NOISE, "id": 4, "answer": []}]
    rows[3]["negative"] = ["Only here."]
    dataset = load(tmp_path, *rows)
    assert [(remark.item, remark.reason.split()[0]) for remark in dataset.skipped] == [
        ("0", "another"),
        ("3", "the"),
        ("4", "it"),
    ]
    assert "Only here." in {paragraph.text for paragraph in dataset.paragraphs}


@pytest.mark.parametrize("field", [{"positive": [{"text": "x"}]}, {"query": None}, {"answer": {"a": 1}}])
def test_a_row_of_another_shape_is_named_by_its_line(field: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(Malformed, match=r"set\.json:2 is not in RGB's form"):
        load(tmp_path, NOISE, {**NOISE, **field})
