"""How closely a text speaks of what a question asks: which of its words it holds, how near together, in what order.

BM25 sees a bag of words; this sees sentences. Knows nothing of rankings, of libraries, or of what words mean.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from sys import intern

from rag.text import UNSPACED, bare, query_terms, stems

# A word, or one character of a script that is written without spaces: nothing is cut into words.
_PIECE = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+")
_SENTENCE_END = re.compile(r"[。！？!?；;\n]|\.(?=\s)")
REMEMBERED_TEXTS = 4096  # what answers one question is often looked at for the next


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

    def closeness(self, text: str) -> Closeness:
        if not self._total:
            return Closeness()
        sentences = [self._asked(sentence) for sentence in _sentences(text)]
        pairs = {pair for held in sentences for pair in pairwise(held) if pair in self._pairs}
        kinds = [set(held) - {""} for held in sentences]
        return Closeness(
            cover=self._share(set().union(*kinds)),
            sentence=max(map(self._share, kinds)),
            pairs=math.fsum(self._pairs[pair] for pair in pairs) / self._pairs_total if self._pairs_total else 0.0,
        )

    def _asked(self, sentence: Sequence[str]) -> Sequence[str]:
        """Return the sentence's stems in order, those that nobody asked for as nothing."""
        if self._rarity.keys().isdisjoint(sentence):
            return ()
        return [stem if stem in self._rarity else "" for stem in sentence]

    def _share(self, held: set[str]) -> float:
        return math.fsum(self._rarity[piece] for piece in held) / self._total  # the same in whatever order


@lru_cache(maxsize=REMEMBERED_TEXTS)
def _sentences(text: str) -> tuple[tuple[str, ...], ...]:
    """Cut a text into sentences, and these into stems: the slow half of a look, and the same for every question."""
    cut = (stems(_PIECE.findall(sentence)) for sentence in _SENTENCE_END.split(bare(text)))
    return tuple(tuple(map(intern, sentence)) for sentence in cut)


def _rarity(frequency: int, chunks: int) -> float:
    """Return BM25's inverse document frequency; more chunks may hold a word than there are, until removals settle."""
    return math.log(1.0 + (max(chunks, frequency) - frequency + 0.5) / (frequency + 0.5))
