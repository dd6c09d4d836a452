"""rag.support: whether a quote says a claim."""

from rag.cite import guard_marks
from rag.support import verdict


def test_a_claim_with_another_number_is_not_supported() -> None:
    assert verdict("Moved to Oslo in 1995", "It moved to Oslo in 1995.").supported
    assert not verdict("It moved to Oslo in 1996.", "It moved to Oslo in 1995.").supported


def test_numbers_are_compared_whatever_their_width_and_grouping() -> None:
    assert verdict("共有１７５０亿个参数", "共有 1,750 亿个参数").supported


def test_a_claim_with_other_words_is_not_supported() -> None:
    assert not verdict("Bananas grow in warm countries.", "The board has nine members.").supported


def test_an_empty_claim_is_supported_by_nothing() -> None:
    assert not verdict("", "Moved to Oslo in 1995").supported


def test_brackets_that_were_guarded_are_found_where_they_stand() -> None:
    for passage in ("See【1】. As shown［2］, it moved.", "See [1]. As shown [2], it moved."):
        for claim in (passage, guard_marks(passage)):
            assert verdict(claim, passage).supported
