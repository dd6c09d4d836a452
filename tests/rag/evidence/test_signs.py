"""rag.evidence.signs: what speaks for each sentence."""

from __future__ import annotations

import pytest

from rag.evidence.reading import read
from rag.evidence.signs import NAMES, signs_of
from tests.rag.makers import make_passage


def signs(question: str, text: str) -> dict[tuple[int, int], dict[str, float]]:
    seen = signs_of(read(question, [make_passage(text)], lambda _: 5, 1000))
    rows = (dict(zip(NAMES, row, strict=True)) for row in seen.rows.tolist())
    return dict(zip(seen.places, rows, strict=True))


def test_the_questions_words_count_more_in_their_order() -> None:
    text = "The old bridge was built by a king. A king by the sea built no bridge."
    seen = signs("Was the old bridge built by a king?", text)
    assert seen[0, 0]["ordered"] > seen[0, 1]["ordered"]
    assert seen[0, 1]["ordered_with_before"] >= seen[0, 0]["ordered"]


def test_words_of_chinese_that_share_a_character_are_seen() -> None:
    seen = signs("大桥何时竣工？", "桥于1910年完工。海边很冷。")
    assert seen[0, 0]["cover"] == 0
    assert seen[0, 0]["loose"] > 0
    assert seen[0, 1]["loose_with_before"] == pytest.approx(seen[0, 0]["loose"])


@pytest.mark.parametrize("question", ["", "？", "who?", "谁？"])
def test_a_question_that_names_nothing_has_signs_too(question: str) -> None:
    assert all(row["loose"] == 0 for row in signs(question, "Otters sleep afloat. Bats fly.").values())
