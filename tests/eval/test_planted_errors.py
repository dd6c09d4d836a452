"""eval.planted_errors and eval.rewording: one error each, always the same; a rewording is no copy."""

from __future__ import annotations

import random

import pytest

from eval.planted_errors import KINDS, plant
from eval.rewording import from_question, reworded

ENGLISH = "On March 5, 2019, the club in Oslo was founded by Ann Lee with 1,750 members."
CHINESE = "1995年3月，張偉在北京建立了這所學校，當時有3個學院，後來增加到5,200人。"
NAMES = {False: [["Oslo", "Bergen"]], True: [["北京", "上海"]]}


@pytest.mark.parametrize("chinese", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_one_error_is_planted_and_nothing_else_is_changed(kind: str, chinese: bool) -> None:
    sentence = CHINESE if chinese else ENGLISH
    made = plant(kind, sentence, sentence, random.Random(1), chinese=chinese, names=NAMES[chinese])
    assert made is not None
    assert made.text != sentence
    assert made.kind == kind
    before, _, after = made.text.partition(made.wrong) if made.wrong else (made.text, "", "")
    assert not made.wrong or sentence.startswith(before) or made.wrong in made.text[len(before) :]
    assert plant(kind, sentence, sentence, random.Random(1), chinese=chinese, names=NAMES[chinese]) == made
    assert after in made.text


def test_a_sentence_without_a_place_for_an_error_gets_none() -> None:
    assert plant("number", "It rains.", "It rains.", random.Random(1), chinese=False) is None
    assert plant("name", "It rains.", "It rains.", random.Random(1), chinese=False, names=[["Oslo"]]) is None


def test_a_rewording_is_no_copy_of_its_source() -> None:
    for seed in range(20):
        for sentence, chinese in ((ENGLISH, False), (CHINESE, True)):
            text = reworded(sentence, sentence, random.Random(seed), chinese=chinese)
            assert text is None or text.strip(" .。") not in sentence


def test_a_question_and_its_answer_make_a_statement() -> None:
    assert from_question("Who founded the club?", "Ann Lee", chinese=False) == "Ann Lee founded the club."
    assert from_question("谁建立了这所学校？", "张伟", chinese=True) == "张伟建立了这所学校。"
    assert from_question("Why did it fail?", "money", chinese=False) is None
