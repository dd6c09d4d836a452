"""rag.stages.summarise: old turns in a few sentences, and never a failure."""

from __future__ import annotations

import pytest

from rag.errors import GenerationFailed
from rag.stages.summarise import TOGETHER, Summariser
from rag.types import Turn
from tests.fakes import FakeWriter

SUMMARY = "The asker wants to know about leave, of which there are 25 days."


def turns(count: int) -> list[Turn]:
    return [Turn(f"Question {number}?", f"Answer {number}. [1]") for number in range(count)]


def test_a_model_sums_up_what_was_asked_and_answered() -> None:
    writer = FakeWriter(SUMMARY)
    assert Summariser(writer)(turns(TOGETHER), "en") == SUMMARY
    [[rules, said]] = writer.asked
    assert rules.role == "system"
    assert said.content.startswith("Question: Question 0?\nAnswer: Answer 0.\n")


def test_it_is_asked_once_for_every_few_turns_and_the_rest_are_their_questions() -> None:
    writer = FakeWriter(SUMMARY)
    summarise = Summariser(writer)
    told = [summarise(turns(count), "en") for count in range(1, 2 * TOGETHER)]
    assert len(writer.asked) == 1
    assert told[0] == "Asked before: Question 0?"
    assert told[-1] == f"{SUMMARY}\nAsked before: Question 4? / Question 5? / Question 6?"


@pytest.mark.parametrize(
    "reply", ["", "I cannot do that.", "这是另一种语言写的概括。", GenerationFailed("gone"), ValueError("odd")]
)
def test_a_model_that_gives_none_leaves_the_questions(reply: str | Exception) -> None:
    told = Summariser(FakeWriter(reply))(turns(TOGETHER), "en")
    assert told == "Asked before: Question 0? / Question 1? / Question 2? / Question 3?"


def test_what_failed_is_tried_again() -> None:
    summarise = Summariser(FakeWriter(GenerationFailed("gone"), SUMMARY))
    assert summarise(turns(TOGETHER), "en") != SUMMARY
    assert summarise(turns(TOGETHER), "en") == SUMMARY
