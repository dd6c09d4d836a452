"""eval.feedback: what people said of answers becomes questions with known answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.datasets.load import load_dataset
from eval.questions import Dataset
from rag.errors import Malformed

QUOTE = "Staff have 25 days."


def said(verdict: str | None, **more: Any) -> dict[str, Any]:
    cited = {"document_id": "d", "source": "rules/leave.txt", "start": 0, "end": 19, "quote": QUOTE, "mark": 1}
    return {
        "id": "a1",
        "asked_at": "2026-11-22T10:00:00Z",
        "collection": "default",
        "question": "How many days of leave?",
        "answer": f"{QUOTE} [1]",
        "refused": False,
        "citations": [cited],
        "rater": None,
        "verdict": verdict,
        "ratings": {"correct": None, "complete": None, "grounded": None, "readable": None},
        "expected": None,
        "comment": None,
        **more,
    }


def load(path: Path, *rows: dict[str, Any]) -> Dataset:
    (path / "files").mkdir()
    (path / "files" / "leave.txt").write_text(QUOTE, encoding="utf-8")
    file = path / "feedback.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return load_dataset(f"feedback:{file}", documents=path / "files")


def test_what_a_right_answer_cites_is_where_the_answer_stands(tmp_path: Path) -> None:
    (question,) = load(tmp_path, said("right")).questions
    assert [(support.document, support.quote) for support in question.supports] == [("leave.txt", QUOTE)]
    assert question.answers == (QUOTE,)  # it is short


def test_a_long_answer_is_not_the_only_right_wording(tmp_path: Path) -> None:
    (question,) = load(tmp_path, said("right", answer=f"{QUOTE} Those who are new have fewer. [1]")).questions
    assert question.answers == ()
    assert question.answerable


def test_what_was_expected_instead_of_a_wrong_answer_is_right(tmp_path: Path) -> None:
    refusal = said("wrong", id="a2", question="Who approves it?", refused=True, citations=[], expected="The head")
    first, second = load(tmp_path, said("wrong", expected="26"), refusal).questions
    assert (first.answers, first.supports, first.answerable) == (("26",), (), True)
    assert (second.answers, second.answerable) == (("The head",), True)


def test_a_right_refusal_asks_for_one(tmp_path: Path) -> None:
    (question,) = load(tmp_path, said("right", refused=True, citations=[])).questions
    assert not question.answerable


def test_a_person_s_last_word_counts_and_questions_that_read_the_same_are_one(tmp_path: Path) -> None:
    dataset = load(
        tmp_path, said("right", rater="a"), said("wrong", rater="a", question="how many  days of LEAVE?", expected="26")
    )
    assert [(question.kind, question.answers) for question in dataset.questions] == [("wrong", ("26",))]


def test_the_majority_decides(tmp_path: Path) -> None:
    rows = [said("right", rater="a"), said("wrong", rater="b", expected="9"), said("right", rater="c")]
    dataset = load(tmp_path, *rows)
    assert dataset.questions[0].answers == (QUOTE,)  # what the minority expected is not right
    assert "3 judgements" in dataset.mended[0].reason


def test_an_older_answer_that_was_wrong_says_nothing_of_a_newer_one(tmp_path: Path) -> None:
    dataset = load(tmp_path, said("wrong", answer="No idea."), said("right"))
    assert dataset.questions[0].kind == "right"


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([said("right", rater="a"), said("wrong", rater="b")], "as many people"),
        ([said("wrong")], "nobody said what was expected"),
        ([said(None)], "nobody said whether"),
        ([said("right"), said("right", refused=True, citations=[])], "so was a refusal"),
        ([said("right", citations=[{"source": "gone.txt", "quote": QUOTE}])], "gone.txt"),
        ([said("right", question=" ")], "empty"),
    ],
)
def test_what_tells_nothing_is_skipped_with_the_reason(rows: list[dict[str, Any]], reason: str, tmp_path: Path) -> None:
    dataset = load(tmp_path, *rows)
    assert not dataset.questions
    assert reason in dataset.skipped[0].reason


def test_a_verdict_of_another_kind_is_named_by_its_line(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match=r"feedback\.jsonl:2 .*verdict"):
        load(tmp_path, said("right"), said("good"))
