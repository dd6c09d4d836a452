"""What a PDF's own text layer says stands inside a box, by pdfium's arithmetic and not the reader's."""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Iterable, Sequence
from types import TracebackType

import pypdfium2
import pypdfium2.raw as pdfium

from rag.types import Box

STEPS_PER_POINT = 100  # pdfium's device coordinates are whole numbers
SLACK_POINTS = 0.5  # a glyph on the very edge of its box counts as inside


class Pages:
    """An open PDF. Not for more than one thread: pdfium is not safe there."""

    def __init__(self, data: bytes) -> None:
        self._document = pypdfium2.PdfDocument(data)

    def __enter__(self) -> Pages:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._document.close()

    def size(self, page: int) -> tuple[float, float]:
        """Return width and height as the page is shown, in points. Pages count from 1."""
        width, height = self._document[page - 1].get_size()
        return float(width), float(height)

    def text_in(self, boxes: Iterable[Box]) -> str:
        """Return the text that stands in the boxes, box by box."""
        return "\n".join(self._text_in(box) for box in boxes)

    def _text_in(self, box: Box) -> str:
        page = self._document[box.page - 1]
        corners = [
            self._in_page_space(page, box.x0 - SLACK_POINTS, box.y0 - SLACK_POINTS),
            self._in_page_space(page, box.x1 + SLACK_POINTS, box.y1 + SLACK_POINTS),
        ]
        (left, right), (bottom, top) = (sorted(values) for values in zip(*corners, strict=True))
        text = page.get_textpage().get_text_bounded(left=left, bottom=bottom, right=right, top=top)
        return str(text)

    def _in_page_space(self, page: pypdfium2.PdfPage, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the shown page lies in the page's own space, turned and cropped as it may be."""
        width, height = page.get_size()
        page_x, page_y = ctypes.c_double(), ctypes.c_double()
        pdfium.FPDF_DeviceToPage(
            page,
            0,
            0,
            round(width * STEPS_PER_POINT),
            round(height * STEPS_PER_POINT),
            0,
            round(x * STEPS_PER_POINT),
            round(y * STEPS_PER_POINT),
            page_x,
            page_y,
        )
        return page_x.value, page_y.value


def covers(text: str, quote: str) -> bool:
    """Say whether the quote stands in the text, white space and the hyphens of broken words aside."""
    return bare(quote) in bare(text)


def bare(text: str) -> str:
    kept = unicodedata.normalize("NFKC", text)
    return "".join(letter for letter in kept if not letter.isspace() and letter not in "-\u00ad\u2010\ufffe\x02")


def lies_on(boxes: Sequence[Box], pages: Pages) -> bool:
    """Say whether every box is a rectangle within its page, give or take the slack."""
    return all(_inside(box, *pages.size(box.page)) for box in boxes)


def _inside(box: Box, width: float, height: float) -> bool:
    across = -SLACK_POINTS <= box.x0 < box.x1 <= width + SLACK_POINTS
    down = -SLACK_POINTS <= box.y0 < box.y1 <= height + SLACK_POINTS
    return across and down
