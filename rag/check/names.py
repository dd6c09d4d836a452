"""The names of a text, as far as honest rules can see them, and those of a claim that its quote does not give.

Names of Latin letters begin with a capital; Chinese ones are known by the tagger, by their · or their 《》. A name that
stands in the quote, but where the quote has another, is found by rag.check.around.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise

from rag.check.said import REMEMBERED, Said, Word
from rag.check.surnames import SURNAMES, TRANSLITERATING
from rag.text import HAN

MOST_NAMES = 64  # of a text
HEADING = 0.85  # share of capitalised words from which on capitals tell nothing
HEADING_WORDS = 4
LEAST_SHARED = 0.5  # of a Chinese name's pairs of characters: what has more of them was only cut otherwise
# The tagger's: people, places, organisations, others.
_NAME_KINDS = frozenset("nr nrt nrfg ns nt nz".split())
_UNKNOWN = "x"
_MARKED = re.compile(
    rf"[{HAN}]{{1,8}}(?:[·•‧・][{HAN}]{{1,8}}){{1,4}}|[《〈『](?P<title>[^《》〈〉『』\n]{{1,60}})[》〉』]"
)
# At the edges of a word, they are of what stands beside it.
_JOINING = "的之于在是为和与及从由叫向对被把其而以至到了着过等并且或者将也都又就"
_DOT = re.compile(r"[·•‧・]")
_HAN = re.compile(f"[{HAN}]")
_CODE = re.compile(r"\b(?=[a-z\d-]*[a-z])(?=[a-z\d-]*\d)[a-z\d]+(?:-[a-z\d]+)*\b")
_COUNTED = re.compile(r"\d+(?:st|nd|rd|th|s|k|m|bn|km|kg|cm|mm|ft|mph|am|pm|mi|gb|mb|tb|ha|hz|°c|c|f|g|l|t)")
_BEFORE_SENTENCE = re.compile(r"(?:^|[.!?:;。！？：；\n(（\"“”‘「『\[•*–—-])[\s\"“‘「『(（\[]*$")
# What may begin with a capital and is no name, or is looked at elsewhere.
_NO_NAMES = frozenset(
    "i mr mrs ms dr prof sir st january february march april may june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday jan feb mar apr jun jul aug sep sept oct nov dec ad bc "
    "ce bce am pm".split()
)
_NO_CHINESE_NAMES = frozenset(
    "公元 民国 世纪 年代 中文 英文 中华民国 西元 安全 高度 明显 和平 文明 阳光 东西 黄金 白银".split()
)
# 北方人 and the like need no rule: they are in the quote as they stand. These may be said in two ways.
_PEOPLE = re.compile(r"(?:(?:i|e)?ans?|n|ns|ese|ish|ic|i|is|ians?)$")
_DEMONYMS = {
    "french": "france", "dutch": "netherlands", "german": "germany", "greek": "greece", "spanish": "spain",
    "spaniard": "spain", "swiss": "switzerland", "danish": "denmark", "dane": "denmark", "swedish": "sweden",
    "swede": "sweden", "turkish": "turkey", "polish": "poland", "pole": "poland", "finnish": "finland",
    "norwegian": "norway", "welsh": "wales", "irish": "ireland", "scottish": "scotland", "british": "britain",
    "english": "england", "american": "america", "thai": "thailand", "czech": "czechia", "portuguese": "portugal",
    "filipino": "philippines", "icelandic": "iceland", "argentine": "argentina", "peruvian": "peru",
}  # fmt: skip
_ENDS = (
    "公司",
    "集团",
    "大学",
    "学院",
    "银行",
    "协会",
    "委员会",
    "政府",
    "法院",
    "医院",
    "省",
    "市",
    "县",
    "区",
    "国",
)


@dataclass(frozen=True, slots=True)
class Name:
    """text is folded; first and last are the words it has, by their place among the text's."""

    text: str
    first: int
    last: int


@lru_cache(maxsize=REMEMBERED)
def names(text: Said) -> Sequence[Name]:
    """Return the names of a text, one word each where letters are Latin."""
    return [*_latin(text), *_chinese(text)][:MOST_NAMES]


