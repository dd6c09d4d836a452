"""One page of a PDF as printed lines, each with its box as the page is shown. Knows nothing of paragraphs."""

from __future__ import annotations

import ctypes
import re
import statistics
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from ingest.read.characters import safe_text, written_without_spaces
from rag.types import Box

WIDE_GAP = 0.8  # of the characters' height: a narrower gap between Han characters is justification, not a space
SOFT_HYPHEN = "\xad"
_HYPHENS = frozenset({0x02, 0xAD, 0xFFFE})  # what pdfium gives for it
_BREAKING_HYPHENS = frozenset({0x02, 0xFFFE})
_LINE_ENDS = frozenset({0x0A, 0x0D})
# Bullets of the Symbol and Wingdings fonts, which are encoded in the private use area.
_SYMBOLS = {0xF0B7: "•", 0xF0A7: "▪", 0xF0D8: "➢", 0xF0FC: "✓", 0xF06C: "●", 0xF06E: "■", 0xF0E0: "→", 0xF02D: "-"}
# Forms that exist for print alone: ligatures, and radicals that some fonts name in place of the character.
_PRINT_FORMS = re.compile("[\ufb00-\ufb06\u2f00-\u2fd5]")


@dataclass(frozen=True, slots=True)
class PrintedLine:
    text: str
    box: Box
    size: float  # height of its characters in points
    bold: bool = False
    unreadable: int = 0  # characters that the font gave no meaning; they are not in the text


@dataclass(slots=True)
class _Glyph:
    code: int
    generated: bool  # a space that pdfium put in
    x0: float
    y0: float
    x1: float
    y1: float
    index: int


def page_lines(document: pdfium.PdfDocument, index: int) -> list[PrintedLine]:
    """Return the lines of a page in the order they were written. Call it under PDFIUM_LOCK."""
    page = document[index]
    try:
        text_page = page.get_textpage()
        try:
            place = _Placement(page)
            return [line for glyphs in _glyph_lines(text_page) for line in _line(text_page, glyphs, place, index + 1)]
        finally:
            text_page.close()
    finally:
        page.close()


