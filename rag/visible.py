"""Keep of a stream of text what can be seen: no control or invisible characters, no terminal escapes. Pure."""

from __future__ import annotations

import re

# Zero width, bidirectional, variation selectors, fillers, tags (U+E0000), C0 and C1 controls, lone surrogates.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0d-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff\ud800-\udfff]"
)
_LINE_ENDS = str.maketrans(dict.fromkeys("\x0b\x0c\x85\u2028\u2029", "\n"))
# Colours and cursor movements; titles and links, which carry a text of their own; the rest.
_PARAMETERS = r"(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}"
_STRING = r"(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]{0,2048}"
_ESCAPE = re.compile(rf"{_PARAMETERS}[@-~]|{_STRING}(?:\x07|\x1b\\|\x9c)|\x1b[ -/]{{0,8}}[0-OQ-WYZ\\`-~]")
_UNFINISHED = re.compile(rf"(?:{_PARAMETERS}|{_STRING}\x1b?|\x1b[ -/]{{0,8}})\Z")
_ESCAPES = re.compile(r"[\x1b\x9b\x9d\x90\x98\x9e\x9f]")


class Visible:
    """Feed it text piece by piece, cut anywhere: what it gives, joined, is the same."""

    def __init__(self) -> None:
        self._held = ""  # the beginning of an escape

    def feed(self, piece: str) -> str:
        text = self._held + piece
        self._held = ""
        shown: list[str] = []
        start = 0
        while escape := _ESCAPES.search(text, start):
            shown.append(text[start : escape.start()])
            if whole := _ESCAPE.match(text, escape.start()):
                start = whole.end()
            elif _UNFINISHED.match(text, escape.start()):
                self._held = text[escape.start() :]
                return _seen("".join(shown))
            else:
                start = escape.end()
        return _seen("".join(shown) + text[start:])

    def close(self) -> str:
        """Give what was held back, without what made it an escape."""
        rest, self._held = self._held[1:], ""
        return _seen(rest)


def _seen(text: str) -> str:
    return _INVISIBLE.sub("", text.translate(_LINE_ENDS))