def unsaid(claim: Said, quote: Said) -> list[Name]:
    """Return the claim's names that the quote does not give.

    None where the two are in different scripts: names are then written otherwise.
    """
    claimed = names(claim)
    if not claimed:
        return []
    han, latin = _HAN.search(quote.plain) is not None, re.search("[a-z]{2}", quote.lower) is not None
    bases = frozenset(_base(word.text) for word in quote.words if word.text < "\u2e80")
    initials = _initials(quote)
    missing = []
    for name in claimed:
        if name.text < "\u2e80":
            if (
                latin
                and not _latin_is_said(name, claim, quote, bases, initials)
                and not _is_first_name(name, claim, quote)
            ):
                missing.append(name)
        elif han and not _chinese_is_said(name.text, quote.lower):
            missing.append(name)
    return missing


def _latin(text: Said) -> list[Name]:
    words = text.words
    latin = [word for word in words if word.text < "\u2e80" and word.text[:1].isalpha()]
    capitals = [word for word in latin if text.plain[word.start].isupper()]
    if not capitals:
        return []
    chinese = len(latin) < len(words) / 2  # beside Chinese words any Latin one may be a name
    telling = [text.plain[word.start].isupper() for word in latin if word.telling]
    if not chinese and len(telling) >= HEADING_WORDS and sum(telling) >= HEADING * len(telling):
        return []
    small = {word.text for word in latin if text.plain[word.start].islower()}
    found = []
    for place, word in enumerate(words):
        if word.text >= "\u2e80" or not text.plain[word.start].isupper():
            continue
        if not word.telling or word.text in _NO_NAMES or word.text in small or len(word.text) < 2:
            continue
        if _BEFORE_SENTENCE.search(text.plain, max(0, word.start - 6), word.start) and not _begins(text, place):
            continue
        found.append(Name(word.text, place, place))
    return found


def _begins(text: Said, place: int) -> bool:
    """Tell whether a sentence's first word is a name: it has a capital within, or another name behind it."""
    word = text.words[place]
    inner = text.plain[word.start + 1 : word.end]
    if any(letter.isupper() for letter in inner) or text.plain[word.end - 2 : word.end] in ("'s", "’s"):
        return True
    if place + 1 == len(text.words):
        return False
    after = text.words[place + 1]
    joined = text.plain[word.end : after.start] in (" ", "-")
    return joined and after.text < "\u2e80" and text.plain[after.start].isupper() and after.telling


def _latin_is_said(name: Name, claim: Said, quote: Said, bases: frozenset[str], initials: frozenset[str]) -> bool:
    word = claim.words[name.first]
    if word.stem in quote.stems or _base(name.text) in bases:
        return True
    if len(name.text) <= 6 and claim.plain[word.start : word.end].isupper():  # UN of United Nations
        return name.text in initials
    acronym = _initials_around(claim, name)
    return any(one in quote.stems for one in acronym)


def _is_first_name(name: Name, claim: Said, quote: Said) -> bool:
    """Tell whether a surname stands behind it, of which the quote gives no other first name."""
    if name.last + 1 >= len(claim.words):
        return False
    surname = claim.words[name.last + 1]
    if not claim.plain[surname.start].isupper() or claim.plain[claim.words[name.last].end : surname.start] != " ":
        return False
    places = [place for place, word in enumerate(quote.words) if word.stem == surname.stem]
    return bool(places) and not any(
        place and quote.plain[quote.words[place - 1].start].isupper() and quote.words[place - 1].telling
        for place in places
    )


def _base(word: str) -> str:
    """Return what a country and its people have in common."""
    known = _DEMONYMS.get(word) or _DEMONYMS.get(word.removesuffix("s"))
    if known:
        word = known
    short = _PEOPLE.sub("", word)
    return short.rstrip("aeioy") if len(short) >= 4 else word