class _Placement:
    """From the page's own space, origin at the bottom left of its media, to the page as it is shown."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        media, crop = page.get_mediabox(), page.get_cropbox()
        left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
        right, top = min(media[2], crop[2]), min(media[3], crop[3])
        if left >= right or bottom >= top:
            left, bottom, right, top = media
        self._left, self._bottom, self._right, self._top = left, bottom, right, top
        self._rotation = page.get_rotation()

    def box(self, number: int, x0: float, y0: float, x1: float, y1: float) -> Box:
        match self._rotation:
            case 90:
                shown = (y0 - self._bottom, x0 - self._left, y1 - self._bottom, x1 - self._left)
            case 180:
                shown = (self._right - x1, y0 - self._bottom, self._right - x0, y1 - self._bottom)
            case 270:
                shown = (self._top - y1, self._right - x1, self._top - y0, self._right - x0)
            case _:
                shown = (x0 - self._left, self._top - y1, x1 - self._left, self._top - y0)
        return Box(number, *(round(value, 2) for value in shown))


def _glyph_lines(text_page: pdfium.PdfTextPage) -> Iterator[list[_Glyph]]:
    """Yield the glyphs of each line, as pdfium parts them."""
    handle = text_page.raw
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    pointers = [ctypes.byref(value) for value in (left, right, bottom, top)]
    line: list[_Glyph] = []
    for index in range(raw.FPDFText_CountChars(handle)):
        code = raw.FPDFText_GetUnicode(handle, index)
        if code in _LINE_ENDS:
            if line:
                yield line
            line = []
            continue
        generated = raw.FPDFText_IsGenerated(handle, index) == 1
        if generated or not raw.FPDFText_GetCharBox(handle, index, *pointers):
            line.append(_Glyph(code, True, 0.0, 0.0, 0.0, 0.0, index))
        else:
            line.append(_Glyph(code, generated, left.value, bottom.value, right.value, top.value, index))
        if code in _BREAKING_HYPHENS:  # pdfium joins the broken word itself, and gives no line end
            yield line
            line = []
    if line:
        yield line


def _line(text_page: pdfium.PdfTextPage, glyphs: list[_Glyph], place: _Placement, number: int) -> Iterator[PrintedLine]:
    characters: list[str] = []
    unreadable = 0
    for position, glyph in enumerate(glyphs):
        if _is_spurious_space(glyphs, position):
            continue
        character = _character(glyph.code)
        if character is None:
            unreadable += 1
        else:
            characters.append(character)
    text = _joined(characters)
    placed = [glyph for glyph in glyphs if not glyph.generated and not _is_blank(glyph.code)]
    if not placed or not (text or unreadable):
        return
    box = place.box(
        number,
        min(glyph.x0 for glyph in placed),
        min(glyph.y0 for glyph in placed),
        max(glyph.x1 for glyph in placed),
        max(glyph.y1 for glyph in placed),
    )
    yield PrintedLine(text, box, _size(text_page, placed), _is_bold(text_page, placed), unreadable)


def _is_spurious_space(glyphs: list[_Glyph], position: int) -> bool:
    """True for a space that pdfium saw in the narrow gap between two Han characters."""
    glyph = glyphs[position]
    if glyph.code != 0x20 or not 0 < position < len(glyphs) - 1:
        return False
    before, after = glyphs[position - 1], glyphs[position + 1]
    if not (written_without_spaces(chr(before.code)) and written_without_spaces(chr(after.code))):
        return False
    height = max(before.y1 - before.y0, after.y1 - after.y0, before.x1 - before.x0, 1.0)
    gap = max(after.x0 - before.x1, before.y0 - after.y1, after.y0 - before.y1)
    return gap < WIDE_GAP * height


def _character(code: int) -> str | None:
    """Return the character, "" for one to pass over, None for one without a meaning."""
    if code in _HYPHENS:
        return SOFT_HYPHEN
    if code in _SYMBOLS:
        return _SYMBOLS[code]
    if code == 0 or code == 0xFFFD or 0xE000 <= code <= 0xF8FF or code >= 0xF0000:
        return None
    return chr(code)


def _is_blank(code: int) -> bool:
    return code < 0x10FFFF and chr(code).isspace()


def _joined(characters: list[str]) -> str:
    text = "".join(characters)
    if any("\ud800" <= character <= "\udfff" for character in text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    is_broken = text.rstrip().endswith(SOFT_HYPHEN)  # the layout sees whether the word goes on
    text = _PRINT_FORMS.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text.replace(SOFT_HYPHEN, ""))
    return " ".join(safe_text(text).split()) + ("-" if is_broken else "")


_SAMPLED_GLYPHS = 12


def _size(text_page: pdfium.PdfTextPage, glyphs: list[_Glyph]) -> float:
    """Return the median height of the glyphs' font, which unlike the font size holds after scaling."""
    rect = raw.FS_RECTF()
    heights = []
    for glyph in glyphs[:: max(1, len(glyphs) // _SAMPLED_GLYPHS)]:
        if raw.FPDFText_GetLooseCharBox(text_page.raw, glyph.index, ctypes.byref(rect)):
            # The font's height stands along the text's upright direction: of a rotated page that is x.
            upright, across = abs(rect.top - rect.bottom), abs(rect.right - rect.left)
            turned = abs(raw.FPDFText_GetCharAngle(text_page.raw, glyph.index)) % 3.14159 > 0.8
            heights.append(across if turned else upright)
    return round(statistics.median(heights), 1) if heights else 0.0


def _is_bold(text_page: pdfium.PdfTextPage, glyphs: list[_Glyph]) -> bool:
    """True where the first and the last glyph are of a bold face."""
    return all(raw.FPDFText_GetFontWeight(text_page.raw, glyph.index) >= 600 for glyph in (glyphs[0], glyphs[-1]))
