"""Whether one text says what another says already, but for differences that cannot matter. Pure: knows no documents.

What differs between two near duplicates may be the answer: a date, an amount, a name, a "not". So nearly the same is
the same only where what differs is neither of these, and stands in no sentence that the question touches.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from rapidfuzz.distance import Indel, LCSseq, Levenshtein

from rag.text import UNSPACED, search_terms, sentence_spans
from rag.types import Span

ALIKE = 0.9  # the share of characters, and of words, that both texts have in the same order
FEW = 2  # ordinary words that may differ at one place
TYPO_LETTERS = 6  # a word at least so long, with one letter changed, is the same word

_WORD = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+")
_UNSPACED = re.compile(f"[{UNSPACED}]")
# Words whose coming or going changes nothing. Those of place, time, choice and duty do: from, until, or, may.
IDLE = frozenset(
    "a an the of that which is are was were be been has have had its it this these also 的 了 之 也".split()
)
TELLING = frozenset(
    "no not never none neither nor without cannot except unless only less more least most few all any each both half "
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen twenty thirty forty "
    "fifty sixty seventy eighty ninety hundred thousand million billion dozen once twice first second third last next "
    "before after until since or may must shall should could would can will might".split()
)


def says_nearly(said: str, text: str, asked: Collection[str]) -> bool:
    """Tell whether who reads `said` need not read `text`, nor the other way about.

    asked: the search terms of the question that tell something; where there are none, only idle words may differ.
    """
    shorter, longer = sorted((len(said), len(text)))
    if shorter < ALIKE * longer or Indel.normalized_similarity(said, text, score_cutoff=ALIKE) == 0:
        return False
    ours, theirs = list(_WORD.finditer(said)), list(_WORD.finditer(text))
    one, other = ([match.group().casefold() for match in matches] for matches in (ours, theirs))
    if LCSseq.normalized_similarity(one, other, score_cutoff=ALIKE) == 0:
        return False
    touched = []
    for mine, its in _differences(one, other):
        here, there = ours[mine], theirs[its]
        if _is_idle(here) and _is_idle(there):
            continue
        if max(len(here), len(there)) > FEW or not (_is_ordinary(here) and _is_ordinary(there)):
            return False
        if not _is_typo(here, there):
            touched.append((mine.start, its.start))
    if not touched:
        return True
    if not asked:
        return False
    return not any(
        _is_asked(said, ours, here, asked) or _is_asked(text, theirs, there, asked) for here, there in touched
    )


def _differences(one: Sequence[str], other: Sequence[str]) -> Iterator[tuple[slice, slice]]:
    """Yield what stands between the runs that both have, in both."""
    begun = other_begun = 0
    for block in LCSseq.editops(one, other).as_matching_blocks():  # the last is empty, at both ends
        if (block.a, block.b) != (begun, other_begun):
            yield slice(begun, block.a), slice(other_begun, block.b)
        begun, other_begun = block.a + block.size, block.b + block.size


def _is_idle(words: Sequence[re.Match[str]]) -> bool:
    return all(word.group().casefold() in IDLE for word in words)


def _is_ordinary(words: Sequence[re.Match[str]]) -> bool:
    """No number, no name, no word that turns a sentence; in Chinese nothing tells a name from another word."""
    return all(
        word.group().islower()
        and word.group().isalpha()
        and not _UNSPACED.match(word.group())
        and word.group() not in TELLING
        for word in words
    )


def _is_typo(here: Sequence[re.Match[str]], there: Sequence[re.Match[str]]) -> bool:
    """One letter of a long word, not its first: legal and illegal are two words."""
    if len(here) != 1 or len(there) != 1:
        return False
    one, other = here[0].group(), there[0].group()
    long_enough = min(len(one), len(other)) >= TYPO_LETTERS
    return long_enough and one[0] == other[0] and Levenshtein.distance(one, other, score_cutoff=1) <= 1


def _is_asked(text: str, words: Sequence[re.Match[str]], place: int, asked: Collection[str]) -> bool:
    """Tell whether the sentence of a word, or the one before it, has a term of the question."""
    at = words[min(place, len(words) - 1)].start() if words else 0
    before = Span(0, 0)
    for span in sentence_spans(text):
        if span.end > at:
            around = Span(before.start, span.end)
            return not set(search_terms(around.of(text))).isdisjoint(asked)
        before = span
    return True
