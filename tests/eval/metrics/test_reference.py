"""Likeness to gold answers, by hand and by other programs."""

from __future__ import annotations

from collections.abc import Callable, Collection

import pytest
import sacrebleu
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.reference import bleu, chrf, rouge_l

ENGLISH = st.text(alphabet="abcABC  12.,-_'", max_size=40)
CHINESE = st.text(alphabet="天地玄黄宇宙洪荒，。《》", max_size=40)
MEASURES = (rouge_l, bleu, chrf)


class Characters:
    """A tokenizer for rouge_score, which knows none for Chinese."""

    def tokenize(self, text: str) -> list[str]:
        return [letter for letter in text if letter not in "，。《》"]


@given(ENGLISH, ENGLISH)
def test_rouge_l_is_that_of_rouge_score_on_english(answer: str, gold: str) -> None:
    rouge = pytest.importorskip("rouge_score.rouge_scorer", reason="the dev extra is not installed")
    expected = rouge.RougeScorer(["rougeL"]).score(gold, answer)["rougeL"].fmeasure
    assert rouge_l(answer, [gold]) == pytest.approx(expected)


@given(CHINESE, CHINESE)
def test_rouge_l_is_that_of_rouge_score_by_character_on_chinese(answer: str, gold: str) -> None:
    rouge = pytest.importorskip("rouge_score.rouge_scorer", reason="the dev extra is not installed")
    expected = rouge.RougeScorer(["rougeL"], tokenizer=Characters()).score(gold, answer)["rougeL"].fmeasure
    assert rouge_l(answer, [gold]) == pytest.approx(expected)


def test_rouge_l_of_a_worked_example() -> None:
    # police the gunman: the longest they have in order is two of three and four words
    assert rouge_l("Police ended the gunman.", ["police killed the gunman"]) == pytest.approx(3 / 4)
    assert rouge_l("the gunman police", ["police killed the gunman"]) == pytest.approx(2 * (2 / 3) * (2 / 4) / (7 / 6))
    assert rouge_l("一九九八年建成", ["建成于1998年"]) == pytest.approx(2 * 2 / (7 + 5))


def test_bleu_and_chrf_are_those_that_sacrebleu_reports_of_a_sentence() -> None:
    said, gold = "The cat sat on a mat.", "The cat sat on the mat."
    expected = sacrebleu.sentence_bleu(said, [gold], use_effective_order=True).score / 100
    assert bleu(said, [gold]) == pytest.approx(expected)
    assert chrf(said, [gold]) == pytest.approx(sacrebleu.sentence_chrf(said, [gold]).score / 100)


def test_bleu_cuts_chinese_into_characters() -> None:
    # of 4, 3, 2 and 1 runs of the answer 4, 3, 2 and 1 stand in the gold one; it is as long as four fifths of that
    assert bleu("天地玄黄", ["天地玄黄宇"]) == pytest.approx(2.718281828 ** (1 - 5 / 4))


@pytest.mark.parametrize("measure", MEASURES)
def test_an_equal_answer_is_wholly_alike_and_a_strange_one_not_at_all(
    measure: Callable[[str, Collection[str]], float],
) -> None:
    for text in ("one", "Denver Broncos", "踢爆", "由GPT-4研制"):
        assert measure(text, ["nothing like it", text]) == pytest.approx(1.0)
    assert measure("", ["Denver"]) == 0.0
    assert measure("一二三", ["天地"]) < 0.2
    assert measure("Denver", []) == 0.0


@given(ENGLISH | CHINESE, ENGLISH | CHINESE)
def test_likeness_is_between_none_and_whole(answer: str, gold: str) -> None:
    for measure in MEASURES:
        assert 0.0 <= measure(answer, [gold]) <= 1.0 + 1e-9
