"""Whether a citation is cut well, and whether its quote says what the sentence says that carries its mark.

Pure over text. Measured without rag.check, so that a fault there does not judge itself.
"""

from __future__ import annotations

import re
from functools import lru_cache

from eval.metrics.quotes import letters
from rag.text import search_terms, sentence_spans, telling_terms
from rag.types import Citation, Span

LEAST_SHARE = 0.5  # of a sentence's telling terms that its quote has
_MARKS_AFTER = re.compile(r"[^\w\[]*(?:\[\d+\][^\w\[]*)*")
_MARKS_BEFORE = re.compile(r"(?:\[\d+\][^\w\[]*)+\Z")
_REACH = 200  # characters around a sentence in which its marks are looked for


def is_whole(span: Span, text: str) -> bool:
    """Say whether a quote begins and ends where words do, in Chinese where clauses do: at no letter's neighbour.

    The beginning and the end of a sentence count for both, whatever stands beside them.
    """
    if not 0 <= span.start < span.end <= len(text):
        return False
    begins, ends = _bounds(text)
    return (span.start in begins or _apart(text, span.start)) and (span.end in ends or _apart(text, span.end))


def is_sentences(span: Span, text: str) -> bool:
    """Say whether a quote is made of whole sentences."""
    begins, ends = _bounds(text)
    return span.start in begins and span.end in ends


def is_own(citation: Citation, answer: str) -> bool:
    """Say whether the sentence carries the citation's mark, and the quote says at least half of it.

    answer: the text that the citation's answer_span points into, marks and all.
    """
    span = citation.answer_span
    if not 0 <= span.start < span.end <= len(answer):
        return False
    return _carries(span, answer, f"[{citation.mark}]") and says(citation.quote, span.of(answer))


def says(quote: str, sentence: str) -> bool:
    """Say whether a quote has the sentence's words: its letters in a row, or half of its telling terms."""
    said = letters(re.sub(r"\[\d+\]", " ", sentence))
    if not said:
        return False
    if said in letters(quote):
        return True
    wanted = set(telling_terms(re.sub(r"\[\d+\]", " ", sentence)))
    return bool(wanted) and len(wanted & set(search_terms(quote))) >= LEAST_SHARE * len(wanted)


def _carries(span: Span, answer: str, mark: str) -> bool:
    """Say whether the mark stands in the sentence, or beside it with nothing but signs and other marks between."""
    after = _MARKS_AFTER.match(answer, span.end, span.end + _REACH)
    before = _MARKS_BEFORE.search(answer[max(0, span.start - _REACH) : span.start])
    return any(mark in found for found in (span.of(answer), after[0] if after else "", before[0] if before else ""))


def _apart(text: str, place: int) -> bool:
    """Say whether no word, and no run of Chinese, goes on over the place."""
    return place in (0, len(text)) or not (text[place - 1].isalnum() and text[place].isalnum())


@lru_cache(maxsize=64)
def _bounds(text: str) -> tuple[frozenset[int], frozenset[int]]:
    """Return where the sentences begin, and where they end."""
    spans = sentence_spans(text)
    return frozenset(span.start for span in spans), frozenset(span.end for span in spans)
