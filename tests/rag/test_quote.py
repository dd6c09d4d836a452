"""rag.quote: where in a passage a claim stands."""

from rag.marks import guard_marks
from rag.quote import Quotes
from tests.rag.makers import make_passage

PASSAGE = "Alpha was founded in 1990 by Ann Lee. It moved to Oslo in 1995. The board has nine members."


def best(claim: str, passage: str = PASSAGE, question: str = "") -> str:
    return Quotes([make_passage(passage)], question).best(claim, 0).span.of(passage)


def test_a_paraphrase_is_quoted_by_the_sentence_that_holds_its_terms() -> None:
    assert best("Ann Lee founded Alpha in 1990.") == "Alpha was founded in 1990 by Ann Lee."


def test_a_claim_that_rests_on_two_sentences_in_a_row_quotes_both() -> None:
    quote = best("Alpha was founded by Ann Lee and moved to Oslo in 1995.")
    assert quote == "Alpha was founded in 1990 by Ann Lee. It moved to Oslo in 1995."


def test_a_claim_drawn_from_places_far_apart_has_a_further_quote() -> None:
    passage = "Alpha was founded by Ann Lee. " + "The sun shone all day long. " * 6 + "The board has nine members."
    quotes = Quotes([make_passage(passage)])
    claim = "Ann Lee founded Alpha, whose board has nine members."
    first = quotes.best(claim, 0)
    further = quotes.further(claim, first)
    assert further is not None
    assert {quotes.text(first), quotes.text(further)} == {
        "Alpha was founded by Ann Lee.",
        "The board has nine members.",
    }


def test_words_that_every_sentence_has_do_not_decide() -> None:
    common = "The end of the day is one of the best in the week. The crew is in the boat. "
    passage = f"{common}The rest of the people is in the house. Lee sails."
    assert best("It is Lee who is the one in it that sails.", passage) == "Lee sails."


def test_a_word_alone_is_quoted_with_its_sentence_and_the_question_tells_which() -> None:
    passage = "Bergen burned in 1987. The gallery opened in 1987. The harbour froze."
    assert best("1987.", passage, "When did the gallery open?") == "The gallery opened in 1987."
    assert best("1987", passage, "When did Bergen burn?") == "Bergen burned in 1987."


def test_an_empty_passage_gives_an_empty_quote() -> None:
    assert best("anything", "") == ""
    assert best("", "") == ""


def test_brackets_that_were_guarded_are_found_where_they_stand() -> None:
    for passage in ("See【1】. As shown［2］, it moved.", "See [1]. As shown [2], it moved."):
        for claim in (passage, guard_marks(passage)):
            assert best(claim, passage) == passage


def test_the_nearest_passages_come_first_and_strangers_not_at_all() -> None:
    texts = ["Bananas grow in warm countries.", "Otters eat crabs and clams.", "Otters sleep."]
    ranked = Quotes([make_passage(text) for text in texts]).ranked("Crabs are eaten by otters.")
    assert [found.index for found in ranked] == [1, 2]
