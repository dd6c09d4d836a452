"""Quotes that are cut well, and sentences that carry the marks of what says them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eval.metrics.citations import is_own, is_sentences, is_whole, says
from rag.cite import Citer
from rag.types import Chunk, Citation, CitationStatus, Passage, Span

ENGLISH = "The Panthers gave up 308 points. They ranked sixth, and led in interceptions."
CHINESE = "黑豹队的防守只丢了308分，在联赛中排名第六。他们四次入选职业碗。"


def citation(answer: str, sentence: str, quote: str, mark: int = 1) -> Citation:
    at = answer.index(sentence)
    return Citation(
        mark, Span(at, at + len(sentence)), "d1", 1, "", "", Span(0, len(quote)), quote, CitationStatus.VERIFIED
    )


@pytest.mark.parametrize(
    ("text", "quote", "whole", "sentences"),
    [
        (ENGLISH, ENGLISH, True, True),
        (ENGLISH, "The Panthers gave up 308 points.", True, True),
        (ENGLISH, "The Panthers gave up 308 points", True, False),
        (ENGLISH, "gave up 308 points", True, False),
        (ENGLISH, "he Panthers gave up 308 points.", False, False),
        (ENGLISH, "The Panthers gave up 30", False, False),
        (ENGLISH, " They ranked sixth", True, False),
        (CHINESE, "黑豹队的防守只丢了308分，在联赛中排名第六。", True, True),
        (CHINESE, "在联赛中排名第六", True, False),  # a clause
        (CHINESE, "豹队的防守只丢了308分，在联赛中排名第六。", False, False),
        (CHINESE, "黑豹队的防守只丢了308分，在联赛中排名第六。他", False, False),
        (CHINESE, "防守只丢了308分", False, False),
    ],
)
def test_a_quote_is_cut_between_words_or_clauses(text: str, quote: str, whole: bool, sentences: bool) -> None:
    start = text.index(quote)
    span = Span(start, start + len(quote))
    assert (is_whole(span, text), is_sentences(span, text)) == (whole, sentences)


@pytest.mark.parametrize("span", [Span(0, 0), Span(-1, 5), Span(5, 4), Span(0, 999)])
def test_what_is_no_stretch_of_the_text_is_not_whole(span: Span) -> None:
    assert not is_whole(span, ENGLISH)
    assert not is_whole(span, "")


@pytest.mark.parametrize("shift", [-1, 1])
@pytest.mark.parametrize("text", [ENGLISH, CHINESE])
def test_chunks_that_are_off_by_one_show(text: str, shift: int) -> None:
    """A passage that begins a character late, or early, cuts the first or the last of its sentences."""
    shifted = Span(max(0, shift), len(text) + min(0, shift))
    assert not is_sentences(shifted, text)


ANSWER = "The Panthers gave up 308 points [1]. They ranked sixth [2]."
FIRST, SECOND = "The Panthers gave up 308 points", "They ranked sixth"


def test_a_sentence_carries_its_mark_and_its_quote_says_it() -> None:
    assert is_own(citation(ANSWER, FIRST, ENGLISH[:32]), ANSWER)
    assert is_own(citation(ANSWER, SECOND, "In the league they were ranked sixth.", 2), ANSWER)


def test_marks_that_are_shifted_show() -> None:
    first, second = citation(ANSWER, FIRST, ENGLISH[:32]), citation(ANSWER, SECOND, ENGLISH[33:], 2)
    assert is_own(first, ANSWER)
    assert is_own(second, ANSWER)
    assert not is_own(replace(first, quote=second.quote), ANSWER)  # the quote of the next
    assert not is_own(replace(first, mark=2), ANSWER)  # the number of the next
    assert not is_own(replace(first, answer_span=second.answer_span), ANSWER)  # the sentence of the next
    assert not is_own(replace(first, answer_span=Span(0, 999)), ANSWER)
    assert not is_own(replace(first, answer_span=Span(31, 35)), ANSWER)  # a mark alone says nothing


@pytest.mark.parametrize(
    "answer",
    [
        "黑豹队的防守只丢了308分。[1] 完",
        "黑豹队的防守只丢了308分[2][1]。",
        "[1] 黑豹队的防守只丢了308分。",
        "[2], [1]: 黑豹队的防守只丢了308分",
    ],
)
def test_a_mark_stands_on_either_side_among_others(answer: str) -> None:
    assert is_own(citation(answer, "黑豹队的防守只丢了308分", CHINESE), answer)
    assert not is_own(citation(answer, "黑豹队的防守只丢了308分", CHINESE, 3), answer)


def test_a_mark_behind_other_words_is_carried_by_those() -> None:
    answer = "黑豹队的防守只丢了308分。四次入选职业碗。[1]"
    assert not is_own(citation(answer, "黑豹队的防守只丢了308分。", CHINESE), answer)


@pytest.mark.parametrize(
    ("quote", "sentence", "expected"),
    [
        (CHINESE, "黑豹队的防守只丢了 308 分", True),
        ("黑豹隊的防守只丟了308分", "黑豹队的防守只丢了308分", True),
        (CHINESE, "黑豹队在联赛中名列第六", True),
        (CHINESE, "卡万·肖特以11分领先于全队", False),
        (ENGLISH, "The Panthers' defence gave up just 308 points", True),
        (ENGLISH, "The Broncos of Denver won the game", False),
        (ENGLISH, "...", False),
        ("", "The Panthers", False),
    ],
)
def test_a_quote_says_a_sentence_by_its_words(quote: str, sentence: str, expected: bool) -> None:
    assert says(quote, sentence) is expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ENGLISH, "The Panthers gave up 308 points [1]. They ranked sixth, and led in interceptions. [1]"),
        (CHINESE, "黑豹队的防守只丢了308分，在联赛中排名第六。[1]他们四次入选职业碗[1]。"),
        (CHINESE, "根据 [1]，他们四次入选职业碗。"),
    ],
)
def test_what_the_citer_gives_is_its_sentences_own(text: str, said: str) -> None:
    citer = Citer([Passage(Chunk(1, "d1", 0, len(text)), 0, len(text), text, "", "", 1, 1.0)])
    for _ in citer.feed(said):
        pass
    for _ in citer.close():
        pass
    assert citer.citations
    for one in citer.citations:
        assert is_own(one, citer.text)
        assert is_whole(one.span, text)
