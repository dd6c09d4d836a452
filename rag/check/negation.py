"""Where a claim denies what its quote says, or says what it denies, or says the opposite.

A word that denies is taken to deny what stands next behind it in its clause. Texts in English are compared by words,
Chinese ones by characters: how they are cut into words depends on what stands around. The lists are in
rag.check.opposites.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from rag.check.names import is_joining
from rag.check.opposites import (
    ALIKE,
    ALIKE_CHINESE,
    NO,
    NO_CHINESE,
    NOT_NO,
    NOT_UN,
    OPPOSITES,
    OPPOSITES_CHINESE,
)
from rag.check.said import REMEMBERED, Said, Word
from rag.text import HAN

DENIED = 2  # telling words behind one that denies
NEIGHBOURS = 2  # telling words on a side, one of which must be the same for two places to be alike
MOST_PLACES = 12  # of one word that are looked at
MOST_WORDS = 64  # of a text that deny, or have an opposite
MOST = 0.6  # of a claim's words
TAILS = (4, 3, 2)  # Chinese characters behind a denial, by which what is denied is found in the other text
BEFORE = 4  # characters before those, among which the other text's own denial stands
_CLAUSE_END = re.compile(r"[,.;:!?()]|\b(?:but|although|though|because|which|who|while)\b")
# "May not" leaves open what "may" does; "not only" denies nothing.
_NOT_ONLY = re.compile(r" (?:only|just|least|merely|necessarily|until|simply|solely|always|all|every|limited)\b")
_MAY = re.compile(r"\b(?:may|might) $")
_TAIL = re.compile(rf"[{HAN}\d]{{2,6}}")
_DENYING = re.compile("[不没未无非勿莫]|缺乏|缺少|拒绝|否认")
# Whatever may be told again with a denial: fewer of them in the list are more false alarms.
_NEGATIVE = re.compile(
    r"\b(?:no|not|non|none|never|neither|nor|nothing|without|cannot|fail|lack|refus|den[iy]|declin|reject|except|only|few|"
    r"little|less|rare|hard|seldom|prevent|avoid|unable|instead|rather|exclu|miss|loss|lost|los[et]|absen|end|stop|ceas|"
    r"former|unlike|un[a-z]{4}|in[a-z]+ble|illegal|dis[a-z]{4})|n't\b|[不没未无非勿莫别缺仅只少难拒禁免失除停止否反绝败废撤死亡]"
)
_NO_CHARACTERS = ("不", "没", "未", "无", "非")
_FIRST = frozenset(word[0] for word in NO_CHINESE)
_UN = re.compile(r"(?:un|non-?)(?=[a-z]{4})")
_LONG_OPPOSITES = re.compile("|".join(sorted(OPPOSITES_CHINESE, key=len, reverse=True)))


def contradicted(claim: Said, quote: Said, covered: float) -> bool:
    """Tell whether the claim denies what the quote says, or the other way round, or says its opposite.

    covered: the share of the claim's words that the quote has. Where it has most of them, and denies nothing at all,
    whatever the claim denies is against it.
    """
    own, theirs = _polarity(claim), _polarity(quote)
    return (
        own.denies(theirs)
        or theirs.denies(own)
        or any(_opposite(own, theirs))
        or _unlike(claim, quote)
        or _unlike(quote, claim)
        or _denies_chinese(claim, quote)
        or _denies_chinese(quote, claim)
        or any(_opposite_chinese(claim, quote))
        or (covered >= MOST and _denies_something(claim) and not _NEGATIVE.search(quote.lower))
    )


def _denies_something(claim: Said) -> bool:
    return bool(_polarity(claim).denials or _chinese_denials(claim))


class _Polarity:
    """The telling words of a text's spaced script, and which of them are denied."""

    def __init__(self, text: Said) -> None:
        spaced = [word for word in text.words if word.text < "\u2e80"]
        self.words = [word for word in spaced if _counts(word)]
        places = {word.start: place for place, word in enumerate(self.words)}
        self.denied: set[int] = set()
        self.denials: list[list[int]] = []  # of each word that denies: the places of those it denies
        for position, word in enumerate(spaced):
            if _denies(text, word) and len(self.denials) < MOST_WORDS:
                scope = _scope(text, word, spaced[position + 1 : position + 9], places)
                self.denials.append(scope)
                self.denied ^= set(scope)  # two denials make none: not without
        self.by_stem: dict[str, list[int]] = defaultdict(list)
        for place, word in enumerate(self.words):
            self.by_stem[word.stem].append(place)

    def denies(self, other: _Polarity) -> bool:
        """Tell whether what is denied here stands in the other, where it is not denied."""
        return any(self._denies_one(scope, other) for scope in self.denials)

    def _denies_one(self, scope: list[int], other: _Polarity) -> bool:
        place = next((place for place in scope if self.words[place].stem in other.by_stem), None)
        if place is None or place not in self.denied:
            return False
        stem = self.words[place].stem
        theirs = other.by_stem[stem][:MOST_PLACES]
        around = self.beside(place, -1), self.beside(place, 1)
        alike = [there for there in theirs if other.is_beside(there, *around)]
        return bool(alike) and other.denied.isdisjoint(alike)

    def beside(self, place: int, step: int) -> frozenset[str]:
        """Return the stems of the next telling words on one side: step is 1 or -1."""
        others = (place + step * away for away in range(1, NEIGHBOURS + 1))
        return frozenset(self.words[other].stem for other in others if 0 <= other < len(self.words))

    def is_beside(self, place: int, before: frozenset[str], behind: frozenset[str]) -> bool:
        return bool(before & self.beside(place, -1) or behind & self.beside(place, 1))


