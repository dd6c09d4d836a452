"""Put the characters of a line together by the white between them. Knows nothing of pictures.

The model misses spaces between words, sees some that are none, and calls full-width marks by their half-width names.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ingest.read.characters import written_without_spaces

# Shares of an em, measured on Noto, DejaVu and Aileron: within a word at most 0.21 is white, between two at least 0.21;
# but never less than 1.8 times what is usual within the words of the same line, nor 0.7 times what is between them.
SPACE, SPACE_BY_LETTERS, SPACE_BY_SPACES = 0.2, 1.8, 0.7
NO_SPACE = 0.06
FULL_WIDTH_WHITE = 0.42  # half of a full-width mark is white
CHINESE_SPACE = 0.8  # between two Han characters less is justification
# How far print reaches above and below the line it stands on, by its characters, in ems.
_HAN_HEIGHT = 0.97
_RISE, _LOW_RISE = 0.74, 0.54
_FALL, _COMMA_FALL = 0.21, 0.13
_LOW = frozenset("acegmnopqrsuvwxyz.,:;-–—_~+=<>·")  # all others rise above the small letters
_FALLING = frozenset("gjpqyQ()[]{}|/@$_")
_FULL_WIDTH = str.maketrans("(),:;!?", "（），：；！？")
_OPENING, _MARKS = "(", "(),:;!?"
_BEFORE_SPACE = ",.;:!?)"


@dataclass(frozen=True, slots=True)
class Printed:
    character: str
    white: float  # before it, in ems
    spaced: bool  # the model sees a space before it


def joined(line: Sequence[Printed]) -> str:
    """Return the line's text."""
    ends = (Printed("", 0.0, False),)
    line = [
        replace(item, character=_in_full_width(before.character, item, after))
        for before, item, after in zip((*ends, *line), line, (*line[1:], *ends), strict=False)
    ]
    least, no_space = _least_space(line), NO_SPACE if _white_tells(line) else 0.0
    pieces = [item.character for item in line[:1]]
    for before, item in pairwise(line):
        pieces += (" " if _stands_apart(before.character, item, least, no_space) else "", item.character)
    return "".join(pieces)


def ink_ems(text: str) -> float:
    """Return how high the ink of a line stands, by what is written there, as a share of its em."""
    characters = set(text) - {" "}
    if any(map(_is_chinese, characters)):
        return _HAN_HEIGHT
    rise = _LOW_RISE if characters <= _LOW else _RISE
    return rise + (_FALL if characters & _FALLING else _COMMA_FALL if characters & {",", ";"} else 0.0)


def _least_space(line: Sequence[Printed]) -> float:
    """Return how much white in this line is a space that the model has missed."""
    spaces: list[float] = []
    letters: list[float] = []
    for before, item in pairwise(line):
        if before.character.isascii() and item.character.isascii():
            (spaces if item.spaced else letters).append(item.white)
    least = SPACE
    if len(letters) >= 4:
        least = max(least, SPACE_BY_LETTERS * statistics.median(letters))
    if spaces:
        least = max(least, SPACE_BY_SPACES * statistics.median(spaces))
    return least


def _white_tells(line: Sequence[Printed]) -> bool:
    """False where the ground is so full of specks that what the model takes for spaces has no white in it."""
    spaces = [item.white for item in line if item.spaced]
    return bool(spaces) and statistics.median(spaces) >= SPACE


def _stands_apart(before: str, item: Printed, least: float, no_space: float) -> bool:
    after = item.character
    sides = (written_without_spaces(before), written_without_spaces(after))
    if all(sides):
        return item.spaced and item.white >= CHINESE_SPACE and before.isalnum() and after.isalnum()
    if item.spaced:
        return item.white >= no_space or any(sides)
    if any(sides) or not after.isalpha():
        return False
    return item.white >= least and (before.isalpha() or before in _BEFORE_SPACE)


def _in_full_width(before: str, item: Printed, after: Printed) -> str:
    """Return a mark beside Chinese as what it is, by the white on its outer side; at a line's end it is Chinese."""
    mark = item.character
    if mark not in _MARKS or not (_is_chinese(before) or _is_chinese(after.character)):
        return mark
    outer, white = (before, item.white) if mark in _OPENING else (after.character, after.white)
    return mark if outer and white < FULL_WIDTH_WHITE else mark.translate(_FULL_WIDTH)


def _is_chinese(character: str) -> bool:
    return bool(character) and written_without_spaces(character)
