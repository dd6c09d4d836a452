"""The glyphs of a page, line by line as pdfium parts them, in the frame the page is read in. Knows nothing of words.

A page is *shown* after its rotation, and *read* along the direction most of its text runs in: a landscape table on a
portrait page is read from its own top left, and vertical writing as if it were turned. All layout happens in the
second frame; boxes that leave the reader are in the first.
"""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from ingest.read.characters import written_without_spaces
from rag.types import Box

Rectangle = tuple[float, float, float, float]  # x0, y0, x1, y1

HYPHENS = frozenset({0x02, 0xAD, 0xFFFE})  # what pdfium gives for a soft hyphen
_BREAKING_HYPHENS = frozenset({0x02, 0xFFFE})
_LINE_ENDS = frozenset({0x0A, 0x0D})
_SPACE = 0x20
_SAMPLED_DIRECTIONS = 60  # glyphs of a page
_SAMPLED_STACK = 400
# pdfium gives angles clockwise, in radians; a quarter turn is what a page's text may be turned by as a whole.
_QUARTER = 1.5707963


@dataclass(slots=True)
class Glyph:
    code: int
    generated: bool  # a space that pdfium put in
    x0: float  # in the frame the page is read in: y grows downwards
    y0: float
    x1: float
    y1: float
    index: int


class Frame:
    """From the page's own space, origin at its media's bottom left, to the frame it is read in, and to the shown."""

    def __init__(self, page: pdfium.PdfPage, text_page: pdfium.PdfTextPage | None = None) -> None:
        media, crop = page.get_mediabox(), page.get_cropbox()
        left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
        right, top = min(media[2], crop[2]), min(media[3], crop[3])
        if left >= right or bottom >= top:
            left, bottom, right, top = media
        self._media = (left, bottom, right, top)
        self._shown_turns = (page.get_rotation() // 90) % 4
        wide, high = right - left, top - bottom
        self.shown_size = (high, wide) if self._shown_turns % 2 else (wide, high)
        turns = _text_turns(text_page) if text_page is not None else 0
        # Vertical writing: its characters stand upright, and its lines run as text does that is turned.
        self.is_stacked = turns == 0 and text_page is not None and _is_stacked(text_page)
        turns = 1 if self.is_stacked else turns
        # Text that runs a quarter clockwise is upright once the page is turned back by as much.
        self.read_turns = (-turns) % 4
        self.size = (high, wide) if self.read_turns % 2 else (wide, high)
        self.place: Callable[[float, float, float, float], Rectangle] = self._placing(self.read_turns)

    @property
    def upright_rotation(self) -> int:
        """By how many degrees the page is to be turned for its text to read upright, or down if it is written so."""
        return 0 if self.is_stacked else 90 * self.read_turns

    def _placing(self, turns: int) -> Callable[[float, float, float, float], Rectangle]:
        left, bottom, right, top = self._media
        match turns:
            case 1:
                return lambda x0, y0, x1, y1: (y0 - bottom, x0 - left, y1 - bottom, x1 - left)
            case 2:
                return lambda x0, y0, x1, y1: (right - x1, y0 - bottom, right - x0, y1 - bottom)
            case 3:
                return lambda x0, y0, x1, y1: (top - y1, right - x1, top - y0, right - x0)
            case _:
                return lambda x0, y0, x1, y1: (x0 - left, top - y1, x1 - left, top - y0)

    def shown(self, number: int, place: Rectangle) -> Box:
        """Return where a rectangle of the reading frame stands on the page as it is shown."""
        x0, y0, x1, y1 = place
        wide, high = self.size
        match (self._shown_turns - self.read_turns) % 4:
            case 1:
                x0, y0, x1, y1 = high - y1, x0, high - y0, x1
            case 2:
                x0, y0, x1, y1 = wide - x1, high - y1, wide - x0, high - y0
            case 3:
                x0, y0, x1, y1 = y0, wide - x1, y1, wide - x0
        return Box(number, round(x0, 2), round(y0, 2), round(x1, 2), round(y1, 2))

    def shown_place(self, x0: float, y0: float, x1: float, y1: float) -> Rectangle:
        """Place a rectangle of the page's own space on the page as it is shown."""
        return self._placing(self._shown_turns)(x0, y0, x1, y1)


def quarter_turns(text_page: pdfium.PdfTextPage, index: int) -> int:
    """Return by how many quarters, clockwise and in the page's own space, a glyph is turned."""
    angle = raw.FPDFText_GetCharAngle(text_page.raw, index)
    return round(angle / _QUARTER) % 4 if angle > 0 else 0


def _text_turns(text_page: pdfium.PdfTextPage) -> int:
    count = raw.FPDFText_CountChars(text_page.raw)
    if count <= 0:
        return 0
    step = max(1, count // _SAMPLED_DIRECTIONS)
    turns = Counter(
        quarter_turns(text_page, index)
        for index in range(0, count, step)
        if raw.FPDFText_GetUnicode(text_page.raw, index) > _SPACE
    )
    return turns.most_common(1)[0][0] if turns else 0


def _is_stacked(text_page: pdfium.PdfTextPage) -> bool:
    """True for vertical writing: each Han character stands below the one before it."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    before: Rectangle | None = None
    below = beside = 0
    for index in range(min(raw.FPDFText_CountChars(text_page.raw), _SAMPLED_STACK)):
        code = raw.FPDFText_GetUnicode(text_page.raw, index)
        if not (0x2E80 <= code < 0x110000 and written_without_spaces(chr(code))):
            before = None
            if code > 0x2E80 or _SPACE < code < 0x250:
                beside += 1
            continue
        raw.FPDFText_GetCharBox(text_page.raw, index, left, right, bottom, top)
        if before is not None:
            overlap = min(before[2], right.value) - max(before[0], left.value)
            if overlap > 0 and top.value < before[3] and bottom.value < before[1]:
                below += 1
            else:
                beside += 1
        before = (left.value, bottom.value, right.value, top.value)
    return below > 4 and below > 2 * beside


def glyph_lines(text_page: pdfium.PdfTextPage, frame: Frame) -> Iterator[list[Glyph]]:
    """Yield the glyphs of each line, as pdfium parts them."""
    handle = text_page.raw
    place = frame.place
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    pointers = [ctypes.byref(value) for value in (left, right, bottom, top)]
    line: list[Glyph] = []
    for index in range(raw.FPDFText_CountChars(handle)):
        code = raw.FPDFText_GetUnicode(handle, index)
        if code in _LINE_ENDS:
            if line:
                yield line
            line = []
            continue
        generated = code == _SPACE and raw.FPDFText_IsGenerated(handle, index) == 1
        if generated or not raw.FPDFText_GetCharBox(handle, index, *pointers):
            line.append(Glyph(code, True, 0.0, 0.0, 0.0, 0.0, index))
        else:
            x0, y0, x1, y1 = place(left.value, bottom.value, right.value, top.value)
            line.append(Glyph(code, False, x0, y0, x1, y1, index))
        if code in _BREAKING_HYPHENS:  # pdfium joins the broken word itself, and gives no line end
            yield line
            line = []
    if line:
        yield line
