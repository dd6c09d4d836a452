"""rag.closeness: how closely a text speaks of what a question asks."""

import os
import subprocess
import sys
from dataclasses import astuple
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.closeness import Closeness, Sought


def sought(question: str, **frequencies: int) -> Sought:
    """Of a library of 100 chunks, in each of which a word stands that no frequency is told of."""
    return Sought(question, lambda term: frequencies.get(term, 100), 100)


def common(question: str) -> Sought:
    return Sought(question, lambda _: 1, 100)


@pytest.mark.parametrize(
    ("question", "text"),
    [("otters eat crabs", "Every day the otter eats a crab."), ("水獺吃螃蟹", "水獭每天都吃螃蟹。")],
)
def test_words_count_in_any_form_or_script(question: str, text: str) -> None:
    assert common(question).closeness(text).cover == pytest.approx(1.0)


def test_a_sentence_that_holds_the_words_is_nearer_than_two_that_share_them() -> None:
    together = common("otters eat crabs").closeness("Otters like to eat crabs. Bats do not.")
    apart = common("otters eat crabs").closeness("Otters do not fly. Bats like to eat crabs.")
    assert together.cover == apart.cover
    assert together.sentence > apart.sentence


def test_words_side_by_side_and_in_order_are_nearer() -> None:
    asked = common("new york water")
    assert asked.closeness("The water of New York.").pairs > asked.closeness("York has new water.").pairs


def test_a_pair_does_not_reach_over_the_end_of_a_sentence() -> None:
    assert common("new york").closeness("All is new. York is old.").pairs == 0.0


def test_rare_words_count_for_more() -> None:
    asked = sought("holt of the den", holt=1, den=50)
    assert asked.closeness("A holt.").cover > asked.closeness("A den.").cover


def test_words_that_only_ask_count_for_nothing() -> None:
    assert common("which otters?").closeness("Otters.").cover == pytest.approx(1.0)
    assert common("水獭是什么？").closeness("水獭是").cover == pytest.approx(1.0)


def test_a_question_without_words_is_near_to_nothing() -> None:
    assert common("?!").closeness("Anything.") == Closeness()
    assert common("otters").closeness("") == Closeness()


@given(st.text(max_size=60), st.text(max_size=200), st.integers(0, 200))
def test_all_of_it_lies_between_0_and_1(question: str, text: str, frequency: int) -> None:
    close = Sought(question, lambda _: frequency, 100).closeness(text)
    assert all(0.0 <= value <= 1.0 + 1e-9 for value in (*astuple(close), close.score))
    assert close.sentence <= close.cover + 1e-9


@given(st.lists(st.sampled_from(["otters", "eat", "crabs", "水", "獭", "at", "night"]), min_size=1, max_size=8))
def test_a_text_that_is_the_question_holds_all_of_it(words: list[str]) -> None:
    question = " ".join(words)
    close = common(question).closeness(question)
    assert close.cover == pytest.approx(1.0)
    assert close.sentence == pytest.approx(1.0)


def test_every_process_says_the_same_to_the_last_bit() -> None:
    """Sets have another order in each process, and sums of numbers another last bit in each order."""
    program = """
from rag.closeness import Sought
words = [f"word{number}" for number in range(40)]
sought = Sought(" ".join(words), lambda term: sum(map(ord, term)) % 89, 97)
print([sought.closeness(" ".join(words[first:]) + ".") for first in range(39)])
"""
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(said) == 1
