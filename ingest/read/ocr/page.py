"""Read a whole picture: find its lines, turn it upright, read each of them. Knows nothing of files or points."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ingest.read.ocr.engine import Engine
from ingest.read.ocr.find import Pixels, Strip, find_lines
from ingest.read.ocr.order import Rectangle, reading_order
from ingest.read.ocr.read import ReadLine, cut, read_line

SAMPLE = 5  # of the longest lines, read first: they tell whether the picture is upright
WELL_READ = 0.85  # the sample's mean confidence on an upright page of any quality that can be read at all
TALL = 1.5  # height by width of a line that stands on its side
MIN_CONFIDENCE = 0.6
MIN_CONFIDENCE_FEW = 0.9  # of one to three characters: a drawing may look like a letter
FEW_CHARACTERS = 3


@dataclass(frozen=True, slots=True)
class FoundLine:
    text: str
    confidence: float
    place: Rectangle  # in the picture as it was given
    upright: Rectangle  # in the picture turned so that its lines run level, from left to right
    em: float  # height of its characters, in pixels


@dataclass(frozen=True, slots=True)
class FoundPage:
    lines: tuple[FoundLine, ...]  # as they are read
    doubtful: tuple[FoundLine, ...]  # too uncertain to be taken for text
    quarter_turns: int  # counter-clockwise, that bring the picture upright


@dataclass(frozen=True, slots=True)
class _View:
    """The picture after some quarter turns counter-clockwise."""

    picture: Pixels
    turns: int
    strips: Sequence[Strip]

    def half_turned(self) -> _View:
        height, width = self.picture.shape[:2]
        strips = []
        for strip in self.strips:
            ((x, y),) = strip.in_picture(np.array([(strip.width, strip.height)]))
            strips.append(replace(strip, x=width - float(x), y=height - float(y)))
        return _View(np.ascontiguousarray(np.rot90(self.picture, 2)), (self.turns + 2) % 4, strips)

    def given(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where points of this view stand in the picture as it was given."""
        height, width = self.picture.shape[:2]
        x, y = points[:, 0], points[:, 1]
        match self.turns:
            case 1:
                return np.stack((height - y, x), axis=1)
            case 2:
                return np.stack((width - x, height - y), axis=1)
            case 3:
                return np.stack((y, width - x), axis=1)
            case _:
                return points


def read_page(picture: Pixels, engine: Engine) -> FoundPage:
    """Read a picture whose print may stand on its side or on its head, and a few degrees askew."""
    view = _View(picture, 0, find_lines(picture, engine.detect))
    if _stands_on_side(view.strips):
        turned = np.ascontiguousarray(np.rot90(picture))
        view = _View(turned, 1, find_lines(turned, engine.detect))
    sample = sorted(range(len(view.strips)), key=lambda i: -view.strips[i].width)[:SAMPLE]
    read = {i: _read(view, i, engine) for i in sample}
    if _confidence(read) < WELL_READ:
        other = view.half_turned()
        read_other = {i: _read(other, i, engine) for i in sample}
        if _confidence(read_other) > _confidence(read):
            view, read = other, read_other
    read |= {i: _read(view, i, engine) for i in range(len(view.strips)) if i not in read}
    return _page(view, read)


def _stands_on_side(strips: Sequence[Strip]) -> bool:
    lengths = [(strip.height > TALL * strip.width, max(strip.height, strip.width)) for strip in strips]
    return sum(length for is_tall, length in lengths if is_tall) > 0.5 * sum(length for _, length in lengths)


def _read(view: _View, index: int, engine: Engine) -> ReadLine:
    return read_line(cut(view.picture, view.strips[index]), engine.recognise, engine.alphabet)


def _confidence(read: dict[int, ReadLine]) -> float:
    weights = sum(len(line.text) for line in read.values())
    return sum(line.confidence * len(line.text) for line in read.values()) / weights if weights else 0.0


def _page(view: _View, read: dict[int, ReadLine]) -> FoundPage:
    slope = _slope(view.strips)
    lines = [_found(view, view.strips[i], line, slope) for i, line in sorted(read.items()) if line.text]
    sure = [line for line in lines if _is_sure(line)]
    order = reading_order([line.upright for line in sure])
    doubtful = tuple(line for line in lines if not _is_sure(line))
    return FoundPage(tuple(sure[i] for i in order), doubtful, view.turns)


def _is_sure(line: FoundLine) -> bool:
    return line.confidence >= (MIN_CONFIDENCE_FEW if len(line.text) <= FEW_CHARACTERS else MIN_CONFIDENCE)


def _slope(strips: Sequence[Strip]) -> float:
    """Return how the page's lines run, in radians: the median of its long ones."""
    slopes = [float(np.arctan2(strip.right[1], strip.right[0])) for strip in strips if strip.width > 5 * strip.height]
    return statistics.median(slopes) if slopes else 0.0


def _found(view: _View, strip: Strip, line: ReadLine, slope: float) -> FoundLine:
    ink = strip.in_picture(line.outline)
    height, width = view.picture.shape[:2]
    middle = np.array((width / 2, height / 2))
    cosine, sine = float(np.cos(slope)), float(np.sin(slope))
    level = (ink - middle) @ np.array(((cosine, -sine), (sine, cosine))) + middle
    return FoundLine(line.text, line.confidence, _around(view.given(ink)), _around(level), line.em)


def _around(points: NDArray[np.float64]) -> Rectangle:
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)