def _initials(text: Said) -> frozenset[str]:
    """Return the initials of each run of two to six capitalised words, joining words left out."""
    return frozenset(
        run[first:last]
        for run in _capital_runs(text)
        for first in range(len(run))
        for last in range(first + 2, min(len(run), first + 6) + 1)
    )


def _capital_runs(text: Said) -> list[str]:
    runs, run = [], ""
    for word in text.words[: 4 * MOST_NAMES]:
        if text.plain[word.start].isupper():
            run += word.text[0]
        elif word.text not in ("of", "the", "and", "for", "de", "la"):
            runs.append(run)
            run = ""
    return [one for one in (*runs, run) if len(one) > 1]


def _initials_around(text: Said, name: Name) -> list[str]:
    """Return the acronyms of the capitalised words that a name stands among."""
    first = last = name.first
    joining = ("of", "the", "and", "for")
    while first and (text.plain[text.words[first - 1].start].isupper() or text.words[first - 1].text in joining):
        first -= 1
    while last + 1 < len(text.words) and (
        text.plain[text.words[last + 1].start].isupper() or text.words[last + 1].text in joining
    ):
        last += 1
    if last - first > 8:
        return []
    letters = [word.text[0] for word in text.words[first : last + 1] if word.text not in joining]
    return ["".join(letters[i:j]) for i in range(len(letters)) for j in range(i + 2, len(letters) + 1)]


def _chinese(text: Said) -> list[Name]:
    if not _HAN.search(text.plain):
        return []
    found: list[Name] = []
    taken: list[tuple[int, int]] = []
    for match in islice(_MARKED.finditer(text.lower), MOST_NAMES):
        taken.append(match.span())
        found.append(Name(match["title"] or match.group(), *_places(text.words, *match.span())))
    for place, word in enumerate(text.words):
        name = word.text.strip(_JOINING)
        if is_name(name, word.kind) and not any(start <= word.start < end for start, end in taken):
            found.append(Name(name, place, place))
    return found


def is_name(word: str, kind: str) -> bool:
    """Tell whether the tagger takes a word for a name, or knows it not and it begins or is written as one."""
    if len(word) < 2 or word in _NO_CHINESE_NAMES:
        return False
    if kind in _NAME_KINDS:
        return True
    if kind != _UNKNOWN:
        return False
    return (word[0] in SURNAMES and len(word) <= 3) or (len(word) > 2 and all(one in TRANSLITERATING for one in word))


def is_joining(words: str) -> bool:
    """Tell whether there are only characters that join others."""
    return not words.strip(_JOINING)


def _places(words: Sequence[Word], start: int, end: int) -> tuple[int, int]:
    inside = [place for place, word in enumerate(words) if start <= word.start < end]
    return (inside[0], inside[-1]) if inside else (0, 0)


def _chinese_is_said(name: str, quote: str) -> bool:
    if name in quote:
        return True
    if _DOT.search(name):
        return _transliterated_is_said(name, quote)
    pairs = [one + other for one, other in pairwise(name)]
    if len(name) > 2 and sum(pair in quote for pair in pairs) >= LEAST_SHARED * len(pairs):
        return True
    if name.endswith(_ENDS) and any(name.removesuffix(end) in quote for end in _ENDS if len(name) - len(end) > 1):
        return True
    # 北大 of 北京大学: its characters, in their order, close together.
    return len(name) <= 3 and re.search(f"[{HAN}]{{0,3}}".join(map(re.escape, name)), quote) is not None


def _transliterated_is_said(name: str, quote: str) -> bool:
    """Look for what is on both sides of the last dot: what stands before and behind a name is not told from it."""
    *_, first, last = _DOT.split(name)
    if len(last) < 2 or last[:2] not in quote:
        return False
    ends = re.findall(rf"(.)[·•‧・]{re.escape(last[:2])}", quote)
    return not ends or first[-1:] in ends


def codes(text: Said) -> frozenset[str]:
    """Return the codes of a text, letters and digits together, without their joiners: gpt4, covid19."""
    return frozenset(
        match.group().replace("-", "")
        for match in islice(_CODE.finditer(text.lower), MOST_NAMES)
        if not _COUNTED.fullmatch(match.group())
    )
