"""A question taken apart as the signs of an answer are looked for: what it wants, its words and how rare they are.

Knows nothing of passages.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from rag.evidence.apart import is_character, pieces_of
from rag.evidence.focus import Kind, focus_of
from rag.evidence.things import Sort
from rag.text import fold, has_han
from rag.words import ENGLISH_STOP_WORDS

Numbers = npt.NDArray[np.float64]

_NAMES = frozenset({Sort.NAME, Sort.PERSON, Sort.BODY, Sort.PLACE, Sort.QUOTED})
# What may answer: a name that is written by its sounds is taken for a person's, wherever it stands.
WANTED: Mapping[Kind, frozenset[Sort]] = {
    Kind.PERSON: frozenset({Sort.PERSON, Sort.NAME}),
    Kind.BODY: frozenset({Sort.BODY, Sort.NAME, Sort.PERSON}),
    Kind.PLACE: frozenset({Sort.PLACE, Sort.NAME, Sort.BODY, Sort.PERSON}),
    Kind.DATE: frozenset({Sort.DATE}),
    Kind.NUMBER: frozenset({Sort.NUMBER, Sort.MONEY, Sort.PERCENT, Sort.DURATION}),
    Kind.PERCENT: frozenset({Sort.PERCENT, Sort.NUMBER}),
    Kind.MONEY: frozenset({Sort.MONEY, Sort.NUMBER}),
    Kind.DURATION: frozenset({Sort.DURATION, Sort.NUMBER, Sort.DATE}),
    Kind.NAME: _NAMES,
    Kind.THING: _NAMES,
    Kind.OTHER: _NAMES,
}
NEAR_PIECES = 4.0  # from the words that ask, a word counts for less by e at every such step
PREFIX = 5  # letters: words that begin alike may be of one family: partner, partnership
_CAPITAL = re.compile(r"(?<=[\w,] )[A-Z][\w-]*")


class Question:
    def __init__(self, question: str, rarity: Mapping[str, float]) -> None:
        """rarity: of each of the question's telling terms."""
        folded = fold(question)
        self.focus = focus_of(question)
        self.chinese = has_han(folded)
        self.wanted = WANTED.get(self.focus.kind, frozenset())
        self.pieces = pieces = pieces_of(question)
        self.held = frozenset(pieces)
        self.pairs = frozenset(pairwise(pieces))
        first = len(pieces_of(folded[: self.focus.start]))
        last = first + len(pieces_of(folded[self.focus.start : self.focus.end]))
        self.before, self.after = first, len(pieces) - last  # pieces before and after the words that ask
        self.noun = pieces_of(self.focus.noun)
        self.left = pieces[max(0, first - 2) : first]
        behind = last + len(self.noun) if pieces[last : last + len(self.noun)] == self.noun else last
        self.right = pieces[behind : behind + 2]
        self._weigh(rarity, first, last)
        beside = [piece for i, piece in enumerate(pieces) if not first <= i < last]
        self.loose = [piece for piece in dict.fromkeys(beside) if piece not in ENGLISH_STOP_WORDS] or [""]
        self.hard = self._names_and_numbers(question)
        self.prefixes = {unit[:PREFIX]: unit for unit in self.units if not is_character(unit) and len(unit) >= PREFIX}

    def _weigh(self, rarity: Mapping[str, float], first: int, last: int) -> None:
        """Find the units that are looked for, words and pairs of characters, each with its rarity."""
        weights: dict[str, float] = {}
        near: dict[str, float] = {}
        for i, piece in enumerate(self.pieces):
            if first <= i < last:
                continue
            unit = "".join(self.pieces[i : i + 2]) if is_character(piece) else piece
            if unit in rarity and (len(unit) > 1 or not is_character(unit)):
                distance = min(abs(i - first), abs(i - last + 1))
                weights[unit] = rarity[unit]
                near[unit] = max(near.get(unit, 0.0), math.exp(-distance / NEAR_PIECES))
        if not weights:
            weights = {piece: rarity[piece] for piece in self.pieces if piece in rarity} or {"": 0.0}
            near = dict.fromkeys(weights, 1.0)
        self.units = list(weights)
        self.weights: Numbers = np.array(list(weights.values()))
        self.near: Numbers = np.array([near[unit] for unit in self.units])
        total = float(self.weights.sum()) or 1.0
        self.shares = {unit: weight / total for unit, weight in weights.items()}

    def _names_and_numbers(self, question: str) -> list[str]:
        found = [piece for piece in self.pieces if piece[0].isdigit() or (self.chinese and not is_character(piece))]
        if not self.chinese:
            found += pieces_of(" ".join(_CAPITAL.findall(question)))
        return list(dict.fromkeys(found))
