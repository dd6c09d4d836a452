"""GET /documents/{id}/pages/{n}.png: a page's picture, with the lines of a span marked."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import pypdfium2 as pdfium
from fastapi import APIRouter, Query, Request
from PIL import Image, ImageChops, ImageDraw, ImageOps
from starlette.responses import Response

from rag.api.documents import checked_span
from rag.api.problems import BUSY_SECONDS, Problem, responses
from rag.api.service import CollectionName, TheService
from rag.errors import Encrypted, InvalidRequest, Malformed, NotFound
from rag.pdfium import PDFIUM_LOCK, open_pdf
from rag.types import Box

PIXELS_PER_POINT = 2.0  # 144 dpi: small print stays readable
MAX_SIDE_PIXELS = 2400  # a poster is drawn smaller, so that no page costs more than 17 MB
MARGIN_POINTS = 1.0
MARKER = (255, 226, 92)  # multiplied into the page: black print stays black
DRAWING = "1"  # part of the ETag: change it with whatever changes the picture
MAX_HIGHLIGHTS = 20
HIGHLIGHT = re.compile(r"([0-9]{1,12})-([0-9]{1,12})", re.ASCII)
PDF = "application/pdf"
PLAUSIBLE_DPI = (30.0, 2400.0)
PATIENCE_SECONDS = 15.0  # a page full of vector art takes this long; its followers must not take every thread
router = APIRouter(prefix="/documents", tags=["documents"])


@router.get(
    "/{document_id}/pages/{page}.png",
    response_class=Response,
    responses={
        200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}},
        304: {"description": "the picture named in If-None-Match is still right"},
        **responses(404, 422, 503),
    },
)
def page_picture(
    document_id: str,
    page: int,
    request: Request,
    service: TheService,
    collection: CollectionName,
    highlight: Annotated[
        list[str] | None, Query(description="spans of the canonical text to mark: start-end", examples=[["812-861"]])
    ] = None,
) -> Response:
    """Draw a page of a PDF or of a picture, its top left first, and mark the lines on which the spans stand."""
    spans = [_parsed(value) for value in highlight or ()]
    if len(spans) > MAX_HIGHLIGHTS:
        raise InvalidRequest(f"{len(spans)} highlights", hint=f"mark at most {MAX_HIGHLIGHTS} spans on one page")
    with service.shelf.use(collection) as opened:
        row = opened.library.document_row(document_id)
        if not has_pages(row.mime) or row.pages is None or not 1 <= page <= row.pages:
            raise NotFound(
                f"document {document_id} has no page {page}",
                hint=f"it has pages 1 to {row.pages}" if row.pages else "PDFs and pictures have pages; see its /text",
            )
        document = opened.library.document(document_id)
        boxes = [
            box
            for start, end in spans
            for box in opened.library.boxes(document_id, checked_span(document, start, end))
            if box.page == page
        ]
        path = opened.library.original(document_id)
    etag = _etag(document_id, row.version, page, boxes)
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}  # asked again each time: it may have been removed
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if row.mime == PDF:
        passwords = [password.get_secret_value() for password in service.settings.ingest.passwords]
        drawn = draw_page(path, page, boxes, passwords)
    else:
        drawn = draw_frame(path, page, boxes)
    return Response(drawn, media_type="image/png", headers=headers)


def has_pages(mime: str) -> bool:
    return mime == PDF or mime.startswith("image/")


def draw_page(path: Path, page: int, boxes: Sequence[Box], passwords: Sequence[str] = ()) -> bytes:
    """Return a PNG of a PDF's page, counted from 1, with the boxes marked.

    passwords: tried where it is encrypted. Raises Encrypted, Malformed when pdfium cannot draw it; Problem, 503, while
    others wait for pages that take long.
    """
    if not PDFIUM_LOCK.acquire(timeout=PATIENCE_SECONDS):
        raise Problem(
            503,
            "other pages are being drawn, and that takes long",
            hint="ask again in a moment",
            headers={"Retry-After": str(BUSY_SECONDS)},
        )
    try:
        image, scale = _render(path, page, passwords)
    except (pdfium.PdfiumError, IndexError) as error:
        raise Malformed(f"page {page} cannot be drawn: {error}", hint="see the document's /text instead") from error
    finally:
        PDFIUM_LOCK.release()
    return _marked(image, boxes, (scale, scale))


def draw_frame(path: Path, page: int, boxes: Sequence[Box]) -> bytes:
    """Return a PNG of a picture, or of a frame of it, upright, with the boxes marked. Raises Malformed."""
    try:
        with Image.open(path) as picture:
            picture.seek(page - 1)
            across, down = _dots_per_inch(picture)
            upright = ImageOps.exif_transpose(picture)
            if upright.size != picture.size:  # it was laid on its side
                across, down = down, across
            image = upright.convert("RGB")
    except (OSError, ValueError, EOFError, SyntaxError, Image.DecompressionBombError) as error:
        raise Malformed(f"page {page} cannot be drawn: {error}", hint="see the document's /text instead") from error
    before = image.size
    image.thumbnail((MAX_SIDE_PIXELS, MAX_SIDE_PIXELS))
    scales = (across / 72 * image.width / before[0], down / 72 * image.height / before[1])
    return _marked(image, boxes, scales)


def _dots_per_inch(picture: Image.Image) -> tuple[float, float]:
    """As the reader of pictures takes it: 72 where the file says nothing, or nothing likely."""
    given = picture.info.get("dpi")
    if isinstance(given, tuple) and len(given) == 2:
        across, down = float(given[0]), float(given[1])
        if min(across, down) >= PLAUSIBLE_DPI[0] and max(across, down) <= PLAUSIBLE_DPI[1]:
            return across, down
    return 72.0, 72.0


def _marked(image: Image.Image, boxes: Sequence[Box], scales: tuple[float, float]) -> bytes:
    """scales: pixels to a point, across and down."""
    if boxes:
        marks = Image.new("RGB", image.size, "white")
        brush = ImageDraw.Draw(marks)
        for box in boxes:
            left, right = sorted((box.x0, box.x1))
            top, bottom = sorted((box.y0, box.y1))
            corners = (left - MARGIN_POINTS, top - MARGIN_POINTS, right + MARGIN_POINTS, bottom + MARGIN_POINTS)
            brush.rectangle([value * scale for value, scale in zip(corners, scales * 2, strict=True)], fill=MARKER)
        image = ImageChops.multiply(image, marks)
    out = io.BytesIO()
    # With its resolution, so that pixels can be told from points.
    image.save(out, "PNG", compress_level=4, dpi=(72 * scales[0], 72 * scales[1]))
    return out.getvalue()


def _render(path: Path, page: int, passwords: Sequence[str]) -> tuple[Image.Image, float]:
    with _opened(path, passwords) as pdf:
        shown = pdf[page - 1]
        try:
            scale = min(PIXELS_PER_POINT, MAX_SIDE_PIXELS / max(*shown.get_size(), 1.0))
            bitmap = shown.render(scale=scale)
            try:
                return bitmap.to_pil().convert("RGB"), scale
            finally:
                bitmap.close()
        finally:
            shown.close()


def _opened(path: Path, passwords: Sequence[str]) -> pdfium.PdfDocument:
    for password in ("", *passwords):
        try:
            return open_pdf(path, "the original", password)
        except Encrypted as error:
            refused = error
    raise refused


def _parsed(value: str) -> tuple[int, int]:
    match = HIGHLIGHT.fullmatch(value)
    if match is None:
        raise InvalidRequest("highlight is not a span", hint="two numbers and a hyphen: highlight=812-861")
    return int(match[1]), int(match[2])


def _etag(document_id: str, version: int, page: int, boxes: Sequence[Box]) -> str:
    drawn = repr((DRAWING, document_id, version, page, boxes))
    return f'"{hashlib.sha256(drawn.encode("utf-8", "replace")).hexdigest()[:32]}"'
