"""Tell text that nobody reads: encoded data, the same line over and over, garbled bytes. Pure.

A short text is no bad text, and a table of numbers is one: only what holds no words at all is turned away.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from ingest.structure import Line
from rag.errors import LowQuality
from rag.types import BlockKind, Document

REPEATED = 12  # times that a line may stand in one text; past that its first stays
REPEATED_CHARACTERS = 12  # shorter ones ("Yes", "---", "1.2") may well come often
JUDGED_CHARACTERS = 200  # a shorter text is taken as it is
READABLE_SHARE = 0.3  # of its characters that are letters or digits
GARBLED_SHARE = 0.1  # that stand for bytes nobody could read
_ENCODED = re.compile(
    r"(?:[A-Za-z0-9+/_-]{48,}+={0,2}\s+){3,}[A-Za-z0-9+/_-]*={0,2}"  # folded, as mail and certificates are
    r"|[A-Za-z0-9+/=_-]{200,}+"
    r"|(?:[0-9a-fA-F]{2}[ :\n]++){64,}"
)
_GARBLED = re.compile("[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f]")
_ROWS = frozenset({BlockKind.TABLE_ROW, BlockKind.CODE})


def noise(document: Document, lines: Sequence[Line]) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and reason of what holds no words. lines: those of the text."""
    yield from _encoded(document.text)
    yield from _repeated(document, lines)


def refuse_noise(document: Document) -> None:
    """Raise LowQuality for a text that is noise as a whole."""
    shown = "".join(document.text.split())
    if len(shown) < JUDGED_CHARACTERS:
        return
    garbled = len(_GARBLED.findall(shown)) / len(shown)
    if garbled > GARBLED_SHARE:
        raise LowQuality(
            f"{document.source}: {garbled:.0%} of its characters stand for bytes that could not be read",
            hint="save it anew, in UTF-8, or export it to PDF",
        )
    readable = sum(map(str.isalnum, shown)) / len(shown)
    if readable < READABLE_SHARE:
        raise LowQuality(f"{document.source}: only {readable:.0%} of its characters are letters or digits")


def _encoded(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _ENCODED.finditer(text):
        if _is_mixed("".join(match.group().split())):
            yield match.start(), match.end(), "encoded data"


def _is_mixed(run: str) -> bool:
    """Whether digits and letters stand as mixed as in data; a long word, or a long line of dashes, is none."""
    return sum(map(str.isdigit, run)) >= 0.08 * len(run) and len(set(run)) >= 12 and any(map(str.isalpha, run))


def _repeated(document: Document, lines: Sequence[Line]) -> Iterator[tuple[int, int, str]]:
    shown = [line.text.strip() for line in lines]
    often = {text for text, count in Counter(shown).items() if count > REPEATED and len(text) >= REPEATED_CHARACTERS}
    if not often:
        return
    rows = [(block.start, block.end) for block in document.blocks if block.kind in _ROWS]  # in order
    seen: set[str] = set()
    position = 0
    for line, text in zip(lines, shown, strict=True):
        if text not in often:
            continue
        while position < len(rows) and rows[position][1] <= line.start:
            position += 1
        if position < len(rows) and rows[position][0] <= line.start:
            continue
        if text in seen:
            yield line.start, line.end, "repeated line"
        seen.add(text)
