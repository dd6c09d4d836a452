"""Where a claim has one name and its quote, between the same words, another. Knows nothing of other errors.

A Chinese name that no dictionary has is cut to pieces by the tagger; that it stands in the place of another is what
shows it. One of the two must look like a name, or every synonym would be taken for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice, pairwise

from rag.check import names
from rag.check.around import Around
from rag.check.said import REMEMBERED, Said, Word
from rag.text import HAN

LONGEST = 14  # characters of a name in the quote
MOST_RUNS = 32  # of a claim's characters that are looked at
_HAN_RUN = re.compile(f"[{HAN}·]+")
_OTHER = re.compile(f"[^{HAN}a-z\\d·]")  # punctuation and white space: a clause's beginning or end
_EDGE = "，"
_UNUSUAL = frozenset(("x", "zg"))  # what the tagger calls characters that seldom stand but in names


def exchanged(claim: Said, quote: Said, around: Around) -> bool:
    return _exchanged_words(claim, quote, around) or _exchanged_characters(claim, quote)


def _exchanged_words(claim: Said, quote: Said, around: Around) -> bool:
    """Look at each run of the claim's words that the quote lacks, if there is a name in it, or in its place."""
    telling = claim.telling
    theirs = _name_stems(quote) | _capitals(quote)
    own = _name_stems(claim)
    missing = {claim.words[name.first].stem for name in names.unsaid(claim, quote)}
    if not theirs:
        return False
    for first, last in islice(_lacking(telling, quote), MOST_RUNS):
        lacked = {word.stem for word in telling[first : last + 1]}
        if lacked.isdisjoint(missing) and (first > 0 or not lacked.isdisjoint(own)):
            continue  # no name, but for a sentence's first word: there a capital tells nothing
        between = around.instead(telling, first, last)
        if between and all(
            any(word.stem in theirs for word in words) and all(word.stem not in claim.stems for word in words)
            for words in between
        ):
            return True
        behind = around.next_to([word.stem for word in telling[last + 1 : last + 3]], -1)
        before = around.next_to([word.stem for word in telling[max(0, first - 2) : first]], 1)
        if any(stem in theirs and stem not in claim.stems for stem in behind | before):
            return True
    return False


def _lacking(telling: Sequence[Word], quote: Said) -> Iterator[tuple[int, int]]:
    """Yield the first and last place of each run of spaced words that the quote lacks, numbers left out."""
    first = None
    for place, word in enumerate(telling):
        lacks = word.text < "\u2e80" and word.stem not in quote.stems and not word.text[0].isdigit()
        if lacks and first is None:
            first = place
        elif not lacks and first is not None:
            yield first, place - 1
            first = None
    if first is not None:
        yield first, len(telling) - 1


@lru_cache(maxsize=REMEMBERED)
def _name_stems(text: Said) -> frozenset[str]:
    return frozenset(text.words[place].stem for name in names.names(text) for place in range(name.first, name.last + 1))


@lru_cache(maxsize=REMEMBERED)
def _capitals(text: Said) -> frozenset[str]:
    return frozenset(word.stem for word in text.telling if text.plain[word.start].isupper())


def _exchanged_characters(claim: Said, quote: Said) -> bool:
    if not (_HAN_RUN.search(claim.lower) and _HAN_RUN.search(quote.lower)):
        return False
    own, theirs = _edged(claim), _edged(quote)
    pairs = _pairs(quote)
    for start, end in islice(_uncovered(own, pairs), MOST_RUNS):
        before, behind = own[max(0, start - 2) : start], own[end : end + 2]
        before, behind = before.rpartition(_EDGE)[2] or _EDGE, behind.partition(_EDGE)[0] or _EDGE
        if before == behind == _EDGE or not _looks_like_name(claim, start - 1, end - 1):
            continue
        spot = re.compile(f"{re.escape(before)}([^{_EDGE}]{{1,{LONGEST}}}?){re.escape(behind)}")
        for match in islice(spot.finditer(theirs), 2):
            if match[1] not in own and _looks_like_name(quote, match.start(1) - 1, match.end(1) - 1, _UNUSUAL):
                return True
    return False


@lru_cache(maxsize=REMEMBERED)
def _edged(text: Said) -> str:
    """Return the text with each mark of punctuation the same, and one before and behind: offsets are one more."""
    return _EDGE + _OTHER.sub(_EDGE, text.lower) + _EDGE


@lru_cache(maxsize=REMEMBERED)
def _pairs(text: Said) -> frozenset[str]:
    return frozenset(one + other for one, other in pairwise(_edged(text)))


def _uncovered(own: str, pairs: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Yield the runs of Chinese characters that stand in no pair that the quote has."""
    for run in _HAN_RUN.finditer(own):
        first = None
        for place in range(run.start(), run.end() + 1):
            lacks = (
                place < run.end() and own[place - 1 : place + 1] not in pairs and own[place : place + 2] not in pairs
            )
            if lacks and first is None:
                first = place
            elif not lacks and first is not None:
                yield first, place
                first = None


def _looks_like_name(text: Said, start: int, end: int, kinds: frozenset[str] = frozenset()) -> bool:
    """kinds: of the tagger, that count for names too."""
    return names.is_name(text.lower[start:end], "x") or any(
        word.start < end and start < word.end and (names.is_name(word.text, word.kind) or word.kind in kinds)
        for word in text.words
    )
