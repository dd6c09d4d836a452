"""Find the lines of print in a picture, with PP-OCR's detector. Knows nothing of what stands on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]  # (height, width, 3), blue first, as PP-OCR was trained
Floats = NDArray[np.float32]
Network = Callable[[Floats], Floats]

# The model's published settings, but for UNCLIP.
INK = 0.3  # a pixel belongs to a line from this probability on
SURE = 0.5  # of a line: the mean over its core
UNCLIP = 1.6  # the model marks a line's core; how far to grow it, in its area by its perimeter
MAX_PIXELS = 2_600_000  # an A4 page at 164 dpi; the whole of a larger one is looked at smaller
MIN_SIDE_PIXELS, MAX_ENLARGED = 640, 2.0  # a snippet is looked at larger
MAX_LINES = 3000
_STRIDE = 32  # sides must be multiples of it
_MIN_CORE_PIXELS = 3


@dataclass(frozen=True, slots=True)
class Strip:
    """A rectangle about a line of print, turned as the line is; in pixels. right and down are of length 1."""

    x: float  # of the corner where the line begins, at its top
    y: float
    right: tuple[float, float]
    down: tuple[float, float]
    width: float
    height: float

    def in_picture(self, inner: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where points, (n, 2), stand in the picture that are given from this strip's own top left."""
        return np.asarray(np.array((self.x, self.y)) + inner @ np.array((self.right, self.down)), np.float64)


def find_lines(picture: Pixels, detect: Network) -> list[Strip]:
    """Return the lines in no order. Tall ones are of text on its side, or written downwards."""
    height, width = picture.shape[:2]
    scale = min(
        (MAX_PIXELS / (height * width)) ** 0.5, max(1.0, min(MAX_ENLARGED, MIN_SIDE_PIXELS / min(height, width)))
    )
    looked = (_to_stride(width * scale), _to_stride(height * scale))
    shrinks = scale < 1
    seen = cv2.resize(picture, looked, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    likely = detect(as_tensor(np.asarray(seen, np.uint8)))[0, 0]
    stretch = (width / looked[0], height / looked[1])
    return [_strip(core, stretch) for core in _cores(likely)]


def as_tensor(picture: Pixels) -> Floats:
    """Return (1, 3, height, width), from -1 to 1."""
    tensor = np.empty((1, 3, *picture.shape[:2]), np.float32)
    np.multiply(picture.transpose(2, 0, 1), 1 / 127.5, out=tensor[0], casting="unsafe")
    tensor -= 1
    return tensor


def _to_stride(pixels: float) -> int:
    return max(_STRIDE, round(pixels / _STRIDE) * _STRIDE)


def _cores(likely: Floats) -> list[Any]:
    mask = cv2.dilate((likely > INK).astype(np.uint8), np.ones((2, 2), np.uint8))
    outlines, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    cores = []
    for outline in outlines[:MAX_LINES]:
        core = cv2.minAreaRect(outline)
        if (
            min(core[1]) >= _MIN_CORE_PIXELS
            and _mean_inside(likely, np.asarray(cv2.boxPoints(core), np.float32)) >= SURE
        ):
            cores.append(core)
    return cores


def _mean_inside(likely: Floats, corners: Floats) -> float:
    x, y, width, height = cv2.boundingRect(corners.astype(np.int32))
    x, y = max(x, 0), max(y, 0)
    part = likely[y : y + height, x : x + width]
    if not part.size:
        return 0.0
    mask = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(mask, [(corners - (x, y)).astype(np.int32)], 1)
    return float(cv2.mean(part, mask)[0])


def _strip(core: Any, stretch: tuple[float, float]) -> Strip:
    """Grow a core to the whole line, in the picture's own pixels."""
    (x, y), (width, height), _ = core
    grow = 2 * UNCLIP * width * height / (2 * (width + height))
    points = cv2.boxPoints(((x, y), (width + grow, height + grow), core[2])) * np.array(stretch)
    # The corner that begins the line is the one towards the top left; from there clockwise.
    first = int(np.argmin(points.sum(axis=1)))
    start, along, _, below = (points[(first + step) % 4] for step in range(4))
    if abs(along[0] - start[0]) < abs(along[1] - start[1]):  # counted the other way round
        along, below = below, along
    width, height = float(np.linalg.norm(along - start)), float(np.linalg.norm(below - start))
    right, down = (along - start) / max(width, 1e-6), (below - start) / max(height, 1e-6)
    return Strip(
        float(start[0]),
        float(start[1]),
        (float(right[0]), float(right[1])),
        (float(down[0]), float(down[1])),
        width,
        height,
    )
