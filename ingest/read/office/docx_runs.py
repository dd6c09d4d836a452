"""What stands inside a paragraph of DOCX: its text as a reader sees it, and what hangs on it to be written behind it.

Tracked changes count as accepted, of fields the result is read, hidden text is left out. Knows nothing of blocks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ingest.read.characters import LINE_BREAK
from ingest.read.office.docx_styles import Style, Styles, with_own
from ingest.read.office.ooxml import A, R, W, alternative_text, children, descendants, is_on
from ingest.read.office.ooxml_math import M, linear_math
from ingest.read.office.symbols import plain, symbol
from ingest.read.xml_safe import Element, local_name

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
CHART_EX = "{http://schemas.microsoft.com/office/drawing/2014/chartex}"
V = "{urn:schemas-microsoft-com:vml}"
O = "{urn:schemas-microsoft-com:office:office}"  # noqa: E741  (the prefix that the format's own documents use)
_THROUGH = frozenset("ins moveTo smartTag hyperlink fldSimple customXml dir bdo sdtContent rubyBase r".split())
_LEFT_OUT = frozenset("del moveFrom delText delInstrText instrText rPr pPr sdtPr rt rubyPr moveFromRangeStart".split())
_CHARACTERS = {
    "tab": "\t",
    "ptab": "\t",
    "cr": LINE_BREAK,
    "noBreakHyphen": "-",
}


@dataclass(frozen=True, slots=True)
class Behind:
    """Something that a paragraph refers to: kind is "box", "footnote", "endnote", "comment", "picture", "chart",
    "diagram" or "shape"; what is its element, its text or the name it goes by."""

    kind: str
    what: Any


@dataclass(slots=True)
class Inline:
    pieces: list[str] = field(default_factory=list)
    behind: list[Behind] = field(default_factory=list)
    bold: int = 0  # characters of text in bold
    length: int = 0  # characters of text

    @property
    def text(self) -> str:
        return "".join(self.pieces)


@dataclass(slots=True)
class _Field:
    shows_result: bool = False


class Runs:
    """Reads one story after the other: a field may begin in one paragraph and end in another."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._fields: list[_Field] = []

    def paragraph(self, element: Element, style: Style) -> Inline:
        # One whose result has not begun by now never will: its end is missing, and what follows is no part of it.
        self._fields = [one for one in self._fields if one.shows_result]
        found = Inline()
        self._walk(element, style, found)
        return found

    def _walk(self, element: Element, style: Style, found: Inline) -> None:
        for child in children(element):
            name = local_name(child)
            if name in _LEFT_OUT:
                continue
            if child.tag == f"{W}r":
                own = self._run_style(child, style)
                if not own.hidden:
                    self._walk(child, own, found)
            elif child.tag in (f"{M}oMath", f"{M}oMathPara"):
                self._say(linear_math(child), style, found)
            elif not child.tag.startswith(W):
                continue
            elif name == "sdt" or name == "ruby" or name in _THROUGH:
                self._walk(child, style, found)
            else:
                self._one(child, name, style, found)

    def _run_style(self, run: Element, style: Style) -> Style:
        properties = run.find(f"{W}rPr")
        if properties is None:
            return style
        named = properties.find(f"{W}rStyle")
        if named is not None:
            character = self._styles.style(named.get(f"{W}val") or "")
            style = Style(
                hidden=style.hidden or character.hidden,
                bold=style.bold or character.bold,
                font=character.font or style.font,
            )
        return with_own(style, None, properties)

    def _one(self, child: Element, name: str, style: Style, found: Inline) -> None:
        match name:
            case "t":
                self._say(plain(child.text or "", style.font), style, found)
            case "br":
                kind = child.get(f"{W}type")
                self._say(LINE_BREAK if kind in (None, "textWrapping") else " ", style, found)
            case "sym":
                code = child.get(f"{W}char") or ""
                text = symbol(child.get(f"{W}font") or "", int(code, 16)) if _is_hexadecimal(code) else ""
                self._say(text, style, found)
            case "fldChar":
                self._field(child, style, found)
            case "footnoteReference" | "endnoteReference" | "commentReference":
                note = child.get(f"{W}id") or ""
                found.behind.append(Behind(name.removesuffix("Reference"), note))
            case "drawing" | "pict" | "object":
                self._drawing(child, found)
            case _ if name in _CHARACTERS:
                self._say(_CHARACTERS[name], style, found)

    def _say(self, text: str, style: Style, found: Inline) -> None:
        if all(one.shows_result for one in self._fields):
            found.pieces.append(text)
            length = len(text.strip())
            found.length += length
            found.bold += length if style.bold else 0

    def _field(self, child: Element, style: Style, found: Inline) -> None:
        kind = child.get(f"{W}fldCharType")
        if kind == "begin":
            box = child.find(f"{W}ffData/{W}checkBox")
            if box is not None:
                ticked = box.find(f"{W}checked")
                ticked = box.find(f"{W}default") if ticked is None else ticked
                self._say("☑" if is_on(ticked) else "☐", style, found)
            self._fields.append(_Field())
        elif kind == "separate" and self._fields:
            self._fields[-1].shows_result = True
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _drawing(self, element: Element, found: Inline) -> None:
        boxed = frozenset({f"{W}txbxContent", f"{A}txBody"})
        for part in descendants(element, inside=boxed):
            if part.tag == f"{W}txbxContent":
                found.behind.append(Behind("box", part))
            elif part.tag == f"{A}txBody":
                found.behind.append(Behind("shape", part))
            elif part.tag in (f"{C}chart", f"{CHART_EX}chart"):
                found.behind.append(Behind("chart", part.get(f"{R}id") or ""))
            elif part.tag == f"{DGM}relIds":
                found.behind.append(Behind("diagram", part.get(f"{R}dm") or ""))
            elif part.tag == f"{V}textpath":
                if text := part.get("string"):
                    found.behind.append(Behind("picture", text))
            elif local_name(part) in ("docPr", "shape", "rect", "roundrect") and (text := alternative_text(part)):
                found.behind.append(Behind("picture", text))


def bold_share(inline: Inline) -> float:
    return inline.bold / inline.length if inline.length else 0.0


def _is_hexadecimal(code: str) -> bool:
    try:
        int(code, 16)
    except ValueError:
        return False
    return True
