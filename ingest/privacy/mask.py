"""Replace what is found by marks, the same value by the same mark within one document; blocks and boxes move along.

A mark is [MAIL-1]: no bare number in brackets, which would be taken for a footnote, and no word that a reader of
Chinese could not place.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from ingest.offsets import Edit, edit_document
from ingest.privacy.find import find
from ingest.privacy.kinds import Found, Kind
from rag.library.records import MASKED
from rag.types import BlockKind, Document

PERSONAL = "personal"


class Masker:
    """Gives marks; one for each document."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[Kind, str], int] = {}
        self._given: Counter[Kind] = Counter()
        self.places: Counter[str] = Counter()  # finds by kind

    def edits(self, text: str) -> list[Edit]:
        return [Edit(found.start, found.end, self._mark(found)) for found in find(text)]

    def text(self, text: str) -> str:
        pieces: list[str] = []
        position = 0
        for edit in self.edits(text):
            pieces += (text[position : edit.start], edit.new)
            position = edit.end
        return "".join((*pieces, text[position:]))

    def anything(self, value: Any) -> Any:
        """Return metadata with every string in it masked, names of fields too; other values as they are."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.anything(name): self.anything(inner) for name, inner in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return type(value)(self.anything(inner) for inner in value)
        return value

    def _mark(self, found: Found) -> str:
        self.places[found.kind.value] += 1
        key = (found.kind, found.value)
        if key not in self._numbers:
            self._given[found.kind] += 1
            self._numbers[key] = self._given[found.kind]
        return f"[{found.kind.name}-{self._numbers[key]}]"


def flagged(document: Document) -> Document:
    counts: Counter[str] = Counter(found.kind.value for found in find(document.text))
    return replace(document, metadata=_with_counts(document.metadata, counts))


def masked(document: Document) -> Document:
    masker = Masker()
    edited = edit_document(document, list(_within_blocks(masker.edits(document.text), document)))
    counts = Counter(masker.places)
    blocks = tuple(replace(block, place=masker.text(block.place)) if block.place else block for block in edited.blocks)
    metadata = _with_counts(masker.anything(dict(document.metadata)), counts) | {MASKED: True}
    title, source = masker.text(document.title), masker.text(document.source)
    return replace(edited, blocks=blocks, title=title, source=source, metadata=metadata)


def _within_blocks(edits: Iterable[Edit], document: Document) -> Iterator[Edit]:
    """Cut what reaches over a block's end, a key over many lines, into a mark for each: blocks never overlap."""
    structural = (block for block in document.blocks if block.kind is not BlockKind.LINE)
    cuts = sorted({offset for block in structural for offset in (block.start, block.end)})
    for edit in edits:
        inside = cuts[bisect_right(cuts, edit.start) : bisect_left(cuts, edit.end)]
        for start, end in pairwise((edit.start, *inside, edit.end)):
            if not document.text[start:end].isspace():
                yield Edit(start, end, edit.new)


def _with_counts(metadata: Mapping[str, Any], counts: Counter[str]) -> dict[str, Any]:
    return {**metadata, **({PERSONAL: dict(sorted(counts.items()))} if counts else {})}
