"""Take a text apart, whatever is asked of it: its sentences, their words in order, and the things that may be answers.

A piece is a stemmed word, or one character of a script without spaces. Knows nothing of questions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from sys import intern

from rag.evidence.chinese_things import chinese_things
from rag.evidence.english_things import english_things
from rag.evidence.things import Layout, Thing
from rag.text import FIRST_UNSTEMMED, UNSPACED, bare, fold, has_han, sentence_spans, stems

REMEMBERED_TEXTS = 2048  # what answers one question is often looked at for the next

_PIECE = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+(?:[.,]\d+)*")
_CLAUSE = re.compile(r"[,;:，；：、()（）—–]")


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    pieces: tuple[str, ...]
    clauses: tuple[int, ...]  # of each piece, the number of its clause
    units: frozenset[str]  # the pieces, and the pairs of neighbouring characters
    things: tuple[Thing, ...]


@lru_cache(maxsize=REMEMBERED_TEXTS)
def sentences_of(text: str) -> tuple[Sentence, ...]:
    """Take apart the sentences of a text, as `sentence_spans` finds them."""
    return tuple(_sentence(span.of(text)) for span in sentence_spans(text))


def pieces_of(text: str) -> tuple[str, ...]:
    return _stemmed(_PIECE.findall(bare(text)))


def is_character(piece: str) -> bool:
    """Tell whether it is of a script that no stemmer changes: Chinese and those beyond."""
    return piece >= FIRST_UNSTEMMED


def _stemmed(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(intern, stems([word.replace(",", "") for word in words])))


def _sentence(text: str) -> Sentence:
    matches = list(_PIECE.finditer(text))
    raw = [match.group() for match in matches]
    folded = fold(text)
    chinese = has_han(text)
    if len(folded) == len(text) and (chinese or folded.isascii()):
        words = [folded[match.start() : match.end()] for match in matches]
    else:
        words = [bare(piece) or piece for piece in raw]
    starts, ends = [match.start() for match in matches], [match.end() for match in matches]
    layout = Layout(text, raw, words, starts, ends)
    pieces = _stemmed(words)
    pairs = (one + other for one, other in pairwise(pieces) if is_character(one) and is_character(other))
    things = chinese_things(layout) if chinese else english_things(layout)
    return Sentence(text, pieces, _clauses(layout), frozenset(pieces) | frozenset(pairs), tuple(things))


def _clauses(layout: Layout) -> tuple[int, ...]:
    numbers, clause, last = [], 0, 0
    for start, end in zip(layout.starts, layout.ends, strict=True):
        if start > last and _CLAUSE.search(layout.text, last, start):
            clause += 1
        numbers.append(clause)
        last = end
    return tuple(numbers)