@lru_cache(maxsize=REMEMBERED)
def _polarity(text: Said) -> _Polarity:
    return _Polarity(text)


def _scope(text: Said, denial: Word, following: list[Word], places: dict[int, int]) -> list[int]:
    scope: list[int] = []
    for word in following:
        if len(scope) == DENIED or _CLAUSE_END.search(text.lower, denial.end, word.end):
            break
        if word.start in places:
            scope.append(places[word.start])
    return scope


def _counts(word: Word) -> bool:
    return (word.telling or word.text in OPPOSITES) and word.text not in NO


def _denies(text: Said, word: Word) -> bool:
    if word.text not in NO and not word.text.endswith("n't"):
        return False
    return not _NOT_ONLY.match(text.lower, word.end) and not _MAY.search(text.lower, max(0, word.start - 6), word.start)


def _unlike(one: Said, other: Said) -> bool:
    """Tell whether one has a word with un- that the other has without it."""
    for word in one.words:
        un = _UN.match(word.text)
        if un is None or word.text in NOT_UN or word.stem in other.stems:
            continue
        bare = word.text[un.end() :]
        if any(bare == each.text for each in other.words) and not any(bare == each.text for each in one.words):
            return True
    return False


def _opposite(claim: _Polarity, quote: _Polarity) -> Iterator[bool]:
    """Yield True for each word of the claim whose opposite stands in the quote, beside the same words."""
    held: dict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(quote.words):
        if word.text in OPPOSITES and len(held[word.text]) < MOST_PLACES:
            held[word.text].append(place)
    for place, word in islice(enumerate(claim.words), 8 * MOST_WORDS):
        if word.text not in OPPOSITES:
            continue
        around = claim.beside(place, -1), claim.beside(place, 1)
        if any(quote.is_beside(there, *around) for same in ALIKE[word.text] for there in held.get(same, ())):
            continue
        for other in OPPOSITES[word.text] & held.keys():
            for there in held[other]:
                if (place in claim.denied) == (there in quote.denied) and quote.is_beside(there, *around):
                    yield True


@lru_cache(maxsize=REMEMBERED)
def _chinese_denials(text: Said) -> list[int]:
    """Return where what is denied begins, of each Chinese word that denies."""
    ends = []
    for word in text.words:
        if word.text < "\u2e80" or word.text[0] not in _FIRST or word.text in NOT_NO:
            continue
        if word.text in NO_CHINESE:
            ends.append(word.end)
        elif word.text.startswith(_NO_CHARACTERS) and len(word.text) > 2:
            ends.append(word.start + 1)
    return ends[:MOST_WORDS]


def _denies_chinese(one: Said, other: Said) -> bool:
    """Tell whether what one denies stands in the other, and is nowhere denied there."""
    for start in _chinese_denials(one):
        tail = _TAIL.match(one.lower, start)
        words = next((words for words in _beginnings(tail.group()) if words in other.lower), None) if tail else None
        if words is None:
            continue
        if len(words) == TAILS[-1] and not all(_is_denied(one.lower, words)):  # two characters may stand anywhere
            continue
        if not any(_is_denied(other.lower, words)):
            return True
    return False


def _beginnings(tail: str) -> Iterator[str]:
    """Yield what may be what is denied: the next characters, the most of them first, else those a little behind."""
    yield from (tail[:length] for length in TAILS if length <= len(tail))
    for skipped in range(1, BEFORE):
        words = tail[skipped : skipped + TAILS[-1]]
        if len(words) == TAILS[-1] and not any(map(is_joining, words)):
            yield words


def _is_denied(text: str, words: str) -> list[bool]:
    """Tell of each place where the words stand whether a denial is shortly before them."""
    places = islice(re.finditer(re.escape(words), text), MOST_PLACES)
    return [_DENYING.search(text, max(0, match.start() - BEFORE), match.start()) is not None for match in places]


def _opposite_chinese(claim: Said, quote: Said) -> Iterator[bool]:
    """Yield True for each word of the claim in whose place, between the same characters, the quote has its opposite."""
    own, theirs = claim.lower, quote.lower
    for match in islice(_LONG_OPPOSITES.finditer(own), MOST_WORDS):
        word, start, end = match.group(), match.start(), match.end()
        before, behind = own[max(0, start - 2) : start], own[end : end + 2]
        if any(_stands(theirs, same, before, behind) for same in ALIKE_CHINESE[word]):
            continue
        if any(_stands(theirs, other, before, behind) for other in OPPOSITES_CHINESE[word]):
            yield True


def _stands(text: str, word: str, before: str, behind: str) -> bool:
    """Tell whether a word stands behind or before the same two characters; a single one, between the same two."""
    if word not in text:
        return False
    if len(word) == 1:
        return bool(before and behind) and before[-1] + word + behind[0] in text
    if before[-1:] < "\u2e80" and behind[:1] < "\u2e80":
        return False
    return (len(before) == 2 and before + word in text) or (len(behind) == 2 and word + behind in text)
