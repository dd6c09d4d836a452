"""Marks in a stream of text: [2], 【1、3】, [1-3], [^2], [citation:3], [来源：2]. Pure: knows nothing of passages.

Code is no text: in a fenced block, and between backticks, a bracket stays what it is. Neither is a year, [2019], or an
interval that begins at nought, [0, 1].
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_INSIDE = 80  # characters between a mark's brackets
MAX_CODE = 200  # characters between backticks

_SOURCE = (
    "citations?|cite|sources?|passages?|documents?|docs?|references?|refs?|"
    "来源|來源|出处|出處|文档|文檔|文件|段落|资料|資料|引用|参考|參考|文献|文獻"
)
_PART = re.compile(
    rf"(?:(?:{_SOURCE})\s?[:：#]?\s?)?(?:第\s?)?\^?([0-9０-９]+)(?:\s?(?:[-–—~～至到]|to)\s?([0-9０-９]+))?\^?"
    r"(?:\s?[段条條篇])?(?::[0-9]+)?(?:†[^,]*)?",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s?[,，、;；&]\s?")
_YEARS = range(1000, 3000)

_BRACKET = rf"\[\[[^\[\]\n]{{1,{MAX_INSIDE}}}\]\]|[\[【][^\[\]【】\n]{{1,{MAX_INSIDE}}}[\]】]"
# Between backticks a bracket that stands apart is a mark, and the backticks are none of code: `arr[0]` but not `x [1]`.
_CODE = rf"`(?:(?! [\[【])[^`\n]){{1,{MAX_CODE}}}`"
_FENCE = r"^[ \t]{0,3}(?:```|~~~)[ \t]*[\w+#.-]{0,40}[ \t]*\n"
_TOKEN = re.compile(rf"(?P<fence>{_FENCE})|(?P<code>{_CODE})|(?P<bracket>{_BRACKET})", re.MULTILINE)
# What may still become one of them when more text comes.
_UNFINISHED = re.compile(
    rf"(?:^[ \t]{{0,3}}(?:(?:`{{1,3}}|~{{1,3}})[ \t]*[\w+#.-]{{0,40}}[ \t]*)?|`(?:(?! [\[【])[^`\n]){{0,{MAX_CODE}}}"
    rf"|[\[【][^\[\]【】\n]{{0,{MAX_INSIDE}}}|\[\[[^\[\]\n]{{0,{MAX_INSIDE}}}\]?)\Z",
    re.MULTILINE,
)
_LONGEST = MAX_CODE + 8
_CLOSING_FENCE = re.compile(r"[ \t]{0,3}(?:```|~~~)[`~ \t]*\n?")
_MARK = re.compile(_BRACKET)
_HIGH, _LOW = re.compile("[\ud800-\udbff]\\Z"), re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Mark:
    """The passages that a mark names, as ranges of numbers: [1, 4-6] is ((1, 1), (4, 6))."""

    ranges: tuple[tuple[int, int], ...]

    def named(self, count: int) -> list[int]:
        """Return the numbers from 1 to count that it names, each once, in its order."""
        return list(
            dict.fromkeys(number for low, high in self.ranges for number in range(max(low, 1), min(high, count) + 1))
        )


@dataclass(frozen=True, slots=True)
class Code:
    """Text that is passed as it stands; a block of whole lines, or a run within a line."""

    text: str
    block: bool


Token = str | Mark | Code


def read_mark(bracketed: str) -> Mark | None:
    """Return what the text in brackets names; None where it is no mark: words, years, an interval."""
    inside = bracketed.strip("[]【】").strip()
    parts = [_PART.fullmatch(part) for part in _BETWEEN.split(inside)]
    ranges = []
    for part in parts:
        if part is None:
            return None
        low = int(part.group(1))
        high = int(part.group(2)) if part.group(2) else low
        ranges.append((min(low, high), max(low, high)))
    numbers = [number for both in ranges for number in both]
    if all(number in _YEARS for number in numbers):
        return None
    if 0 in numbers and any(numbers):
        return None
    return Mark(tuple(ranges))


def guard_marks(text: str) -> str:
    """Return quoted text with its own [3] written ［3］, so that it is not taken for a mark of the answer."""
    return _MARK.sub(_guarded, text)


def _guarded(match: re.Match[str]) -> str:
    bracketed = match.group()
    if read_mark(bracketed) is None:
        return bracketed
    depth = 2 if bracketed.startswith("[[") else 1
    return "［" * depth + bracketed[depth:-depth] + "］" * depth


class Marks:
    """Feed it text piece by piece; it gives the text, the marks and the code in it, wherever the pieces are cut.

    Half a surrogate pair, which no one could send on, becomes U+FFFD.
    """

    def __init__(self) -> None:
        self._held = ""  # the last character that was given, where there is one, and what is not given yet
        self._at = 0  # where the second begins
        self._half = ""  # of a surrogate pair
        self._fenced = False

    def feed(self, piece: str) -> Iterator[Token]:
        piece = self._half + piece
        half = _HIGH.search(piece)
        self._half = half.group() if half else ""
        self._held += _mended(piece[: len(piece) - len(self._half)])
        yield from self._tokens()

    def close(self) -> Iterator[Token]:
        """Give what was held back: there is no more text that could make it anything else."""
        self._held += _mended(self._half)
        self._half = ""
        yield from self._tokens(len(self._held))
        if self._at < len(self._held):
            rest = self._held[self._at :]
            yield Code(rest, block=True) if self._fenced else rest
        self._held, self._at = "", 0

    def _tokens(self, unfinished: int | None = None) -> Iterator[Token]:
        """unfinished: where what may still become a token begins, if that is known."""
        while True:
            if self._fenced:
                yield from self._fenced_lines()
                if self._fenced:
                    break
            safe = self._safe() if unfinished is None else unfinished
            match = _TOKEN.search(self._held, self._at)
            if match is None or match.start() >= safe:
                if self._at < safe:
                    yield self._held[self._at : safe]
                    self._at = safe
                break
            if self._at < match.start():
                yield self._held[self._at : match.start()]
            self._at = match.end()
            yield self._token(match)
        if self._at > 1:
            self._held, self._at = self._held[self._at - 1 :], 1

    def _token(self, match: re.Match[str]) -> Token:
        if match.lastgroup == "fence":
            self._fenced = True
            return Code(match.group(), block=True)
        if match.lastgroup == "code":
            return Code(match.group(), block=False)
        mark = read_mark(match.group())
        if mark is None:
            self._at = match.start() + 1  # what stands in the brackets may hold a mark or code
            return match.group()[0]
        return mark

    def _fenced_lines(self) -> Iterator[Code]:
        """Give the whole lines of a block of code that are there."""
        while self._fenced and (end := self._held.find("\n", self._at) + 1):
            line = self._held[self._at : end]
            self._at = end
            self._fenced = _CLOSING_FENCE.fullmatch(line) is None
            yield Code(line, block=True)

    def _safe(self) -> int:
        """Return where what may still become a token begins."""
        start = max(self._at, len(self._held) - _LONGEST)
        unfinished = _UNFINISHED.search(self._held, start)
        return unfinished.start() if unfinished else len(self._held)


def _mended(text: str) -> str:
    if _LOW.search(text) is None:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
