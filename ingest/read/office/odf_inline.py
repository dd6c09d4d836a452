"""What stands inside a paragraph of OpenDocument: its text as a reader sees it, and what hangs on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ingest.read.characters import LINE_BREAK
from ingest.read.office.odf_styles import OFFICE, TEXT, OdfStyles
from ingest.read.office.ooxml import number
from ingest.read.xml_safe import Element

DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
MAX_SPACES = 1000
_LEFT_OUT = frozenset(
    f"{TEXT}{tag}"
    for tag in (
        "ruby-text", "script", "tracked-changes", "index-entry-span", "alphabetical-index-mark", "toc-mark",
        "user-index-mark", "alphabetical-index-mark-start", "toc-mark-start", "number", "hidden-paragraph",
    )
)  # fmt: skip


@dataclass(slots=True)
class OdfInline:
    pieces: list[str] = field(default_factory=list)
    behind: list[Element] = field(default_factory=list)  # notes, annotations and drawings
    bold: int = 0  # characters of text in bold
    length: int = 0

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def is_bold(self) -> bool:
        return self.length > 0 and self.bold > 0.9 * self.length


def read_inline(element: Element, styles: OdfStyles, formula: Callable[[Element], str], *, bold: bool) -> OdfInline:
    """formula: returns the text of the formula in a frame, "" where there is none."""
    found = OdfInline()
    _walk(element, styles, formula, found, bold=bold)
    return found


def _walk(
    element: Element, styles: OdfStyles, formula: Callable[[Element], str], found: OdfInline, *, bold: bool
) -> None:
    _say(element.text, found, bold=bold)
    for child in element:
        tag = child.tag
        if tag == f"{TEXT}s":
            found.pieces.append(" " * min(max(number(child.get(f"{TEXT}c"), 1), 1), MAX_SPACES))
        elif tag == f"{TEXT}tab":
            found.pieces.append("\t")
        elif tag == f"{TEXT}line-break":
            found.pieces.append(LINE_BREAK)
        elif tag in (f"{TEXT}note", f"{OFFICE}annotation") or tag.startswith(DRAW):
            if tag == f"{DRAW}a":  # a link around a picture
                found.behind += list(child)
            elif tag == f"{DRAW}frame" and (text := formula(child)):
                _say(text, found, bold=bold)
            else:
                found.behind.append(child)
        elif tag == f"{TEXT}span":
            style = styles.style("text", child.get(f"{TEXT}style-name") or "")
            if not style.hidden:
                _walk(child, styles, formula, found, bold=bold or style.bold)
        elif tag == f"{TEXT}hidden-text":
            if child.get(f"{TEXT}is-hidden") != "true":
                _walk(child, styles, formula, found, bold=bold)
        elif tag not in _LEFT_OUT and tag != f"{OFFICE}annotation-end":
            _walk(child, styles, formula, found, bold=bold)
        _say(child.tail, found, bold=bold)


def _say(text: str | None, found: OdfInline, *, bold: bool) -> None:
    if text:
        found.pieces.append(text)
        length = len(text.strip())
        found.length += length
        found.bold += length if bold else 0
