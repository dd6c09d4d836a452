"""Count words, and what of one text's words another lacks. Pure; knows nothing of files.

A word is a run of letters and digits; characters of Chinese and Japanese, which are written without spaces, are words
of their own. Width, case, ligatures and invisible characters make no difference.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

# Kana, Han and its extensions, Hangul's letters by themselves.
_ALONE = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_WORD = re.compile(rf"[{_ALONE}]|[^\W_{_ALONE}]+")
_BROKEN = re.compile(r"(\w)[-\u2010\u00ad][ \t]*\r?\n[ \t]*(?=\w)")
_NUMBER = re.compile(r"\d[\d,\u00a0\u202f']*(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+")
_SAME = 1e-6  # of the last digit: what is nearer to a half than this may be rounded either way


def words(text: str) -> Counter[str]:
    seen = "".join(character for character in text if unicodedata.category(character) != "Cf")
    return Counter(_WORD.findall(unicodedata.normalize("NFKC", seen).casefold()))


def joined_at_hyphens(text: str) -> str:
    """Return the text with words mended that a line's end has broken."""
    return _BROKEN.sub(r"\1", text)


def lacking(theirs: Counter[str], ours: Counter[str]) -> Counter[str]:
    """Return the words of theirs that ours lacks, each as often as it is lacking.

    Where a word ends is a matter of taste ("3.5mm", a cell beside a cell, a name in two colours): one that is lacking
    is there all the same where words that ours has left over make it up, or one that it and others make up.
    """
    missing = theirs - ours
    spare = ours - theirs
    for word in sorted(missing, key=len, reverse=True):
        while missing[word] and (parts := _parts(word, spare)):
            spare.subtract(parts)
            missing[word] -= 1
    for long in [word for word, count in spare.items() if count > 0 and len(word) > 1]:
        while spare[long] > 0 and (parts := _parts(long, missing)):
            missing.subtract(parts)
            spare[long] -= 1
    return +missing


def _parts(word: str, stock: Counter[str]) -> list[str] | None:
    """Return words in stock that make this one, written after each other: two to four, or all of one letter."""

    def rest(start: int, taken: tuple[str, ...]) -> tuple[str, ...] | None:
        if start == len(word):
            return taken if len(taken) > 1 else None
        if len(taken) == 4:
            return None
        for end in range(len(word), start, -1):
            part = word[start:end]
            if stock[part] > taken.count(part) and (found := rest(end, (*taken, part))):
                return found
        return None

    if found := rest(0, ()):
        return list(found)
    letters = Counter(word)  # one below the other, as in a narrow box
    return list(word) if len(word) > 1 and all(stock[letter] >= count for letter, count in letters.items()) else None


class Numbers:
    """The numbers that a text shows, each to be found once, by its value as far as its digits say it."""

    def __init__(self, text: str) -> None:
        self._shown: Counter[tuple[int, int]] = Counter()  # decimals, and the number in units of the last of them
        for match in _NUMBER.finditer(unicodedata.normalize("NFKC", text)):
            mantissa, _, exponent = re.sub(r"[^\d.eE+-]", "", match.group()).lower().partition("e")
            whole, _, fraction = mantissa.partition(".")
            digits = len(fraction) - int(exponent or 0)
            self._shown[digits, int(whole + fraction)] += 1
        self._decimals = sorted({digits for digits, _ in self._shown}, reverse=True)

    def take(self, value: float) -> bool:
        """Whether the value is shown, rounded or not, as it is or in percent; the sign is left aside."""
        for scaled in (abs(value), abs(value) * 100):
            for decimals in self._decimals:
                if abs(decimals) > 300 or (scaled and scaled * 10.0**decimals < 0.5 and decimals < 2):
                    continue  # a 0 for 0.3 says nothing
                exact = scaled * 10.0**decimals
                if not math.isfinite(exact):
                    continue
                low = math.floor(exact)
                near = _SAME * max(1.0, exact * 1e-9)
                units = {low, low + 1} if abs(exact - low - 0.5) <= near else {round(exact)}
                # A long number is shown with 15 digits, whatever is stored.
                units |= {unit for unit in (low, low + 1) if abs(exact - unit) <= exact * 1e-14}
                for unit in units:
                    if self._shown[decimals, unit] > 0:
                        self._shown[decimals, unit] -= 1
                        return True
        return False


def numbers_lacking(values: Iterable[float], text: str) -> list[float]:
    shown = Numbers(text)
    # The longest first: a 3 must not take the place of 3.14159 that is shown as 3.
    return [value for value in sorted(values, key=lambda value: -len(repr(value))) if not shown.take(value)]
