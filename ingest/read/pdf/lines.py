"""One page of a PDF as printed lines, each with its box as the page is shown. Knows nothing of paragraphs.

PrintedLine is also what OCR gives: `pdf_scan.scanned_lines(page, number)` takes a pypdfium2 page, under PDFIUM_LOCK,
and its number from 1, and returns a list of PrintedLine, of which it fills `text`, `box` (points, from the top left of
the page as it is shown, /Rotate applied) and `size` (height of the characters in points); the rest has defaults.
"""

from __future__ import annotations

import ctypes
import math
import re
import statistics
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from ingest.read.characters import safe_text, written_without_spaces
from ingest.read.pdf.glyphs import HYPHENS, Frame, Glyph, Rectangle, glyph_lines, quarter_turns
from rag.types import Box

WIDE_GAP = 0.8  # of the characters' height: a narrower gap between Han characters is justification, not a space
PIECE_GAP = 1.0  # of the characters' height: a wider gap may part two columns or two cells
LINE_GAP = 0.8  # of the characters' height, between the ink of two: a quote and a comma are nearer
CELL_GAP = 0.2  # of the characters' height: a ruling in a narrower one runs through a word
ABOVE_BASELINE = 0.85  # of the em; Chinese fonts have 0.88, Helvetica 0.72 and 0.21 below
SOFT_HYPHEN = "\xad"
MAX_LOOSE_HEIGHT = 1.6  # of the glyphs' own: some fonts claim to be much higher than they are
# Bullets of the Symbol and Wingdings fonts, which are encoded in the private use area.
_SYMBOLS = {0xF0B7: "•", 0xF0A7: "▪", 0xF0D8: "➢", 0xF0FC: "✓", 0xF06C: "●", 0xF06E: "■", 0xF0E0: "→", 0xF02D: "-"}
# Forms that exist for print alone: ligatures, and radicals that some fonts name in place of the character.
_PRINT_FORMS = re.compile("[\ufb00-\ufb06\u2f00-\u2fd5]")
_CLOSING = frozenset(map(ord, "，。、；：？！）》」』”’】〉…—·"))  # their ink leaves half of their width free
_OPENING = frozenset(map(ord, "（《「『“‘【〈—·"))
_SAMPLED_GLYPHS = 12
_INVISIBLE = 3  # text render mode: neither filled nor drawn


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A line, or of a line with wide gaps one piece."""

    text: str
    box: Box
    size: float  # height of its characters in points
    bold: bool = False
    unreadable: int = 0  # characters that the font gave no meaning; they are not in the text
    doubtful: int = 0  # characters whose code stands for itself, the font naming none
    hidden: bool = False  # drawn invisibly, as OCR programs put their text under a picture
    turned: bool = False  # runs otherwise than most of its page
    run: int = -1  # the pieces of one line of the file have the same
    upright: Rectangle | None = None  # where it stands when the page is turned so that it reads upright, if known

    @property
    def place(self) -> Rectangle:
        """Where it stands in the frame that the page is read in: what layout goes by."""
        return self.upright or (self.box.x0, self.box.y0, self.box.x1, self.box.y1)


def page_lines(
    text_page: pdfium.PdfTextPage, number: int, frame: Frame, uprights: Sequence[Rectangle] = ()
) -> list[PrintedLine]:
    """Return the lines of a page in the order they were written, parted at wide gaps and at upright rulings.

    uprights: vertical rulings in the reading frame, from left to right. Call it under PDFIUM_LOCK.
    """
    reader = _LineReader(text_page, number, frame, uprights)
    return [line for run, glyphs in enumerate(glyph_lines(text_page, frame)) for line in reader.lines(glyphs, run)]


class _LineReader:
    def __init__(self, text_page: pdfium.PdfTextPage, number: int, frame: Frame, uprights: Sequence[Rectangle]) -> None:
        self._text_page = text_page
        self._number = number
        self._frame = frame
        self._uprights = uprights
        self._starts = [upright[0] for upright in uprights]

    def lines(self, glyphs: list[Glyph], run: int) -> Iterator[PrintedLine]:
        placed = [glyph for glyph in glyphs if not glyph.generated and not _is_blank(glyph.code)]
        if not placed:
            return
        highest = max(glyph.y1 - glyph.y0 for glyph in placed)
        # A dash alone says nothing about its font's height.
        most_high = MAX_LOOSE_HEIGHT * highest if len(placed) > 3 else float("inf")
        for piece in self._pieces(glyphs, highest):
            line = self._line(piece, run, most_high)
            if line is not None:
                yield line

    def _pieces(self, glyphs: list[Glyph], highest: float) -> Iterator[list[Glyph]]:
        piece: list[Glyph] = []
        last: Glyph | None = None
        for glyph in glyphs:
            if not glyph.generated and not _is_blank(glyph.code):
                if last is not None and self._is_parted(last, glyph, highest):
                    yield piece
                    piece = []
                last = glyph
            piece.append(glyph)
        yield piece

    def _is_parted(self, last: Glyph, glyph: Glyph, highest: float) -> bool:
        below = max(glyph.y0 - last.y1, last.y0 - glyph.y1)
        if below > 0 and (below > LINE_GAP * highest or glyph.x0 < last.x0 - highest):
            return True  # another line, which pdfium took for the same one
        gap = glyph.x0 - last.x1 - _inner_space(last, glyph) * highest
        if gap > PIECE_GAP * highest:
            return True
        if not self._starts or gap < CELL_GAP * highest:
            return False
        middle = (glyph.y0 + glyph.y1) / 2
        index = bisect_left(self._starts, (last.x0 + last.x1) / 2)
        while index < len(self._starts) and self._starts[index] <= (glyph.x0 + glyph.x1) / 2:
            if self._uprights[index][1] <= middle <= self._uprights[index][3]:
                return True
            index += 1
        return False

    def _line(self, glyphs: list[Glyph], run: int, most_high: float) -> PrintedLine | None:
        characters: list[str] = []
        unreadable = 0
        for position, glyph in enumerate(glyphs):
            if glyph.code == 0x20 and _is_spurious_space(glyphs, position):
                continue
            character = _character(glyph.code)
            if character is None:
                unreadable += 1
            else:
                characters.append(character)
        text = _joined(characters)
        placed = [glyph for glyph in glyphs if not glyph.generated and not _is_blank(glyph.code)]
        if not placed or not (text or unreadable):
            return None
        tight = (
            min(glyph.x0 for glyph in placed),
            min(glyph.y0 for glyph in placed),
            max(glyph.x1 for glyph in placed),
            max(glyph.y1 for glyph in placed),
        )
        handle = self._text_page.raw
        first, last = placed[0].index, placed[-1].index
        turned = (-quarter_turns(self._text_page, first)) % 4 != self._frame.read_turns and not self._frame.is_stacked
        size, doubtful = self._height_and_doubts(placed)
        return PrintedLine(
            text,
            self._frame.shown(self._number, tight if turned or self._frame.is_stacked else self._drawn(placed, tight)),
            size,
            # True where the first and the last glyph are of a bold face.
            bold=all(raw.FPDFText_GetFontWeight(handle, index) >= 600 for index in (first, last)),
            unreadable=unreadable,
            doubtful=doubtful,
            hidden=raw.FPDFTextObj_GetTextRenderMode(raw.FPDFText_GetTextObject(handle, first)) == _INVISIBLE,
            turned=turned,
            run=run,
            upright=tight
            if turned or self._frame.is_stacked
            else self._on_its_baseline(placed[0], tight, min(size, most_high)),
        )

    def _drawn(self, glyphs: list[Glyph], tight: Rectangle) -> Rectangle:
        """Return the place the line takes up: from the first glyph's origin to where a next one would begin.

        Ink alone leaves out half of a full stop that is as wide as a character, and all above and below a dash.
        """
        handle = self._text_page.raw
        index = glyphs[0].index
        x0, y0, x1, y1 = tight
        rect, matrix, x, y = raw.FS_RECTF(), raw.FS_MATRIX(), ctypes.c_double(), ctypes.c_double()
        for glyph in (glyphs[0], glyphs[-1]):
            if raw.FPDFText_GetLooseCharBox(handle, glyph.index, ctypes.byref(rect)):
                (west, east), (south, north) = sorted((rect.left, rect.right)), sorted((rect.bottom, rect.top))
                left, _, right, _ = self._frame.place(west, south, east, north)
                slack = glyph.x1 - glyph.x0 + 1
                if left - slack <= glyph.x0 and glyph.x1 <= right + slack and right - left < 4 * (y1 - y0 + 1):
                    x0, x1 = min(x0, left), max(x1, right)
        if not (raw.FPDFText_GetMatrix(handle, index, matrix) and raw.FPDFText_GetCharOrigin(handle, index, x, y)):
            return x0, y0, x1, y1
        em = raw.FPDFText_GetFontSize(handle, index) * math.hypot(matrix.c, matrix.d)
        baseline = self._frame.place(x.value, y.value, x.value, y.value)[1]
        if y1 - y0 <= 1.5 * em and baseline - em <= y1 and y0 <= baseline + 0.5 * em and em < 200:
            y0, y1 = min(y0, baseline - ABOVE_BASELINE * em), max(y1, baseline + (1 - ABOVE_BASELINE) * em)
        return x0, y0, x1, y1

    def _on_its_baseline(self, glyph: Glyph, tight: Rectangle, height: float) -> Rectangle:
        """Return the place of a line as high as its font: lines with and without g and l stand equally far apart."""
        x, y = ctypes.c_double(), ctypes.c_double()
        if height <= 0 or not raw.FPDFText_GetCharOrigin(self._text_page.raw, glyph.index, x, y):
            return tight
        baseline = self._frame.place(x.value, y.value, x.value, y.value)[1]
        if not tight[1] - height < baseline < tight[3] + height:
            return tight
        return tight[0], baseline - 0.8 * height, tight[2], baseline + 0.2 * height

    def _height_and_doubts(self, glyphs: list[Glyph]) -> tuple[float, int]:
        """Return the median height of the glyphs' font, which unlike the font size holds after scaling, and doubts."""
        rect = raw.FS_RECTF()
        handle = self._text_page.raw
        heights = []
        doubtful = 0
        sample = glyphs[:: max(1, len(glyphs) // _SAMPLED_GLYPHS)]
        for glyph in sample:
            doubtful += raw.FPDFText_HasUnicodeMapError(handle, glyph.index) == 1
            if raw.FPDFText_GetLooseCharBox(handle, glyph.index, ctypes.byref(rect)):
                # The font's height stands along the text's upright direction: of a rotated page that is x.
                turned = quarter_turns(self._text_page, glyph.index) % 2
                heights.append(abs(rect.right - rect.left) if turned else abs(rect.top - rect.bottom))
        size = round(statistics.median(heights), 1) if heights else 0.0
        return size, round(doubtful * len(glyphs) / len(sample))


def _is_spurious_space(glyphs: list[Glyph], position: int) -> bool:
    """True for a space that pdfium saw in the narrow gap between two Han characters."""
    if not 0 < position < len(glyphs) - 1:
        return False
    before, after = glyphs[position - 1], glyphs[position + 1]
    if not (written_without_spaces(chr(before.code)) and written_without_spaces(chr(after.code))):
        return False
    height = max(before.y1 - before.y0, after.y1 - after.y0, before.x1 - before.x0, 1.0)
    gap = max(after.x0 - before.x1, before.y0 - after.y1, after.y0 - before.y1)
    return gap - _inner_space(before, after) * height < WIDE_GAP * height


def _inner_space(before: Glyph, after: Glyph) -> float:
    """Return how much of the gap between two glyphs, in ems, is part of full-width punctuation."""
    return 0.6 * (before.code in _CLOSING) + 0.6 * (after.code in _OPENING)


def _character(code: int) -> str | None:
    """Return the character, "" for one to pass over, None for one without a meaning."""
    if 0x20 <= code < 0x7F:
        return chr(code)
    if code in HYPHENS:
        return SOFT_HYPHEN
    if code in _SYMBOLS:
        return _SYMBOLS[code]
    if (code < 0x20 and code != 0x09) or code == 0xFFFD or 0xE000 <= code <= 0xF8FF or code >= 0xF0000:
        return None
    return chr(code)


def _is_blank(code: int) -> bool:
    return code <= 0x20 or (code > 0x7F and code < 0x10FFFF and chr(code).isspace())


def _joined(characters: list[str]) -> str:
    text = "".join(characters)
    if text.isascii():
        return " ".join(text.split())
    if any("\ud800" <= character <= "\udfff" for character in text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    is_broken = text.rstrip().endswith(SOFT_HYPHEN)  # the layout sees whether the word goes on
    text = _PRINT_FORMS.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text.replace(SOFT_HYPHEN, ""))
    return " ".join(safe_text(text).split()) + ("-" if is_broken else "")
