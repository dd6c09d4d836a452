"""How closely a text speaks of what a question asks: which of its words it holds, how near together, in what order.

BM25 sees a bag of words; this sees sentences. Knows nothing of rankings, of libraries, or of what words mean.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.text import UNSPACED, bare, query_terms, stems

# A word, or one character of a script that is written without spaces: nothing is cut into words.
_PIECE = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+")
_SENTENCE_END = re.compile(r"[。！？!?；;\n]|\.(?=\s)")
START = 2  # letters that a word and its stem have in common: the others need not be stemmed


def _uncut(_run: str) -> list[str]:
    return []


@dataclass(frozen=True, slots=True)
class Closeness:
    """Each in [0, 1], weighed by how rare the words are."""

    cover: float = 0.0  # of the question's words, by the text
    sentence: float = 0.0  # by its best sentence
    pairs: float = 0.0  # of the question's words that stand side by side, those that do so in the text too

    @property
    def score(self) -> float:
        return (self.cover + self.sentence + self.pairs) / 3


class Sought:
    """What one question asks for."""

    def __init__(self, question: str, frequency: Callable[[str], int], chunks: int) -> None:
        """frequency: in how many of the library's chunks a search term stands; chunks: how many there are."""
        wanted = set(query_terms(question, cut=_uncut))
        asked = [piece for piece in stems(_PIECE.findall(bare(question))) if piece in wanted]
        self._rarity = {piece: _rarity(frequency(piece), chunks) for piece in asked}
        self._total = math.fsum(self._rarity.values())
        self._pairs = {
            (one, other): min(self._rarity[one], self._rarity[other]) for one, other in pairwise(asked) if one != other
        }
        self._pairs_total = math.fsum(self._pairs.values())
        self._starts = {piece[:START] for piece in self._rarity}
        self._stems: dict[str, str] = {}

    def closeness(self, text: str) -> Closeness:
        if not self._total:
            return Closeness()
        sentences = [self._held(sentence) for sentence in _SENTENCE_END.split(bare(text))]
        pairs = {pair for held in sentences for pair in pairwise(held) if pair in self._pairs}
        kinds = [set(held) - {""} for held in sentences]
        return Closeness(
            cover=self._share(set().union(*kinds)),
            sentence=max(map(self._share, kinds)),
            pairs=math.fsum(self._pairs[pair] for pair in pairs) / self._pairs_total if self._pairs_total else 0.0,
        )

    def _held(self, sentence: str) -> Sequence[str]:
        """Return the sentence's pieces in order, those that nobody asked for as nothing."""
        pieces = _PIECE.findall(sentence)
        new = [piece for piece in pieces if piece[:START] in self._starts and piece not in self._stems]
        self._stems.update(zip(new, stems(new), strict=True))
        known: Mapping[str, str] = self._stems
        return [stem if (stem := known.get(piece, "")) in self._rarity else "" for piece in pieces]

    def _share(self, held: set[str]) -> float:
        return math.fsum(self._rarity[piece] for piece in held) / self._total  # the same in whatever order


def _rarity(frequency: int, chunks: int) -> float:
    """Return BM25's inverse document frequency; more chunks may hold a word than there are, until removals settle."""
    return math.log(1.0 + (max(chunks, frequency) - frequency + 0.5) / (frequency + 0.5))
