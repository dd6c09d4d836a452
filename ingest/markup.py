"""Take leftover markup out of plain text: tags, emphasis marks, table bars. Each pass is text -> edits."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from ingest.offsets import Edit
from ingest.structure import BULLET
from rag.text import HAN

_TAG_NAMES = (
    "p|div|span|br|hr|b|i|u|s|em|strong|small|big|a|img|ul|ol|li|dl|dt|dd|table|thead|tbody|tfoot|tr|td|th|caption|h[1-6]|"
    "font|center|sup|sub|section|article|header|footer|nav|aside|main|figure|figcaption|blockquote|pre|code|iframe|"
    "video|audio|source|svg|path|g|rect|circle|use|button|input|label|form|meta|link|html|head|body|style|script"
)
_TAG = re.compile(rf"</?(?:{_TAG_NAMES})(?:\s[^<>\n]{{0,1000}})?/?>", re.IGNORECASE)
_SILENT_START = re.compile(r"<(svg|style|script|noscript|iframe|button)\b|<!--", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{2,6}|#x[0-9a-fA-F]{2,6});")
# A text that speaks of markup shows it on purpose.
_SPEAKS_OF_MARKUP = re.compile(
    r"(?<![\w./])(?:x?html5?|xml|markdown|css|javascript)\b|标签|標籤|\btags?\b", re.IGNORECASE
)
_STARS = re.compile(r"(?<=\S)\*{4,}|\*{4,}(?=\S)")
_STRONG = re.compile(r"(?<!\*)\*\*(?=[^\s*])([^*\n]{1,200}?)(?<=[^\s*])\*\*(?!\*)")
_EMPHASIS = re.compile(r"(?<![\w*\\])\*(?=[^\s*])([^*\n]{1,200}?)(?<=[^\s*])\*(?![\w*])", re.ASCII)
_BAR_LINE = re.compile(
    r"^[ \t]*+(?:\|[ \t]*+)+$|^[ \t]*+\|?+(?:[ \t]*+:?-{3,}+:?[ \t]*+\|)+[ \t]*+(?::?-{3,}+:?)?+[ \t]*+$", re.MULTILINE
)
_RULE_LINE = re.compile(r"^[ \t]*(?:-{3,}|={3,}|\*{3,}|_{3,}|~{3,}|(?:[-*_][ \t]){2,}[-*_])[ \t]*$", re.MULTILINE)
_EMPTY_BULLET = re.compile(r"^[ \t]*[-*+•●○▪■◦‣·][ \t]*$", re.MULTILINE)
_BULLETED_CHAPTER = re.compile(
    r"^[ \t]*[-*•][ \t]+(?=(?:[一二三四五六七八九十]{1,3}、|第[一二三四五六七八九十\d]{1,4}[章节節])[^\n]{1,40}$)",
    re.MULTILINE,
)
_BULLET_LINE = re.compile(r"^" + BULLET.pattern, re.MULTILINE)
_INDENT = re.compile(rf"^[ \t\u3000]+(?=[{HAN}\d(（“\"《①-⑳]|[ivx]+\.)", re.MULTILINE)


def element_edits(text: str) -> list[Edit]:
    """Take out whole elements that show nothing: drawings, scripts, comments."""
    return list(_silent_elements(text)) if _is_leftover(text) else []


def _silent_elements(text: str) -> Iterator[Edit]:
    lowered = text.lower() if len(text.lower()) == len(text) else text
    unclosed: set[str] = set()
    position = 0
    while (match := _SILENT_START.search(text, position)) is not None:
        position = match.end()
        closing = f"</{match.group(1).lower()}" if match.group(1) else "--"
        if closing in unclosed:
            continue
        end = lowered.find(closing, match.end())
        end = text.find(">", end) if end >= 0 else -1
        if end < 0:
            unclosed.add(closing)
        else:
            position = end + 1
            yield Edit(match.start(), position)


def tag_edits(text: str) -> list[Edit]:
    """Take out tags and resolve character references."""
    if not _is_leftover(text):
        return [Edit(match.start(), match.end(), " ") for match in re.finditer("&nbsp;", text)]
    tags = [Edit(match.start(), match.end(), _in_place_of(match.group())) for match in _TAG.finditer(text)]
    entities = ((match, html.unescape(match.group()).replace("\xa0", " ")) for match in _ENTITY.finditer(text))
    return tags + [Edit(match.start(), match.end(), shown) for match, shown in entities]


def _is_leftover(text: str) -> bool:
    """True where tags stand that nobody meant to be read."""
    return _TAG.search(text) is not None and _SPEAKS_OF_MARKUP.search(_TAG.sub("", text)) is None


def _in_place_of(tag: str) -> str:
    name = re.match(r"</?(\w+)", tag)
    return "\n" if name and name.group(1).lower() in {"br", "hr", "p", "div", "li", "tr"} else ""


def emphasis_edits(text: str) -> list[Edit]:
    return list(_emphasis(text))


def _emphasis(text: str) -> Iterator[Edit]:
    # A line of nothing but stars is a rule: line_edits sees to it.
    yield from (Edit(match.start(), match.end()) for match in _STARS.finditer(text))
    for pattern in (_STRONG, _EMPHASIS):
        for match in pattern.finditer(text):
            yield Edit(match.start(), match.start(1))
            yield Edit(match.end(1), match.end())


def line_edits(text: str) -> list[Edit]:
    """Take out lines of bars and rules and empty bullets, and give every bullet the same sign."""
    edits = [
        Edit(match.start(), match.end())
        for pattern in (_BAR_LINE, _RULE_LINE, _EMPTY_BULLET, _BULLETED_CHAPTER)
        for match in pattern.finditer(text)
    ]
    edits += (Edit(match.start(), match.end(), "- ") for match in _BULLET_LINE.finditer(text) if match.group() != "- ")
    return edits


def indent_edits(text: str) -> list[Edit]:
    """Take out indentation before prose; lines of code keep theirs."""
    return [Edit(match.start(), match.end()) for match in _INDENT.finditer(text)]


PASSES = (element_edits, tag_edits, emphasis_edits, line_edits, indent_edits)
