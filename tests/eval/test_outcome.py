from __future__ import annotations

from dataclasses import replace

import pytest

from eval.outcome import Outcome, outcome_of
from eval.record import Record
from tests.eval.folder.records import answered, failed, ranked, refused

WRONG = {"answer__contains": 0.0, "citation__right": 0.0}


@pytest.mark.parametrize(
    ("record", "outcome"),
    [
        (answered("q"), Outcome.RIGHT),
        (answered("q", answer__contains=0.0), Outcome.RIGHT),  # it cites the place, in other words
        (answered("q", citation__right=0.0), Outcome.RIGHT),
        (answered("q", **WRONG), Outcome.WRONG),
        (refused("q", answerable=True), Outcome.REFUSED),
        (refused("q", answerable=False), Outcome.RIGHT),
        (replace(answered("q"), answerable=False), Outcome.WRONG),
        (failed("q"), Outcome.FAILED),
        (ranked("q", "d9", "d1"), Outcome.RIGHT),
        (ranked("q", "d9"), Outcome.WRONG),
        (replace(answered("q", **WRONG), gold={}), Outcome.WRONG),  # it is told, but not where
        (replace(answered("q", **WRONG), gold={}, told=False), Outcome.RIGHT),  # nobody knows
        (replace(ranked("q", "d9"), gold={}, answerable=False), Outcome.RIGHT),  # nothing was there to be found
    ],
)
def test_a_question_comes_out_as_a_person_would_call_it(record: Record, outcome: Outcome) -> None:
    assert outcome_of(record) is outcome
