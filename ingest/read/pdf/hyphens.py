"""Tell the hyphen that breaks a word at a line's end from the one that belongs to it. Knows nothing of places."""

from __future__ import annotations

import re
from collections.abc import Iterable

MIN_WHOLE = 4  # letters: shorter parts are words by chance
_HYPHENS = ("-", "\u2010")
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
_LAST = re.compile(r"(\S*?)([^\W\d_]+)[-\u2010]$")
_FIRST = re.compile(r"[^\W\d_]+")


class Words:
    """The words of a document, but those that stand at a broken line's end and at the beginning of the next."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._whole: set[str] = set()
        broken = False
        for line in lines:
            text = line.casefold()
            if broken and (match := _FIRST.match(text)):
                text = text[match.end() :]
            broken = text.endswith(_HYPHENS)
            if broken:
                text = text[: -len(_LAST.search(text).group())] if _LAST.search(text) else text  # type: ignore[union-attr]
            self._whole.update(_WORD.findall(text))

    def is_broken(self, piece: str, following: str) -> bool:
        """Tell whether the hyphen at the end of `piece` was put there to break a word that goes on in `following`."""
        if not piece.endswith(_HYPHENS) or not piece[-2:-1].isalpha() or not following[:1].islower():
            return False
        last, first = _LAST.search(piece), _FIRST.match(following)
        if last is None or first is None:
            return True
        if any(hyphen in last.group(1) for hyphen in _HYPHENS):
            return False  # state-of-the-art
        before, after = last.group(2).casefold(), first.group().casefold()
        if before + after in self._whole:
            return True
        if f"{before}-{after}" in self._whole or f"{before}\u2010{after}" in self._whole:
            return False
        return not (min(len(before), len(after)) >= MIN_WHOLE and {before, after} <= self._whole)
