"""What is drawn on a page beside its text: ruling lines and pictures. Knows nothing of tables or of words."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from ingest.read.pdf.glyphs import Frame, Rectangle

MAX_OBJECTS = 20_000  # of one page; what comes after is not looked at
MAX_RULINGS = 3_000
MAX_SEGMENTS = 400  # of one path: a drawing has more, a table's grid less
MAX_DEPTH = 4  # of drawings within drawings
THIN_POINTS = 2.5  # a filled rectangle no wider than that is a line
SHORTEST_POINTS = 6.0
_STRAIGHT = 1.0  # points that a line's ends may differ by

Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(slots=True)
class Drawn:
    across: list[Rectangle] = field(default_factory=list)  # horizontal rulings in the frame the page is read in
    upright: list[Rectangle] = field(default_factory=list)  # vertical ones, from left to right
    pictures: list[Rectangle] = field(default_factory=list)  # in the same frame
    most_pixels: int = 0  # of the largest picture
    anything: bool = False  # but text

    def picture_share(self, size: tuple[float, float]) -> float:
        """Return the share of the page that its pictures cover; pictures that lie over each other count once."""
        wide, high = size
        return _covered(self.pictures, wide, high) if wide > 0 and high > 0 else 0.0


def drawn_on(page: pdfium.PdfPage, frame: Frame) -> Drawn:
    """Look through a page's objects. Call it under PDFIUM_LOCK."""
    drawn = Drawn()
    seen = 0
    for item, kind, matrix in _objects(page):
        seen += 1
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            continue
        drawn.anything = True
        if seen > MAX_OBJECTS:
            break
        if kind == raw.FPDF_PAGEOBJ_PATH and len(drawn.across) + len(drawn.upright) < MAX_RULINGS:
            for x0, y0, x1, y1 in _straight_lines(item, matrix):
                _add_ruling(drawn, frame.place(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
        elif kind == raw.FPDF_PAGEOBJ_IMAGE:
            bounds = _bounds(item, matrix)
            if bounds is not None:
                drawn.pictures.append(frame.place(*bounds))
            drawn.most_pixels = max(drawn.most_pixels, _pixels(item))
    drawn.upright.sort()
    drawn.across.sort(key=lambda line: (line[1], line[0]))
    return drawn


def _objects(page: pdfium.PdfPage) -> Iterator[tuple[ctypes.c_void_p, int, Matrix]]:
    for index in range(raw.FPDFPage_CountObjects(page.raw)):
        yield from _inside(raw.FPDFPage_GetObject(page.raw, index), _IDENTITY, MAX_DEPTH)


def _inside(item: ctypes.c_void_p, matrix: Matrix, depth: int) -> Iterator[tuple[ctypes.c_void_p, int, Matrix]]:
    kind = raw.FPDFPageObj_GetType(item)
    if kind != raw.FPDF_PAGEOBJ_FORM:
        yield item, kind, matrix
    elif depth > 0:
        own = _product(_matrix(item), matrix)
        for index in range(raw.FPDFFormObj_CountObjects(item)):
            yield from _inside(raw.FPDFFormObj_GetObject(item, index), own, depth - 1)


def _matrix(item: ctypes.c_void_p) -> Matrix:
    values = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(item, ctypes.byref(values)):
        return _IDENTITY
    return values.a, values.b, values.c, values.d, values.e, values.f


def _product(first: Matrix, then: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _moved(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _bounds(item: ctypes.c_void_p, matrix: Matrix) -> Rectangle | None:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not raw.FPDFPageObj_GetBounds(item, left, bottom, right, top):
        return None
    corners = [_moved(matrix, x, y) for x in (left.value, right.value) for y in (bottom.value, top.value)]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _pixels(item: ctypes.c_void_p) -> int:
    wide, high = ctypes.c_uint(), ctypes.c_uint()
    return wide.value * high.value if raw.FPDFImageObj_GetImagePixelSize(item, wide, high) else 0


def _straight_lines(item: ctypes.c_void_p, matrix: Matrix) -> Iterator[Rectangle]:
    """Yield the straight strokes of a path, and a thin filled rectangle as the one stroke that it looks like."""
    count = raw.FPDFPath_CountSegments(item)
    if not 2 <= count <= MAX_SEGMENTS:
        return
    bounds = _bounds(item, matrix)
    if bounds is None or max(bounds[2] - bounds[0], bounds[3] - bounds[1]) < SHORTEST_POINTS:
        return
    if min(bounds[2] - bounds[0], bounds[3] - bounds[1]) <= THIN_POINTS:
        yield bounds
        return
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    if not raw.FPDFPath_GetDrawMode(item, fill, stroke) or not (stroke.value or fill.value):
        return
    yield from _segments(item, _product(_matrix(item), matrix), count, is_stroked=bool(stroke.value))


def _segments(item: ctypes.c_void_p, matrix: Matrix, count: int, *, is_stroked: bool) -> Iterator[Rectangle]:
    x, y = ctypes.c_float(), ctypes.c_float()
    begun = last = (0.0, 0.0)
    corners: list[tuple[float, float]] = []
    strokes: list[Rectangle] = []
    for index in range(count):
        segment = raw.FPDFPath_GetPathSegment(item, index)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        point = _moved(matrix, x.value, y.value)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            yield from _shape(strokes, corners, is_stroked=is_stroked)
            begun, corners, strokes = point, [point], []
        else:
            corners.append(point)
            if kind == raw.FPDF_SEGMENT_LINETO:
                strokes.append((*last, *point))
        last = point
        if raw.FPDFPathSegment_GetClose(segment):
            strokes.append((*last, *begun))
            last = begun
    yield from _shape(strokes, corners, is_stroked=is_stroked)


def _shape(strokes: list[Rectangle], corners: list[tuple[float, float]], *, is_stroked: bool) -> Iterator[Rectangle]:
    if not strokes:
        return
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    if min(max(xs) - min(xs), max(ys) - min(ys)) <= THIN_POINTS:
        yield min(xs), min(ys), max(xs), max(ys)
    elif is_stroked:
        yield from strokes


def _add_ruling(drawn: Drawn, line: Rectangle) -> None:
    x0, y0, x1, y1 = line
    wide, high = x1 - x0, y1 - y0
    if high <= max(_STRAIGHT, min(THIN_POINTS, wide / 8)) and wide >= SHORTEST_POINTS:
        drawn.across.append((x0, (y0 + y1) / 2, x1, (y0 + y1) / 2))
    elif wide <= max(_STRAIGHT, min(THIN_POINTS, high / 8)) and high >= SHORTEST_POINTS:
        drawn.upright.append(((x0 + x1) / 2, y0, (x0 + x1) / 2, y1))


_CELLS = 24  # of the raster, either way


def _covered(pictures: list[Rectangle], wide: float, high: float) -> float:
    raster = [[False] * _CELLS for _ in range(_CELLS)]
    for x0, y0, x1, y1 in pictures[:500]:
        # A cell counts where its middle is covered.
        columns = range(max(0, round(x0 / wide * _CELLS)), min(_CELLS, round(x1 / wide * _CELLS)))
        for row in range(max(0, round(y0 / high * _CELLS)), min(_CELLS, round(y1 / high * _CELLS))):
            for column in columns:
                raster[row][column] = True
    return sum(map(sum, raster)) / _CELLS**2
