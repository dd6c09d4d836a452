"""What a paragraph of OpenDocument is, by its style, and the numbers of its lists. Knows nothing of texts."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ingest.read.office.docx_numbering import written
from ingest.read.office.docx_styles import kind_of_name
from ingest.read.office.ooxml import number
from ingest.read.xml_safe import Element
from rag.types import BlockKind

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
PRESENTATION = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}"
FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
MAX_LEVELS = 10
_MAX_ANCESTORS = 20
_ESCAPED = re.compile(r"_([0-9a-fA-F]{1,6})_")
_NUMBER_FORMATS = {
    "1": "decimal",
    "a": "lowerLetter",
    "A": "upperLetter",
    "i": "lowerRoman",
    "I": "upperRoman",
    "一, 二, 三, ...": "chineseCountingThousand",
    "一, 十, 一百, ...": "chineseCountingThousand",
    "壹, 贰, 叁, ...": "chineseLegalSimplified",
    "壹, 貳, 參, ...": "ideographLegalTraditional",
    "甲, 乙, 丙, ...": "ideographTraditional",
    "子, 丑, 寅, ...": "ideographZodiac",
    "①, ②, ③, ...": "decimalEnclosedCircle",
    "１, ２, ３, ...": "decimalFullWidth",
    "ア, イ, ウ, ...": "aiueo",
    "イ, ロ, ハ, ...": "iroha",
}


@dataclass(frozen=True, slots=True)
class OdfStyle:
    kind: BlockKind = BlockKind.PARAGRAPH
    level: int = 0
    hidden: bool = False
    bold: bool = False
    list_name: str = ""


@dataclass(frozen=True, slots=True)
class ListLevel:
    format: str = ""  # of docx_numbering.written(); "" shows no number
    bullet: bool = False
    prefix: str = ""
    suffix: str = ""
    start: int = 1
    shown: int = 1  # levels in one number: 2 for "1.2"


class OdfStyles:
    def __init__(self, *roots: Element | None) -> None:
        """roots: of styles.xml and content.xml; the later ones win."""
        self._elements: dict[tuple[str, str], Element] = {}
        self._lists: dict[str, list[ListLevel]] = {}
        self.outline: list[ListLevel] = []
        self.hidden_pages: set[str] = set()
        for root in roots:
            for entry in root.iter(f"{STYLE}style") if root is not None else ():
                name = entry.get(f"{STYLE}name") or ""
                self._elements[entry.get(f"{STYLE}family") or "", name] = entry
                page = entry.find(f"{STYLE}drawing-page-properties")
                if page is not None and page.get(f"{PRESENTATION}visibility") == "hidden":
                    self.hidden_pages.add(name)
            for entry in root.iter(f"{TEXT}list-style") if root is not None else ():
                self._lists[entry.get(f"{STYLE}name") or ""] = _levels(entry)
            for entry in root.iter(f"{TEXT}outline-style") if root is not None else ():
                self.outline = _levels(entry)
        self._found: dict[tuple[str, str], OdfStyle] = {}

    def style(self, family: str, name: str) -> OdfStyle:
        key = (family, name)
        if key not in self._found:
            self._found[key] = self._made(family, name, _MAX_ANCESTORS)
        return self._found[key]

    def list_level(self, name: str, depth: int) -> ListLevel:
        levels = self._lists.get(name) or ()
        return levels[depth] if depth < len(levels) else ListLevel(bullet=True)

    def _made(self, family: str, name: str, depth: int) -> OdfStyle:
        entry = self._elements.get((family, name))
        shown = entry.get(f"{STYLE}display-name") if entry is not None else None
        kind = kind_of_name(shown or _ESCAPED.sub(_unescaped, name))
        if entry is None or depth <= 0:
            return OdfStyle(*kind) if kind else OdfStyle()
        parent = entry.get(f"{STYLE}parent-style-name")
        found = self._made(family, parent, depth - 1) if parent and parent != name else OdfStyle()
        if kind:
            found = replace(found, kind=kind[0], level=kind[1])
        outline = number(entry.get(f"{STYLE}default-outline-level"))
        if outline:
            found = replace(found, kind=BlockKind.HEADING, level=outline)
        if (list_name := entry.get(f"{STYLE}list-style-name")) is not None:
            found = replace(found, list_name=list_name)
        properties = entry.find(f"{STYLE}text-properties")
        if properties is not None:
            if (display := properties.get(f"{TEXT}display")) is not None:
                found = replace(found, hidden=display == "none")
            if (weight := properties.get(f"{FO}font-weight")) is not None:
                found = replace(found, bold=weight in {"bold", "600", "700", "800", "900"})
        return found


class Counter:
    """Counts the items of one list, or the headings."""

    def __init__(self) -> None:
        self._counts: list[int | None] = [None] * MAX_LEVELS

    def next(self, levels: list[ListLevel], depth: int, start: int | None = None) -> str:
        """Count one item; return its number, "" where it shows none."""
        depth = min(depth, MAX_LEVELS - 1)
        level = levels[depth] if depth < len(levels) else ListLevel()
        current = self._counts[depth]
        self._counts[depth] = start if start is not None else level.start if current is None else current + 1
        self._counts[depth + 1 :] = [None] * (MAX_LEVELS - depth - 1)
        if not level.format:
            return (level.prefix + level.suffix).strip()
        parts: list[str] = []
        for at in range(max(0, depth - level.shown + 1), depth + 1):
            its = levels[at] if at < len(levels) else ListLevel()
            count = self._counts[at]
            if its.format or at == depth:
                parts.append(written(its.start if count is None else count, its.format or "decimal"))
        return (level.prefix + ".".join(parts) + level.suffix).strip()


def _levels(entry: Element) -> list[ListLevel]:
    levels: dict[int, ListLevel] = {}
    for level in entry:
        at = number(level.get(f"{TEXT}level"), 1) - 1
        form = level.get(f"{STYLE}num-format") or ""
        is_bullet = level.tag in (f"{TEXT}list-level-style-bullet", f"{TEXT}list-level-style-image")
        levels[at] = ListLevel(
            format=_NUMBER_FORMATS.get(form, "decimal" if form else ""),
            bullet=is_bullet,
            prefix="" if is_bullet else level.get(f"{STYLE}num-prefix") or "",
            suffix="" if is_bullet else level.get(f"{STYLE}num-suffix") or "",
            start=number(level.get(f"{TEXT}start-value"), 1),
            shown=max(1, number(level.get(f"{TEXT}display-levels"), 1)),
        )
    return [levels.get(at, ListLevel()) for at in range(MAX_LEVELS)]


def _unescaped(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return chr(code) if 0x20 <= code < 0xD800 else match[0]
