"""Join the lines of plain text that was broken to a fixed width. Knows nothing of files."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from ingest.read.characters import written_without_spaces

WIDTHS = range(40, 121)  # columns that people wrap at; a Han character takes two
MIN_WRAPPED_PAIRS = 3  # of lines that break where the next word did not fit
MIN_SHARE = 0.7  # of a paragraph's line ends that must be such
MIN_SEPARATORS = 3  # two lines of prose seldom have as many commas as that, and as many as each other
_OWN_LINE = re.compile(r"[ \t]*(?:[-*+•>|#]|\d{1,3}[.)、]|[（(]\w{1,3}[)）]|[A-Za-z-]{2,20}:\s)|[ \t]{4,}|\t")


def unwrap(text: str) -> str:
    """Return the text with each wrapped paragraph on one line; every other line end stays."""
    lines = [line.rstrip() for line in text.split("\n")]
    widths = sorted(width for line in lines if (width := _width(line)))
    if not widths:
        return text
    limit = widths[-1 - len(widths) // 100]  # one line in a hundred may stand out, a long address say
    if limit not in WIDTHS:
        return text
    paragraphs = [paragraph.split("\n") for paragraph in re.split(r"\n{2,}", "\n".join(lines))]
    wrapped = sum(_is_full(a, b, limit) for paragraph in paragraphs for a, b in pairwise(paragraph))
    if wrapped < MIN_WRAPPED_PAIRS:
        return text
    return "\n\n".join("\n".join(_unwrapped(paragraph, limit)) for paragraph in paragraphs)


def _unwrapped(lines: list[str], limit: int) -> list[str]:
    joints = [_is_full(a, b, limit) for a, b in pairwise(lines)]
    if sum(joints) < MIN_SHARE * len(joints):
        return lines
    joined = [[lines[0]]]
    for line, is_joint in zip(lines[1:], joints, strict=True):
        if not is_joint:
            joined.append([line])
            continue
        before, after = joined[-1][-1], line.lstrip()
        tight = written_without_spaces(before[-1]) or written_without_spaces(after[0])
        joined[-1] += ("" if tight else " ", after)
    return ["".join(pieces) for pieces in joined]


def _is_full(line: str, following: str, limit: int) -> bool:
    """True where the line ends because the following one's first word would not have fitted."""
    if not line or not following.strip() or _OWN_LINE.match(following) or _are_rows(line, following):
        return False
    after = following.lstrip()
    first = after[0] if written_without_spaces(after[0]) else after.split(None, 1)[0]
    gap = 0 if written_without_spaces(after[0]) else 1
    # Two columns of grace: a full stop may not begin a line.
    return _width(line) + gap + _width(first) > limit - 2


def _are_rows(line: str, following: str) -> bool:
    """True for two rows of data: as many separators in the one as in the other."""
    return any((count := line.count(mark)) >= MIN_SEPARATORS and following.count(mark) == count for mark in ",;\t|")


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
