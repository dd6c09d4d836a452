"""What stands in a collection: list, show, tag, hand out and remove. Knows nothing of uploads and page pictures."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import FileResponse, Response

from rag.api.problems import responses
from rag.api.service import CollectionName, TheService
from rag.errors import InvalidRequest
from rag.library.outward import document_out
from rag.types import Document, Span
from rag.wire import BoxesOut, BoxOut, DocumentChange, DocumentOut, DocumentsOut

LEASE_SECONDS = 5.0  # an ingest gives the lease back between documents
router = APIRouter(prefix="/documents", tags=["documents"])


@router.get("", responses=responses(404, 422, 503))
def list_documents(
    service: TheService,
    collection: CollectionName,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    after: Annotated[str | None, Query(description="`next` of the page before")] = None,
) -> DocumentsOut:
    """List documents, a page at a time."""
    with service.shelf.use(collection) as opened:
        rows = opened.library.documents(limit=limit + 1, after=after)
    page = rows[:limit]
    return DocumentsOut(documents=[document_out(row) for row in page], next=page[-1].id if len(rows) > limit else None)


@router.get("/{document_id}", responses=responses(404, 422, 503))
def show_document(document_id: str, service: TheService, collection: CollectionName) -> DocumentOut:
    with service.shelf.use(collection) as opened:
        return document_out(opened.library.document_row(document_id))


@router.patch("/{document_id}", responses=responses(400, 404, 422, 503))
def change_document(
    document_id: str, body: DocumentChange, service: TheService, collection: CollectionName
) -> DocumentOut:
    """Give the document other tags. They stay when its file changes."""
    with service.shelf.use(collection) as opened:
        opened.library.tags.replace(document_id, body.tags)
        return document_out(opened.library.document_row(document_id))


@router.get(
    "/{document_id}/text",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **responses(404, 422, 503)},
)
def document_text(document_id: str, service: TheService, collection: CollectionName) -> Response:
    """Return the canonical text: every start and end counts its code points, from 0."""
    with service.shelf.use(collection) as opened:
        text = opened.library.document(document_id).text
    return Response(text.encode("utf-8", "replace"), media_type="text/plain; charset=utf-8")


@router.get(
    "/{document_id}/original",
    response_class=FileResponse,
    responses={
        200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
        **responses(404, 422, 503),
    },
)
def original(document_id: str, service: TheService, collection: CollectionName) -> FileResponse:
    """Return the file as it came in, to be saved and never shown: an HTML file would run its scripts here."""
    with service.shelf.use(collection) as opened:
        row = opened.library.document_row(document_id)
        path = opened.library.original(document_id)
    name = PurePosixPath(row.source.replace("\\", "/")).name.encode("utf-8", "replace").decode() or "original"
    return FileResponse(
        path,
        filename=name,
        media_type="application/octet-stream",
        content_disposition_type="attachment",
        headers={"Content-Security-Policy": "sandbox; default-src 'none'", "X-Content-Type-Options": "nosniff"},
    )


@router.get("/{document_id}/boxes", responses=responses(404, 422, 503))
def boxes(
    document_id: str,
    service: TheService,
    collection: CollectionName,
    start: Annotated[int, Query(ge=0)],
    end: Annotated[int, Query(ge=1)],
) -> BoxesOut:
    """Return where text[start:end] stands on the document's pages: one box a line, none where there are no pages."""
    with service.shelf.use(collection) as opened:
        span = checked_span(opened.library.document(document_id), start, end)
        found = opened.library.boxes(document_id, span)
        page = opened.library.page_of(document_id, span)
    return BoxesOut(page=page, boxes=[BoxOut.of(box) for box in found])


@router.delete("/{document_id}", status_code=204, response_class=Response, responses=responses(404, 422, 503))
def remove_document(document_id: str, service: TheService, collection: CollectionName) -> Response:
    """Remove the document: from the next question on it is neither found nor cited."""
    with service.shelf.use(collection) as opened:
        opened.library.document_row(document_id)  # NotFound, before a lease is asked for
        with opened.library.lease(timeout_seconds=LEASE_SECONDS):
            opened.library.remove(document_id)
            opened.library.catch_up()
    return Response(status_code=204)


def checked_span(document: Document, start: int, end: int) -> Span:
    """Return the span. Raises InvalidRequest unless it lies in the text and holds something."""
    if not 0 <= start < end <= len(document.text):
        raise InvalidRequest(
            f"the span does not lie in the text, which has {len(document.text)} characters",
            hint="0 <= start < end <= its length, counted in code points",
        )
    return Span(start, end)
