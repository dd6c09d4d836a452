"""Latin words, cut as NLTK cuts them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.treebank import sentences, words

PIECES = st.sampled_from(
    "a b can not cannot gonna wanna 'tis 'twas d'ye more'n gimme n't 's 'll ' '' \" , . .. 1 2,000 $ % & ( ) [ < { ? ! "
    "; — – « » ‘ „ don't it's u.s. é …".split()
) | st.sampled_from([" ", "  ", "\t", "\u3000"])


@given(st.lists(PIECES, max_size=9).map("".join))
def test_words_are_those_of_nltk(run: str) -> None:
    nltk = pytest.importorskip("nltk.tokenize", reason="the dev extra is not installed")
    assert words(run) == nltk.NLTKWordTokenizer().tokenize(run)


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("the u.s. army paid $3,000.", ["the", "u.s.", "army", "paid", "$", "3,000", "."]),
        ("don't stop", ["do", "n't", "stop"]),
        ("(blumea riparia)", ["(", "blumea", "riparia", ")"]),
        ("", []),
    ],
)
def test_a_worked_example(run: str, expected: list[str]) -> None:
    assert words(run) == expected


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (
            "it rained. mr. smith of the u.s. army left! why?",
            ["it rained.", "mr. smith of the u.s. army left!", "why?"],
        ),
        ("j. k. rowling was 39. the book", ["j. k. rowling was 39. the book"]),
        ('he said "no." she left.', ['he said "no."', "she left."]),
        ("blumea riparia var. megacephala", ["blumea riparia var.", "megacephala"]),
        ("3.5 of 1,000.", ["3.5 of 1,000."]),
        ("", [""]),
    ],
)
def test_a_run_is_cut_where_nltk_sees_the_end_of_a_sentence(run: str, expected: list[str]) -> None:
    assert sentences(run) == expected
