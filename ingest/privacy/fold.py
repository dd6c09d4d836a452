"""Bring a text to the form that the finders look at, and lead their spans back to it.

Full-width letters, digits and signs become ASCII, every dash a hyphen, every space a space; what cannot be seen goes.
Chinese commas, colons and stops stay: they end a number, where 1,2 and 1:2 go on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TO_ASCII = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code) not in "！，／：；？"}
_DASHES = "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63"
_SPACES = "\t\xa0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_TABLE = {
    **_TO_ASCII,
    **dict.fromkeys(map(ord, _DASHES), "-"),
    **dict.fromkeys(map(ord, _SPACES), " "),
    0x0D: "\n",
    0xFE6B: "@",
}
_UNSEEN = re.compile("[\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Folded:
    text: str
    _origins: tuple[int, ...] | None = None  # where each character stood; None: where it stands

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where [start, end) of the folded text stands in the text."""
        if self._origins is None:
            return start, end
        return self._origins[start], self._origins[end - 1] + 1


def fold(text: str) -> Folded:
    if text.isascii():
        return Folded(text.replace("\t", " ").replace("\r", "\n"))
    origins = None
    if _UNSEEN.search(text):
        origins = tuple(index for index, character in enumerate(text) if not _UNSEEN.match(character))
        text = _UNSEEN.sub("", text)
    return Folded(text.translate(_TABLE), origins)
