"""Hide what is quoted from patterns that would take it apart, and show it again. Pure."""

from __future__ import annotations

import re

_QUOTED = re.compile(
    r"《[^》]*》|“[^”]*”|「[^」]*」|『[^』]*』|‘[^’]*’|\"[^\"]*\"|(?<![\w'])'[^']*'(?!\w)|\([^()]*\)|（[^（）]*）|【[^】]*】"
)
_FIRST = 0xE000  # of the private use area, where no text has anything to say
_MOST = 256
_SIGN = re.compile("[\ue000-\ue0ff]")


def hidden(text: str) -> tuple[str, list[str]]:
    """Return the text with each quotation, title and bracket as one sign of its own, and what they were."""
    quotes: list[str] = []

    def sign(match: re.Match[str]) -> str:
        if len(quotes) == _MOST:
            return match.group()
        quotes.append(match.group())
        return chr(_FIRST + len(quotes) - 1)

    return _QUOTED.sub(sign, _SIGN.sub(" ", text)), quotes


def shown(piece: str, quotes: list[str]) -> str:
    """Put back what was hidden."""
    return _SIGN.sub(lambda match: quotes[ord(match.group()) - _FIRST], piece)
