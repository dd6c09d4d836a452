"""Read what is printed in a picture: Chinese of both scripts and English. Knows nothing of files, pages or points.

Handwriting and Chinese written downwards are beyond the models: such lines come out as doubtful, if at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from PIL import Image

from ingest.read.clock import own_time
from ingest.read.memory import make_room
from ingest.read.ocr.order import Rectangle
from rag.errors import Unsupported

MAX_SIDE_PIXELS = 4000  # A4 at 340 dpi; a larger picture is read smaller
# Needed beyond what is held before the engine is loaded, by growing it until a blank page of 4000 by 4000 pixels was
# read under RLIMIT_DATA: 900 MiB; A4 at 150 dpi takes 650.
ROOM_BYTES = 1024 * 2**20
NEEDS = ("rapidocr", "onnxruntime", "cv2")
HINT = "install the ocr extra: pip install -c constraints.txt -e '.[ocr]'; or run OCR on it first"


@dataclass(frozen=True, slots=True)
class OcrLine:
    """A line of print; x0 to y1 are pixels of the picture as it was given, close about the ink."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    confidence: float  # the mean over its characters
    size: float  # height of its characters, in pixels
    upright: Rectangle  # where it stands when the picture is turned so that its lines run level, left to right


PAGE_SECONDS = 60.0  # a page takes 3 to 5 on one quiet core


@dataclass(frozen=True, slots=True)
class Reading:
    lines: tuple[OcrLine, ...]  # as they are read, column by column
    doubtful: tuple[OcrLine, ...]  # too uncertain to be taken for text
    quarter_turns: int  # clockwise, by which the picture stands turned


def is_available() -> bool:
    return all(find_spec(name) is not None for name in NEEDS)


def recognise(image: Image.Image) -> Reading:
    """Read a picture of any mode, upright or turned. Raises Unsupported where the ocr extra is not installed."""
    if not is_available():
        raise Unsupported("pictures and scans cannot be read without the ocr extra", hint=HINT)
    make_room(ROOM_BYTES)
    # Imported here: both need the extra.
    from ingest.read.ocr.engine import engine
    from ingest.read.ocr.page import FoundLine, read_page

    scale = min(1.0, MAX_SIDE_PIXELS / max(image.size))
    if scale < 1:
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.LANCZOS)
    if image.mode != "RGB":
        image = image.convert("RGB")
    with own_time(PAGE_SECONDS):  # of a long scan each page has its own, or no book could be read
        page = read_page(np.ascontiguousarray(np.asarray(image)[:, :, ::-1]), engine())

    def line(found: FoundLine) -> OcrLine:
        x0, y0, x1, y1 = (value / scale for value in found.place)
        left, top, right, bottom = (value / scale for value in found.upright)
        upright = (left, top, right, bottom)
        return OcrLine(found.text, x0, y0, x1, y1, found.confidence, found.em / scale, upright)

    return Reading(tuple(map(line, page.lines)), tuple(map(line, page.doubtful)), page.quarter_turns)
