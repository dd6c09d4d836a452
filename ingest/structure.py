"""Find headings, list items and paragraphs in plain text, by its lines alone. Knows nothing of files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.types import Block, BlockKind

MAX_HEADING_CHARACTERS = 60
BULLET = re.compile(r"[ \t]*(?:[-*•●○▪■◦‣·⁃–]|[◆◇►▶➢➤✓✔])[ \t]+(?=\S)")
_HAN_NUMBER = "[一二三四五六七八九十百零〇]{1,4}"
_HAN_CHAPTER = re.compile(f"{_HAN_NUMBER}、")
_OUTLINE_NUMBER = re.compile(r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,4})[.、．]?(?P<gap>[ \t]*)(?P<rest>\S.*)")
# From the highest to the lowest; each names the level it stands for.
_NAMED_PARTS = (
    (re.compile(rf"第\s*(?:{_HAN_NUMBER}|\d{{1,3}})\s*[编編篇部卷]"), 1),
    (
        re.compile(
            rf"第\s*(?:{_HAN_NUMBER}|\d{{1,3}})\s*章|(?:chapter|part|appendix)\s+(?:\d+|[IVXLC]+|[A-Z])\b", re.I
        ),
        1,
    ),
    (
        re.compile(
            rf"(?:第\s*(?:{_HAN_NUMBER}|\d{{1,3}})\s*[节節步]|步[骤驟]\s*(?:{_HAN_NUMBER}|\d{{1,3}}))|(?:section|step)\s+\d+\b",
            re.I,
        ),
        2,
    ),
    (_HAN_CHAPTER, 2),
    (re.compile(rf"[（(]{_HAN_NUMBER}[)）]"), 3),
)
_NUMBERED_ITEM = re.compile(r"[ \t]*(?:\d{1,3}[.)、．]|[（(]\d{1,3}[)）]|[①-⑳]|[a-z][.)]|[ivx]{1,4}[.)])[ \t]*(?=\S)")
_SENTENCE_END = re.compile(r"[。！？；，：,;:…]\s*$|(?<!\d)[.!?]\s*$")
_INNER_SENTENCE = re.compile(r"[。；！]|[.!?] ")
_HAN = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Line:
    start: int
    end: int
    text: str  # stripped; start and end are those of what is left
    after_gap: bool  # an empty line stands before it
    before_gap: bool


def lines_of(text: str) -> list[Line]:
    """Return the lines that hold something, in order."""
    found: list[tuple[int, int, bool]] = []
    gap, position = True, 0
    for raw in text.split("\n"):
        stripped = raw.strip()
        if stripped:
            start = position + len(raw) - len(raw.lstrip())
            found.append((start, start + len(stripped), gap))
        gap = not stripped
        position += len(raw) + 1
    last = len(found) - 1
    return [
        Line(start, end, text[start:end], after, index == last or found[index + 1][2])
        for index, (start, end, after) in enumerate(found)
    ]


def structure(text: str) -> tuple[Block, ...]:
    """Return the blocks of a plain text, one a line."""
    lines = lines_of(text)
    return tuple(_blocks(lines, _outline_levels(lines)))


def _blocks(lines: Sequence[Line], outline: Mapping[int, int]) -> Iterator[Block]:
    for index, line in enumerate(lines):
        level = _heading_level(line, outline.get(index, 0), is_first=index == 0)
        if level:
            yield Block(line.start, line.end, BlockKind.HEADING, level=level)
        elif BULLET.match(line.text) or _NUMBERED_ITEM.match(line.text):
            yield Block(line.start, line.end, BlockKind.LIST_ITEM)
        else:
            yield Block(line.start, line.end, BlockKind.PARAGRAPH)


def _heading_level(line: Line, outline_level: int, *, is_first: bool) -> int:
    """Return the level of a heading, 0 for any other line."""
    if outline_level:
        return outline_level
    if not is_short(line.text):
        return 0
    for pattern, level in _NAMED_PARTS:
        if pattern.match(line.text):
            return level
    return 1 if is_first and line.before_gap and _is_titlelike(line.text) else 0


def is_short(text: str) -> bool:
    """True for a line that is no sentence and introduces no list."""
    return not (len(text) > MAX_HEADING_CHARACTERS or _SENTENCE_END.search(text) or _INNER_SENTENCE.search(text[:-1]))


def _is_titlelike(text: str) -> bool:
    return not BULLET.match(text) and len(_HAN.findall(text)) + len(text.split()) >= 2


def _outline_levels(lines: Sequence[Line]) -> dict[int, int]:
    """Return the levels of numbered headings: '2.1 Name' always is one, '2. Name' where prose or '2.1' follows it."""
    levels: dict[int, int] = {}
    top = nested = depth = 0  # the last numbers seen, and the level of the last dotted heading
    below_chapters = False  # of the kind 一、
    for index, line in enumerate(lines):
        below_chapters = below_chapters or (is_short(line.text) and _HAN_CHAPTER.match(line.text) is not None)
        match = _OUTLINE_NUMBER.fullmatch(line.text)
        # The number is put aside: its full stop and space end no sentence.
        if match is None or not is_short(match["rest"]) or _is_quantity(match["rest"]):
            continue
        if "." in match["number"]:
            if match["gap"] or not match["rest"][0].isdigit():
                top, nested = int(match["number"].split(".")[0]), 0
                levels[index] = depth = 2 + match["number"].count(".")
            continue
        number = int(match["number"])
        if not _heads(lines, index, number):
            continue
        is_nested = depth > 0 and (number == nested + 1 if nested else number != top + 1)
        if is_nested:
            nested = number
            levels[index] = depth + 1
        else:
            top, nested, depth = number, 0, 0
            levels[index] = 3 if below_chapters else 2
    return levels


def _heads(lines: Sequence[Line], index: int, number: int) -> bool:
    """Tell whether a line '2. Name' heads what follows it, or is an item of a list."""
    text = lines[index].text
    if text[len(str(number))] not in ".、．" or index + 1 == len(lines):
        return False
    following = lines[index + 1].text
    numbered = _OUTLINE_NUMBER.fullmatch(following)
    if numbered is not None:
        return numbered["number"].startswith(f"{number}.")
    return len(following) >= 2 * len(text)


def _is_quantity(rest: str) -> bool:
    """True for what follows a number that counts or measures: 3.5 GB, 1.8 万."""
    return (
        rest[0] in "%％万亿千百年月日号號个個種种次倍元块"
        or re.match(r"(?:[KMGT]?B|[kmc]?m|kg|g|s|ms|V|W|Hz)\b", rest) is not None
    )
