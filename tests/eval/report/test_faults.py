from __future__ import annotations

from dataclasses import replace

import pytest

from eval.record import Record
from eval.report.faults import Fault, by_fault, fault_of, gold_rank
from tests.eval.report.folders import record, wrong


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        (record("a"), None),
        (record("a", answerable=False), None),
        (wrong("a"), Fault.WRONG),
        (record("a", scores={"refusal.refused": 1.0}), Fault.REFUSED),
        (record("a", answerable=False, scores={"refusal.refused": 0.0}), Fault.INVENTED),
        (record("a", scores={"citation.right": 0.0}), Fault.UNCITED),
        (record("a", error="RuntimeError: boom"), Fault.FAILED),
        (replace(record("a"), answered=False, scores={}), Fault.LOST),
    ],
)
def test_a_question_has_the_fault_that_a_person_would_name(asked: Record, fault: Fault | None) -> None:
    assert fault_of(asked) is fault


def test_the_surest_of_the_wrong_comes_first() -> None:
    unsure, sure = wrong("a"), wrong("b")
    unsure = replace(unsure, scores={**unsure.scores, "refusal.confidence": 0.2})
    assert [one.id for one in by_fault([unsure, sure])[Fault.WRONG]] == ["b", "a"]


def test_the_rank_of_the_right_document_counts_from_one() -> None:
    assert gold_rank(record("a"), "dense") == 2
    assert gold_rank(record("a", rankings={}), "dense") is None
