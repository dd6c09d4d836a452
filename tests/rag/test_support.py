"""rag.support: where a claim stands, and whether that says it."""

from rag.cite import guard_marks
from rag.support import best_quote, verdict

PASSAGE = "Alpha was founded in 1990 by Ann Lee. It moved to Oslo in 1995. The board has nine members."


def test_a_paraphrase_is_quoted_by_the_sentence_that_holds_its_terms() -> None:
    assert best_quote("Ann Lee founded Alpha in 1990.", PASSAGE).of(PASSAGE) == "Alpha was founded in 1990 by Ann Lee."


def test_a_claim_that_rests_on_two_sentences_quotes_both() -> None:
    quote = best_quote("Alpha was founded by Ann Lee and moved to Oslo in 1995.", PASSAGE).of(PASSAGE)
    assert quote == "Alpha was founded in 1990 by Ann Lee. It moved to Oslo in 1995."


def test_an_empty_passage_gives_an_empty_quote() -> None:
    assert len(best_quote("anything", "")) == 0
    assert len(best_quote("", "")) == 0


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
            assert best_quote(claim, passage).of(passage) == passage
            assert verdict(claim, passage).supported
