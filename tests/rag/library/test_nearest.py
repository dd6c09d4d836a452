"""Which words a misspelt one may mean."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.library.lexical import TERMS, TantivyIndex
from rag.library.nearest import _one_slip, distance, nearest_terms
from rag.ports import LexicalEntry
from rag.text import stems

WORD = st.text("abc", max_size=6)


@given(WORD, WORD)
def test_the_distance_is_the_same_both_ways_and_nothing_between_equals(one: str, other: str) -> None:
    assert distance(one, other) == distance(other, one)
    assert (distance(one, other) == 0) == (one == other)
    assert abs(len(one) - len(other)) <= distance(one, other) <= max(len(one), len(other))


@given(WORD, WORD)
def test_one_slip_is_a_distance_of_one(one: str, other: str) -> None:
    assert (other in _one_slip(one)) == (distance(one, other) == 1)


@pytest.mark.parametrize(
    ("one", "other", "slips"), [("form", "from", 1), ("receive", "recieve", 1), ("kitten", "sitting", 3), ("", "ab", 2)]
)
def test_slips_are_counted(one: str, other: str, slips: int) -> None:
    assert distance(one, other) == slips


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("otetr", ["otter"]),
        ("govermnent", ["govern"]),  # a slip in what the stem leaves out
        ("xtter", ["otter"]),
        ("cartekaer", ["caretak"]),  # two slips, after a sound beginning
        ("ota", []),  # too short to be sure
        ("zzzzzzzz", []),
        ("a" * 1000, []),
    ],
)
def test_the_nearest_terms_are_the_stems_of_words_a_slip_away(tmp_path: Path, word: str, near: list[str]) -> None:
    index = TantivyIndex(tmp_path / "lexical")
    index.add([LexicalEntry(1, "The otter and the government's caretaker; otters oat 水獭")])
    index.commit()
    assert nearest_terms(word, stems([word])[0], index._index.searcher(), TERMS) == near
