"""Write a question as another person might have: in the other script, in full width, with one slip. Pure."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from string import ascii_lowercase

import opencc

SLIP_LETTERS = 4  # of an English word at least
COMMON = 300  # Chinese characters that may stand for another by mistake
_WORD = re.compile(rf"[A-Za-z]{{{SLIP_LETTERS},}}")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}


@cache
def _converter(name: str) -> opencc.OpenCC:
    return opencc.OpenCC(name)


def traditional(text: str) -> str:
    return str(_converter("s2t").convert(text))


def simplified(text: str) -> str:
    return str(_converter("t2s").convert(text))


def full_width(text: str) -> str:
    return text.translate(_FULL_WIDTH)


def common_characters(texts: Iterable[str]) -> list[str]:
    """Return the Chinese characters that stand in most of these texts."""
    counted = Counter(character for text in texts for character in set(_HAN.findall(text)))
    return [character for character, _ in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:COMMON]]


def slip(text: str, common: Sequence[str], seed: str) -> str:
    """Return the text with one character wrong, always the same for a seed.

    A Chinese character becomes another common one. Where there is none, a letter inside an English word is replaced,
    left out, or changes places with the next. A text with neither stays as it is.
    """
    chance = random.Random(seed)
    places = [match.start() for match in _HAN.finditer(text)]
    if places:
        at = chance.choice(places)
        wrong = chance.choice([character for character in common if character != text[at]] or [text[at]])
        return text[:at] + wrong + text[at + 1 :]
    words = [match.span() for match in _WORD.finditer(text)]
    if not words:
        return text
    start, end = chance.choice(words)
    at = chance.randrange(start + 1, end - 2)  # the first and the last letter are seldom mistaken
    kind = chance.choice(("replaced", "dropped", "swapped"))
    if kind == "replaced":
        wrong = chance.choice([letter for letter in ascii_lowercase if letter != text[at].lower()])
        return text[:at] + wrong + text[at + 1 :]
    if kind == "dropped" or text[at] == text[at + 1]:
        return text[:at] + text[at + 1 :]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


@cache
def _by_sound() -> list[str]:
    """The 3,755 common characters, as GB 2312 has them: in the order of their sound in pinyin."""
    codes = (bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    return [code.decode("gb2312") for code in codes if code <= b"\xd7\xf9"]


@cache
def _place_by_sound() -> Mapping[str, int]:
    return {character: place for place, character in enumerate(_by_sound())}


def sounding_alike(character: str) -> list[str]:
    """Return the characters beside it in the order of sound; nine in ten have its syllable. None for a rare one."""
    place = _place_by_sound().get(simplified(character))
    if place is None:
        return []
    beside = _by_sound()[max(0, place - 1) : place] + _by_sound()[place + 1 : place + 2]
    return [traditional(one) for one in beside] if character != simplified(character) else beside


def slip_by_sound(text: str, seed: str) -> str:
    """Return the text with one Chinese character taken for another of the same sound, as an input method has it.

    A text without a common Chinese character stays as it is.
    """
    chance = random.Random(seed)
    places = [match.start() for match in _HAN.finditer(text)]
    chance.shuffle(places)
    for at in places:
        if beside := sounding_alike(text[at]):
            return text[:at] + chance.choice(beside) + text[at + 1 :]
    return text
