"""Read one line of print, cut out of its picture, with PP-OCR's recogniser. Knows nothing of pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.read.ocr.find import Network, Pixels, Strip, as_tensor
from ingest.read.ocr.join import Printed, ink_ems, joined

HEIGHT_PIXELS = 48  # what the model takes
MAX_WIDTH_PIXELS = 3200  # 130 Han characters; a longer line is squeezed
MIN_WIDTH_PIXELS = 48
EM_SHARE = 0.8  # of a strip's height: what its characters take, measured on fonts of known size
INK_PIXELS = 2  # dark pixels in a row that are print and no speck
SPECK_SHARE = 40  # of a strip's height: fewer dark pixels in a column are dust
BLANK = 0


@dataclass(frozen=True, slots=True)
class ReadLine:
    text: str
    confidence: float  # the mean over its characters
    outline: NDArray[np.float64]  # (n, 2), around the print, in the strip's own pixels
    em: float  # height of its characters, in pixels


def cut(picture: Pixels, strip: Strip) -> Pixels:
    """Return the strip's part of the picture, turned upright, in its own resolution."""
    width, height = max(1, round(strip.width)), max(1, round(strip.height))
    corners = strip.in_picture(np.array([(0, 0), (strip.width, 0), (strip.width, strip.height)])).astype(np.float32)
    target = np.array([(0, 0), (width, 0), (width, height)], np.float32)
    turn = cv2.getAffineTransform(corners, target)
    cut_out = cv2.warpAffine(picture, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut_out, np.uint8)


def read_line(line: Pixels, recognise: Network, alphabet: Sequence[str]) -> ReadLine:
    """Read an upright line. alphabet: the characters by the model's numbers, BLANK first."""
    height, width = line.shape[:2]
    wide = min(MAX_WIDTH_PIXELS, max(MIN_WIDTH_PIXELS, round(width * HEIGHT_PIXELS / height)))
    smooth = cv2.INTER_AREA if height > 2 * HEIGHT_PIXELS else cv2.INTER_LINEAR
    scaled = cv2.resize(line, (wide, HEIGHT_PIXELS), interpolation=smooth)
    likely = recognise(as_tensor(np.asarray(scaled, np.uint8)))[0]
    best = likely.argmax(axis=1)
    starts = np.flatnonzero((best != BLANK) & (np.diff(best, prepend=-1) != 0))
    read = [
        (alphabet[best[step]], (step + 0.5) * width / len(best), float(likely[step, best[step]])) for step in starts
    ]
    ink = _Ink(line)
    printed: list[Printed] = []
    spaced, last = False, 0.0
    for character, centre, _ in read:
        if character.isspace():
            spaced = True
            continue
        white = ink.white(last, centre) / (EM_SHARE * height) if printed else 0.0
        printed.append(Printed(character, white, spaced))
        spaced, last = False, centre
    confidence = sum(sure for _, _, sure in read) / len(read) if read else 0.0
    text = joined(printed)
    # By the ink it is known to a tenth, unless that is smudged; the strip's height is a fifth off for short lines.
    by_strip = EM_SHARE * height
    em = min(1.5 * by_strip, max(0.8 * by_strip, ink.height / ink_ems(text)))
    return ReadLine(text, confidence, ink.outline, em)


class _Ink:
    """Where the print stands in a line that was cut out with some of its surroundings."""

    def __init__(self, line: Pixels) -> None:
        grey = cv2.cvtColor(line, cv2.COLOR_BGR2GRAY)
        _, dark = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
        if dark.mean() > 0.5:  # white on black
            dark = 1 - dark
        top, bottom = _run_from_middle(dark.sum(axis=1))
        self.height = bottom - top
        rows = dark[top:bottom]
        self._columns = rows.sum(axis=0) > len(line) // SPECK_SHARE
        inked = np.flatnonzero(self._columns)
        highest = top + rows.argmax(axis=0)[inked]
        lowest = bottom - rows[::-1].argmax(axis=0)[inked]
        # Of each column the upper left and the lower right: askew, the rectangle about the print reaches too far.
        points = np.concatenate((np.stack((inked, highest), axis=1), np.stack((inked + 1, lowest), axis=1)))
        whole = np.array([(0, 0), (line.shape[1], line.shape[0])])
        self.outline = (points if len(inked) else whole).astype(np.float64)

    def white(self, start: float, end: float) -> int:
        """Return the longest run of columns without print between two places."""
        longest = run = 0
        for is_inked in self._columns[max(0, int(start)) : int(end) + 1]:
            run = 0 if is_inked else run + 1
            longest = max(longest, run)
        return longest


def _run_from_middle(rows: NDArray[np.int64]) -> tuple[int, int]:
    """Return the rows of the line itself: what stands beyond some empty rows is its neighbours'."""
    inked = rows >= INK_PIXELS
    middle = len(rows) // 2
    bridge = max(1, len(rows) // 12)  # empty rows within a character: 二, i
    up = _last_inked(inked[middle::-1], bridge)
    down = _last_inked(inked[middle:], bridge)
    return middle - up, middle + down + 1


def _last_inked(rows: NDArray[np.bool_], bridge: int) -> int:
    last = empty = 0
    for row, is_inked in enumerate(rows):
        empty = 0 if is_inked else empty + 1
        if is_inked:
            last = row
        elif empty > bridge and last:
            break
    return last
