"""rag.evidence.confidence: the file that was learnt, chances, and the line for an accepted error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evidence.confidence import ACCEPTED_ERROR, Learnt, confidence, learnt, least_confidence
from rag.evidence.signals import signals
from tests.rag.makers import make_passage

SMALL = Learnt.of(
    {
        "names": ["a", "b"],
        "straight": {"en": {"bias": 1.0, "weights": [2.0, 0.0]}, "zh": {"bias": 0.0, "weights": [0.0, 1.0]}},
        "trees": [[[1, 0.5, 1, 2], [-1, -4.0], [-1, 4.0]]],
        "scales": {"en": [1.0, 0.0], "zh": [1.0, 0.0]},
        "lines": {"en": {"0.05": 0.2, "0.1": 0.4}, "zh": {"0.05": 0.3}},
    }
)


def test_weights_and_leaves_add_up() -> None:
    assert SMALL.sum({"a": 1.0, "b": 0.5}, "en") == 1 + 2 - 4
    assert SMALL.sum({"a": 1.0, "b": 0.6}, "en") == 1 + 2 + 4
    assert SMALL.sum({"a": 1.0, "b": 0.6}, "zh") == pytest.approx(0.6 + 4)


def test_the_line_is_the_tables_and_straight_between() -> None:
    assert SMALL.line("en", 0.05) == 0.2
    assert SMALL.line("en", 0.075) == pytest.approx(0.3)
    assert SMALL.line("zh", 0.05) == 0.3
    assert (SMALL.line("en", 0.0), SMALL.line("en", 1.0)) == (0.0, 1.0)


@given(st.sampled_from(["en", "zh"]), st.floats(0, 1), st.floats(0, 1))
def test_who_accepts_more_error_draws_no_lower_line(language: str, one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert 0 <= least_confidence(language, less) <= least_confidence(language, more) <= 1


def test_what_was_learnt_knows_signals_that_there_are() -> None:
    known = signals("otters", [make_passage("kelp")], lambda _: 1, 9)
    assert known is not None
    assert set(learnt().names) <= set(known)


@pytest.mark.parametrize(
    ("language", "question", "text", "other"),
    [
        ("en", "What is the den of an otter called?", "The den of an otter is called a holt.", "Bats fly at night."),
        ("zh", "水獭的洞穴叫什么？", "水獭的洞穴叫做獭窝，通常建在河岸。", "蝙蝠在夜里飞行。"),
    ],
)
def test_what_answers_reaches_the_line_and_what_is_of_something_else_does_not(
    language: str, question: str, text: str, other: str
) -> None:
    def chance(*texts: str) -> float:
        passages = [make_passage(one, document_id=one) for one in texts]
        seen = signals(question, passages, lambda term: 3, 1000)
        assert seen is not None
        return confidence(seen, language)

    assert chance(text, other) > least_confidence(language, ACCEPTED_ERROR) > chance(other)
