"""Questions typed and worded otherwise."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.robustness.slips import slip_by_sound, sounding_alike, traditional
from eval.robustness.typed import other_script, spaced, unspaced, without_punctuation
from eval.robustness.wording import polite, with_other_words, with_parts_moved
from eval.robustness.written import perturbations
from rag.errors import ModelError
from rag.text import fold
from tests.eval.robustness.sets import small
from tests.fakes import FakeWriter

CHANCE = random.Random(1)


@pytest.mark.parametrize(
    ("question", "moved"),
    [
        ("What is the capital of France?", "France's capital is what?"),
        ("Who was the first mayor?", "The first mayor was who?"),
        ("In what year did the war end?", "What year did the war end in?"),
        ("Where did he live in 1914?", "In 1914, where did he live?"),
        ("北京的市花是什么？", "什么是北京的市花？"),
        ("谁发明了电灯？", "发明了电灯的是谁？"),
        ("长城在哪一年开始修建？", "哪一年长城开始修建？"),
        ("黑死病是什麼時候傳入歐洲的？", "什麼時候黑死病傳入歐洲？"),
        ("How so?", "How so?"),
    ],
)
def test_parts_are_moved(question: str, moved: str) -> None:
    assert with_parts_moved(question, CHANCE) == moved


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("How many floors are there?", "What number of floors are there?"),
        ("What year did it end?", "When did it end?"),
        ("What is it?", "What's it?"),
        ("长城在哪一年修建？", "长城在什么时候修建？"),
        ("他是谁？", "他是哪个人？"),
        ("光合作用是什麼？", "光合作用指的是什麼？"),
    ],
)
def test_question_words_are_others(question: str, other: str) -> None:
    assert with_other_words(question, CHANCE) == other


def test_a_polite_question_holds_the_question() -> None:
    for seed in range(9):
        assert "他是谁？" in polite("他是谁？", random.Random(seed))
        assert "Who is it?" in polite("Who is it?", random.Random(seed))


def test_a_question_without_punctuation_keeps_the_signs_inside_words() -> None:
    assert without_punctuation('What\'s a 3.5-inch disk, "really"?') == "What's a 3.5-inch disk really"
    assert without_punctuation("“长城”在哪里？") == "长城在哪里"


def test_spaces_come_and_go() -> None:
    assert spaced("他是谁？") == "他 是 谁 ？"
    assert spaced("Who is it?") == "Who  is  it?"
    assert unspaced("用 GPT 4 写的是 什么？") == "用GPT 4写的是什么？"


@given(st.text(alphabet="长城在哪里發展历史國 abc?", min_size=1))
def test_the_other_script_says_the_same_when_folded(text: str) -> None:
    assert fold(other_script(text)) == fold(text)


def test_a_slip_by_sound_is_a_character_of_about_the_same_sound_and_of_the_same_script() -> None:
    assert set(sounding_alike("是")) <= set("势嗜适仕侍事")
    assert sounding_alike("魑") == []
    assert traditional(sounding_alike("國")[0]) == sounding_alike("國")[0]
    wrong = slip_by_sound("长城在哪里", "1")
    assert wrong == slip_by_sound("长城在哪里", "1")
    assert sum(one != other for one, other in zip(wrong, "长城在哪里", strict=True)) == 1
    assert slip_by_sound("Who?", "1") == "Who?"


def test_a_model_that_fails_leaves_the_question_out() -> None:
    [written] = perturbations(FakeWriter(ModelError("late"), "\n Asked otherwise? \nAnd more"))
    asked = written.change(small(), 1).questions
    assert [(question.id, question.text) for question in asked][:1] == [("q1", "Asked otherwise?")]
