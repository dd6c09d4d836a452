"""rag.evidence.likeness: how like the question the best sentences are in meaning."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rag.evidence.likeness import COMPARED, NAMES, NOT_COMPARED, likeness
from rag.evidence.reading import Alike, Read, read
from tests.rag.makers import make_passage

QUESTION = "Where do otters sleep?"


def taken(alike: Alike | None, text: str) -> Read:
    return read(QUESTION, [make_passage(text)], lambda _: 5, 1000, alike)


def by_length(_question: str, texts: Sequence[str]) -> Sequence[float]:
    return [len(text) / 100 for text in texts]


def test_each_sentence_is_set_against_the_likest_and_its_neighbours() -> None:
    seen = taken(by_length, "Otters sleep afloat. Bats sleep in deep caves. Fish.")
    rows = likeness(seen, [(0, 1), (0, 0), (0, 2)])
    own = dict(zip(NAMES, rows[1].tolist(), strict=True))
    assert own["like"] == pytest.approx(0.20)
    assert own["unlike"] == pytest.approx(0.05)
    assert own["likelier"] == 1
    assert own["like_after"] == pytest.approx(0.05)
    assert own["like_before"] < -1  # there is none


def test_only_the_best_are_compared() -> None:
    seen = taken(by_length, "Otters sleep afloat. " * (COMPARED + 2))
    rows = likeness(seen, [(0, i) for i in range(COMPARED + 2)])
    assert (rows[COMPARED:] == NOT_COMPARED).all()
    assert (rows[:COMPARED, 0] != NOT_COMPARED).all()


@pytest.mark.parametrize("alike", [None, lambda _question, _texts: None])
def test_nothing_is_said_where_the_embedder_does_not_know_the_language(alike: Alike | None) -> None:
    assert (likeness(taken(alike, "Otters sleep afloat."), [(0, 0)]) == NOT_COMPARED).all()


def test_no_sentences_make_no_rows() -> None:
    assert likeness(taken(by_length, "Otters sleep afloat."), []).shape == (0, len(NAMES))
