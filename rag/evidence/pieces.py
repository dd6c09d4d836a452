"""Cut a text into sentences, and these into pieces: words as their stems, and single characters of Chinese.

Tells too which pieces are a number, a date or a name, as far as patterns and a dictionary of Chinese words know. Pure;
knows nothing of questions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntFlag
from functools import lru_cache
from itertools import pairwise
from sys import intern

from rag.text import UNSPACED, bare, has_han, sentence_spans, stems
from rag.words import ENGLISH_STOP_WORDS

REMEMBERED_TEXTS = 4096  # what answers one question is often looked at for the next

_PIECE = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+")
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_YEAR = re.compile(r"[12]\d{3}s?|\d+(?:st|nd|rd|th)")
_MONTHS = frozenset(
    "january february march april may june july august september october november december century decade".split()
)
_COUNTS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve thirteen fifteen twenty thirty forty fifty hundred "
    "thousand million billion half first second third fourth fifth dozen once twice".split()
)
_CHINESE_DIGITS = frozenset("零〇一二三四五六七八九十百千万亿两")
_MEASURES = frozenset("年月日世个名位次人座所种条倍米公万亿百千分点岁支届")
_OF_DATES = frozenset("年月日世")


class Thing(IntFlag):
    """What a piece may be a part of. In English every name may be a person's or a place's."""

    NONE = 0
    NUMBER = 1
    DATE = 2
    PERSON = 4
    PLACE = 8
    NAME = 16


_TAGS = {  # the beginning of a tag of ICTCLAS, as rjieba gives it
    "nr": Thing.PERSON | Thing.NAME,
    "ns": Thing.PLACE | Thing.NAME,
    "nt": Thing.NAME,
    "nz": Thing.NAME,
    "en": Thing.NAME,
    "m": Thing.NUMBER,
    "t": Thing.DATE,
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """pieces and things go by place; places: where each piece stands."""

    text: str
    pieces: tuple[str, ...]
    things: tuple[Thing, ...]
    places: Mapping[str, tuple[int, ...]]


@lru_cache(maxsize=REMEMBERED_TEXTS)
def counts_of(text: str) -> Counter[str]:
    """Return how often each piece stands in a text, and each pair of Chinese characters side by side."""
    counts: Counter[str] = Counter()
    for sentence in sentences_of(text):
        counts.update(sentence.pieces)
        counts.update(one + other for one, other in pairwise(sentence.pieces) if has_han(one) and has_han(other))
    return counts


def pieces_of(text: str) -> list[str]:
    return stems(_PIECE.findall(bare(text)))


def tagged(text: str) -> list[tuple[str, str]]:
    """Cut a folded Chinese text into words, each with its part of speech."""
    import rjieba  # with its dictionary, which takes 0.2 s

    return list(rjieba.tag(text))


@lru_cache(maxsize=REMEMBERED_TEXTS)
def sentences_of(text: str) -> tuple[Sentence, ...]:
    return tuple(_sentence(span.of(text)) for span in sentence_spans(text))


def _sentence(text: str) -> Sentence:
    folded = bare(text)
    words = _PIECE.findall(folded)
    pieces = tuple(map(intern, stems(words)))
    things = _chinese_things(folded, words) if has_han(text) else _english_things(text, words)
    places: dict[str, list[int]] = {}
    for place, piece in enumerate(pieces):
        places.setdefault(piece, []).append(place)
    return Sentence(text, pieces, tuple(things), {piece: tuple(where) for piece, where in places.items()})


def _english_things(text: str, words: list[str]) -> list[Thing]:
    written = _PIECE.findall(_GROUPED.sub("", text))
    cased = len(written) == len(words)  # folding may part a ligature or a sign
    things = []
    for place, word in enumerate(words):
        thing = Thing.NONE
        if word[0].isdigit() or word in _COUNTS:
            thing |= Thing.NUMBER
        if _YEAR.fullmatch(word) or word in _MONTHS:
            thing |= Thing.DATE
        if cased and written[place][0].isupper() and (place or word not in ENGLISH_STOP_WORDS):
            thing |= Thing.NAME | Thing.PERSON | Thing.PLACE
        things.append(thing)
    return things


def _chinese_things(folded: str, words: list[str]) -> list[Thing]:
    place_at = {match.start(): place for place, match in enumerate(_PIECE.finditer(folded))}
    things = [Thing.NONE] * len(words)
    at = 0
    for word, tag in tagged(folded):
        thing = _TAGS.get(tag[:2], _TAGS.get(tag[:1], Thing.NONE))
        if thing:
            for offset in range(at, at + len(word)):
                if offset in place_at:
                    things[place_at[offset]] |= thing
        at += len(word)
    for place, word in enumerate(words):
        after = words[place + 1] if place + 1 < len(words) else ""
        if word[0].isdigit() or (word in _CHINESE_DIGITS and after in _MEASURES):
            things[place] |= Thing.NUMBER
            if after in _OF_DATES:
                things[place] |= Thing.DATE
    return things
