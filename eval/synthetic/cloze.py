"""Sentences with a gap where a telling term stood: a date, number or name, or a word that stands nowhere else. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from eval.synthetic.made import Made, Sentence
from rag.text import cut_words, has_han

GAP = "____"
ASKS = {"en": "Fill the gap: {}", "zh": "填空：{}"}
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DATE = re.compile(
    rf"(?:\b\d{{1,2}} (?:{MONTHS})(?: \d{{4}})?\b|\b(?:{MONTHS})(?: \d{{1,2}},)? \d{{4}}\b|"
    r"\d{2,4}年(?:\d{1,2}月(?:\d{1,2}[日号])?)?|\b(?:1[0-9]{3}|20[0-9]{2})\b)"
)
# A digit that is part of a name, a version or a longer number is no number.
NUMBER = re.compile(  # taken whole or not at all: 12 is not in 127.0.0.1
    r"(?<![\w.,/=\[-])(?:\d{1,3}(?:,\d{3})++|\d++)(?:\.\d++)?%?(?![A-Za-z0-9_]|[.,/-]\w)|"
    r"(?<=[\u4e00-\u9fff])(?:\d{1,3}(?:,\d{3})++|\d++)(?:\.\d++)?%?(?![A-Za-z0-9_]|[.,/-]\w)"
)
NAME = re.compile(
    r"(?<=[a-z,] )[A-Z][\w’'-]+(?: (?:(?:of|de|van|von) )?[A-Z][\w’'-]+)+|(?<=《)[^《》]{2,20}(?=》)|"
    r"(?<=[\u4e00-\u9fff])[A-Z][A-Za-z]{2,}(?: [A-Z][A-Za-z]+)*(?=[\u4e00-\u9fff])"
)
LEAST_RARE_HAN = 3  # characters: a shorter rare word is seldom a term
# Cut as one word, but no term: words of grammar and of direction are in it.
_NO_TERM = re.compile("[于於起到以的得不每了着著把被再这這那第我你他她它之所在和与與上下也都就]")
# A rare English word is a term where it ends so; others are as well said in another word.
TERM = re.compile(
    r"\b[a-z]{3,}(?:tion|sion|ment|ism|ist|ity|ness|ship|logy|graphy|ance|ence|sis|ics|ium|oxide|ase|ure|meter)s?\b"
)
_PART_OF_NAME = re.compile(r"(?:[·\-–’'/]|\b[A-Z]\w* )$")


def clozes(sentence: Sentence, is_rare: Callable[[str], bool]) -> Iterator[Made]:
    """Yield the sentence with each gap it can have, dates first. is_rare: whether a word stands in this one alone."""
    taken: list[tuple[int, int]] = []
    for pattern in (DATE, NUMBER, NAME):
        for match in pattern.finditer(sentence.text):
            before, after = sentence.text[: match.start()], sentence.text[match.end() :]
            inside = _PART_OF_NAME.search(before) or after.startswith(("·", "-", "–", "’", "'"))
            if not inside and not any(start < match.end() and match.start() < end for start, end in taken):
                taken.append(match.span())
                yield _gapped(sentence, *match.span())
    if not taken:
        for start, end in _words(sentence):
            if is_rare(sentence.text[start:end]):
                yield _gapped(sentence, start, end)


def _words(sentence: Sentence) -> Iterator[tuple[int, int]]:
    if sentence.language == "en":
        for match in TERM.finditer(sentence.text):
            yield match.span()
        return
    at = 0
    for word in cut_words(sentence.text):
        at = sentence.text.index(word, at)
        if len(word) >= LEAST_RARE_HAN and has_han(word) and not _NO_TERM.search(word):
            yield at, at + len(word)
        at += len(word)


def _gapped(sentence: Sentence, start: int, end: int) -> Made:
    text = f"{sentence.text[:start]}{GAP}{sentence.text[end:]}"
    return Made("cloze", ASKS[sentence.language].format(text), (sentence.text[start:end],), sentence)
