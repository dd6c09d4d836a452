"""What a chosen sentence is not whole without: the list that it introduces or is part of, what "it" means, its header.

Knows nothing of which sentence answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rag.text import sentence_spans
from rag.types import EvidenceSentence, Passage

MAX_LIST_SENTENCES = 16
JOIN_CHARACTERS = 2  # between a passage and the next of the same document: a line's end
CELL = " | "

Place = tuple[int, int]  # passage, and sentence in it
Given = tuple[Place, str]

LIST_ITEM = re.compile(
    r"(?:[-*•·]|\(?\d{1,2}[.)、）]|（\d{1,2}）|[①-⑳]|第[一二三四五六七八九十]+[,、:：步，]|[一二三四五六七八九十]+、|"
    r"（[一二三四五六七八九十]+）|(?:首先|其次|再次|然后|最后|其一|其二|其三)[,，]?|"
    r"(?:First|Second|Third|Fourth|Fifth|Next|Then|Finally|Lastly)(?:ly)?,)\s*\S"
)
_INTRODUCES = re.compile(r"[:：]$|(?:as follows|如下|以下[^。]{0,12})[.。]?$", re.IGNORECASE)
# What it says is about something that the sentence before names.
_REFERS = re.compile(
    r"(?:it|its|this|these|they|their|he|his|she|her)\b|(?:其(?!他|它|余|次|中|实)|该|該|这(?!样|里)|這|此(?!外|后|前)|它|他们?|她们?)",
    re.IGNORECASE,
)


def gathered_list(sentence: EvidenceSentence, passages: Sequence[Passage]) -> list[Given]:
    """Return the introduction and the items that follow it; empty where the sentence has no part in a list.

    The items may go on in a passage that begins where this one ends.
    """
    texts = _texts(passages[sentence.passage])
    first = sentence.position
    if LIST_ITEM.match(texts[first]):
        first = _introduction(texts, first)
    elif not _INTRODUCES.search(texts[first]) and not (first + 1 < len(texts) and LIST_ITEM.match(texts[first + 1])):
        return []
    lines = list(_lines(sentence.passage, first, passages))
    last, items = 1, 0
    for _, text, new_line in lines[1 : 1 + MAX_LIST_SENTENCES]:
        item = LIST_ITEM.match(text) is not None
        # A sentence that is no item goes on from one only where it stands on the same line.
        if not item and (not items or new_line):
            break
        items += item
        last += 1
    items += LIST_ITEM.match(texts[first]) is not None
    return [(place, text) for place, text, _ in lines[:last]] if items >= 2 else []


def needed(sentence: EvidenceSentence, passages: Sequence[Passage]) -> list[Given]:
    """Return the sentence before one that says "it", or the first row of the table that one is a row of."""
    texts = _texts(passages[sentence.passage])
    at = sentence.position
    if CELL in sentence.text:
        top = at
        while top and CELL in texts[top - 1]:
            top -= 1
        return [((sentence.passage, top), texts[top])] if top < at else []
    if at and _REFERS.match(sentence.text) and not LIST_ITEM.match(sentence.text):
        return [((sentence.passage, at - 1), texts[at - 1])]
    return []


def _introduction(texts: Sequence[str], item: int) -> int:
    """Return where the list begins that has this item: with what introduces it, or with the first item."""
    first = item
    while first and LIST_ITEM.match(texts[first - 1]):
        first -= 1
    return first - 1 if first and _INTRODUCES.search(texts[first - 1]) else first


def _lines(passage: int, first: int, passages: Sequence[Passage]) -> Iterator[tuple[Place, str, bool]]:
    """Yield the sentences from there on, of this passage and those that follow it; and whether a line begins."""
    own = passages[passage]
    spans = sentence_spans(own.text)[first:]
    if spans:
        yield (passage, first), spans[0].of(own.text), True
    for position, (before, span) in enumerate(pairwise(spans), first + 1):
        yield (passage, position), span.of(own.text), "\n" in own.text[before.end : span.start]
    for index, other in enumerate(passages):
        if other.document_id == own.document_id and 0 <= other.start - (own.start + len(own.text)) <= JOIN_CHARACTERS:
            yield from _lines(index, 0, passages)
            return


def _texts(passage: Passage) -> list[str]:
    return [span.of(passage.text) for span in sentence_spans(passage.text)]
