"""Break text into lines of a terminal's width, where Chinese and English may be broken. Pure; prints nothing."""

from __future__ import annotations

import re

from rich.cells import cell_len

# A run of letters stays whole; Chinese and Japanese may be broken after any character.
_PIECE = re.compile(r"[^\S\n]+|[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+|\S")
_NOT_FIRST = frozenset("，。、！？；：）】》」』”’…—")  # what closes or parts a sentence begins no line
_NOT_LAST = frozenset("（【《「『“‘")


def wrap(text: str, width: int, *, first: str = "", rest: str = "") -> list[str]:
    """Return the text as lines of at most `width` cells, with `first` before the first line and `rest` before others.

    Line ends of the text stay. Spaces at which a line was broken go; a word wider than a line is cut.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = rest if lines else first
        empty = len(line)
        for piece in _pieces(paragraph, max(2, width - cell_len(rest))):
            if cell_len(line) + cell_len(piece.rstrip()) > width and len(line) > empty:
                lines.append(line.rstrip())
                line, empty = rest, len(rest)
                piece = piece.lstrip()
            line += piece
        lines.append(line.rstrip())
    return lines


def _pieces(paragraph: str, width: int) -> list[str]:
    """Return what may not be broken, in order: words, single Chinese characters with their punctuation, spaces."""
    pieces: list[str] = []
    for piece in _PIECE.findall(paragraph):
        joins = piece[0] in _NOT_FIRST or (pieces and pieces[-1][-1] in _NOT_LAST)
        if pieces and joins and not pieces[-1].isspace() and cell_len(pieces[-1] + piece) <= width:
            pieces[-1] += piece
        else:
            pieces += _cut(piece, width)
    return pieces


def _cut(word: str, width: int) -> list[str]:
    """Return a word in pieces of at most `width` cells."""
    cut = [""]
    for character in word:
        if cell_len(cut[-1] + character) > width:
            cut.append("")
        cut[-1] += character
    return [piece for piece in cut if piece]
