"""Edit a text and carry spans along. Knows nothing of why a text is edited."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rag.types import Block, Document


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `new` in the place of text[start:end]."""

    start: int
    end: int
    new: str = ""


class OffsetMap:
    """Where each offset of the old text stands in the new one."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._edits = edits
        self._starts = [edit.start for edit in edits]
        self._shifts = [0]  # of what lies behind the first i edits
        for edit in edits:
            self._shifts.append(self._shifts[-1] + len(edit.new) - (edit.end - edit.start))

    def start(self, offset: int) -> int:
        """Map a span's start; inside an edit it moves to the beginning of what was put there."""
        index = bisect_right(self._starts, offset)
        if index and offset < self._edits[index - 1].end:
            return self._edits[index - 1].start + self._shifts[index - 1]
        return offset + self._shifts[index]

    def end(self, offset: int) -> int:
        """Map a span's end; inside an edit it moves to the end of what was put there."""
        index = bisect_right(self._starts, offset - 1)
        if index and offset <= self._edits[index - 1].end:
            return self._edits[index - 1].end + self._shifts[index]
        return offset + self._shifts[index]


def apply_edits(text: str, edits: Iterable[Edit]) -> tuple[str, OffsetMap]:
    """Return the edited text and the map to it. An edit that overlaps an earlier one, by start, is left out."""
    kept: list[Edit] = []
    pieces: list[str] = []
    position = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, -edit.end)):
        if edit.start < position or (kept and edit.start == kept[-1].start):
            continue
        kept.append(edit)
        pieces += (text[position : edit.start], edit.new)
        position = edit.end
    pieces.append(text[position:])
    return "".join(pieces), OffsetMap(kept)


def edit_document(document: Document, edits: Sequence[Edit]) -> Document:
    """Return the document with its text edited and its blocks moved; blocks left with nothing but space go."""
    if not edits:
        return document
    text, offsets = apply_edits(document.text, edits)
    blocks = (
        trim_block(replace(block, start=offsets.start(block.start), end=offsets.end(block.end)), text)
        for block in document.blocks
    )
    return replace(document, text=text, blocks=tuple(block for block in blocks if block.start < block.end))


def trim_block(block: Block, text: str) -> Block:
    """Return the block without the white space at its ends."""
    inner = text[block.start : block.end]
    start = block.start + len(inner) - len(inner.lstrip())
    end = max(start, block.end - (len(inner) - len(inner.rstrip())))
    return block if (start, end) == (block.start, block.end) else replace(block, start=start, end=end)


def nfc_edits(text: str) -> list[Edit]:
    """Return the edits that bring a text to NFC, cluster by cluster, so that offsets stay close."""
    if unicodedata.is_normalized("NFC", text):
        return []
    edits = []
    start = 0
    for position in range(1, len(text) + 1):
        if position < len(text) and _composes(text[position]):
            continue
        cluster = text[start:position]
        normal = unicodedata.normalize("NFC", cluster)
        if normal != cluster:
            edits.append(Edit(start, position, normal))
        start = position
    return edits


def _composes(character: str) -> bool:
    """True where NFC may join this character to the one before: marks, and Hangul vowels and finals."""
    return "\u1160" <= character <= "\u11ff" or unicodedata.category(character)[0] == "M"
