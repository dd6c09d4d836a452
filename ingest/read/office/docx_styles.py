"""What a paragraph of DOCX is, by its style and by what it says itself. Knows nothing of its text."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ingest.read.office.ooxml import W, is_on, number
from ingest.read.xml_safe import Element
from rag.types import BlockKind

MAX_HEADING_LEVEL = 9
_MAX_ANCESTORS = 20  # styles that rest on one another in a circle are not followed for ever
_HEADING_WORDS = (
    "heading|标题|標題|見出し|제목|überschrift|ueberschrift|titre|título|titulo|titolo|titlu|заголовок|kop|rubrik|overskrift|"
    "nagłówek|nadpis|naslov|otsikko|başlık|επικεφαλίδα|címsor|cabeçalho|encabezado|judul|antraštė|virsraksts|pealkiri|"
    "章标题|节标题"
)
_HEADING_NAME = re.compile(rf"(?:{_HEADING_WORDS})\s*([1-9])(?:\s*(?:char|字符))?", re.IGNORECASE)
_TITLE_NAME = re.compile(
    r"title|标题|標題|表題|제목|titel|titre|título|titolo|tittel|tytuł|název|başlık|название|τίτλος|文档标题|"
    r"heading|überschrift",  # what the numbered ones rest on, where it is used itself
    re.IGNORECASE,
)
_SUBTITLE_NAME = re.compile(r"sub-?title|副标题|副標題|untertitel|sous-titre|subtítulo|sottotitolo", re.IGNORECASE)
_CAPTION_NAME = re.compile(
    r"caption|题注|題注|標號|図表番号|캡션|beschriftung|légende|epígrafe|didascalia|legenda|bildunterschrift|"
    r"(?:image|table|figure|picture) caption|figure|illustration|drawing",
    re.IGNORECASE,
)
_QUOTE_NAME = re.compile(r"(?:intense )?quote|(?:明显)?引用|block ?text|quotations?|zitat|citation|引文", re.IGNORECASE)
_CODE_NAME = re.compile(
    r"html preformatted|preformatted text|source code|code(?: block)?|代码|程序代码|html 预设格式", re.IGNORECASE
)
_KINDS = ((_CAPTION_NAME, BlockKind.CAPTION), (_QUOTE_NAME, BlockKind.QUOTE), (_CODE_NAME, BlockKind.CODE))


@dataclass(frozen=True, slots=True)
class Style:
    kind: BlockKind = BlockKind.PARAGRAPH
    level: int = 0  # of a heading
    list_id: str = ""  # of the numbering it brings; "0" for none
    list_level: int = 0
    hidden: bool = False
    bold: bool = False
    font: str = ""


NO_STYLE = Style()


class Styles:
    def __init__(self, root: Element | None) -> None:
        """root: of the styles part, None where there is none."""
        self._elements = {
            entry.get(f"{W}styleId") or "": entry for entry in (root.iterfind(f"{W}style") if root is not None else ())
        }
        self._found: dict[str, Style] = {}
        defaults = (key for key, entry in self._elements.items() if _is_default(entry))
        self.default = next(defaults, "")  # of paragraphs that name none

    def style(self, style_id: str) -> Style:
        found = self._found.get(style_id)
        if found is None:
            found = self._found[style_id] = self._made(style_id, _MAX_ANCESTORS)
        return found

    def sets_off_first_row(self, style_id: str) -> bool:
        """Whether tables of this style draw their first row in bold."""
        for _ in range(_MAX_ANCESTORS):
            entry = self._elements.get(style_id)
            if entry is None:
                return False
            for part in entry.iterfind(f"{W}tblStylePr"):
                if part.get(f"{W}type") == "firstRow" and is_on(part.find(f"{W}rPr/{W}b")):
                    return True
            style_id = _value(entry.find(f"{W}basedOn"))
        return False

    def _made(self, style_id: str, depth: int) -> Style:
        entry = self._elements.get(style_id)
        if entry is None or depth <= 0:
            kind = kind_of_name(style_id)  # "Heading1" says enough where its style is missing
            return Style(*kind) if kind else NO_STYLE
        name = _value(entry.find(f"{W}name")).strip()
        based_on = _value(entry.find(f"{W}basedOn"))
        found = self._made(based_on, depth - 1) if based_on and based_on != style_id else NO_STYLE
        kind = kind_of_name(name)
        if kind is not None:
            found = replace(found, kind=kind[0], level=kind[1])
        return with_own(found, entry.find(f"{W}pPr"), entry.find(f"{W}rPr"))


def kind_of_name(name: str) -> tuple[BlockKind, int] | None:
    """Return what paragraphs of a style are by its name, and the level of headings; None where it does not say."""
    if (match := _HEADING_NAME.fullmatch(name)) is not None:
        return BlockKind.HEADING, int(match[1])
    if _TITLE_NAME.fullmatch(name):
        return BlockKind.HEADING, 1
    if _SUBTITLE_NAME.fullmatch(name):
        return BlockKind.PARAGRAPH, 0
    for pattern, kind in _KINDS:
        if pattern.fullmatch(name):
            return kind, 0
    return None


def with_own(style: Style, paragraph: Element | None, run: Element | None) -> Style:
    """Return a style with what is said on top of it. paragraph: a w:pPr; run: a w:rPr."""
    if paragraph is not None:
        outline = paragraph.find(f"{W}outlineLvl")
        if outline is not None:
            level = number(outline.get(f"{W}val"), MAX_HEADING_LEVEL) + 1
            if 1 <= level <= MAX_HEADING_LEVEL:
                style = replace(style, kind=BlockKind.HEADING, level=level)
            elif style.kind is BlockKind.HEADING:  # level 9 is body text
                style = replace(style, kind=BlockKind.PARAGRAPH, level=0)
        listed = paragraph.find(f"{W}numPr")
        if listed is not None:
            list_id, list_level = listed.find(f"{W}numId"), listed.find(f"{W}ilvl")
            if list_id is not None:
                style = replace(style, list_id=_value(list_id))
            if list_level is not None:
                style = replace(style, list_level=number(_value(list_level)))
    if run is not None:
        if (found := run.find(f"{W}vanish")) is not None:
            style = replace(style, hidden=is_on(found))
        if (found := run.find(f"{W}b")) is not None:
            style = replace(style, bold=is_on(found))
        if (found := run.find(f"{W}rFonts")) is not None:
            font = found.get(f"{W}ascii") or found.get(f"{W}hAnsi")
            style = replace(style, font=font) if font else style
    return style


def _value(element: Element | None) -> str:
    return "" if element is None else element.get(f"{W}val") or ""


def _is_default(entry: Element) -> bool:
    return entry.get(f"{W}type") == "paragraph" and entry.get(f"{W}default") in {"1", "true", "on"}
