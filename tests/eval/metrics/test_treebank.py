"""Latin words, cut as NLTK cuts them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.treebank import words

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
