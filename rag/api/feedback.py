"""Feedback: what people say of the answers they got. Kept, exported and removed; it changes no answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.responses import StreamingResponse

from rag.api.problems import responses
from rag.api.service import CollectionName, Service, TheService
from rag.errors import NotFound
from rag.library.feedback import Feedback, Kept
from rag.wire_ratings import FeedbackBody, FeedbackChange, FeedbackOut, FeedbackRequest, FeedbacksOut

NDJSON = "application/x-ndjson"
PAGE, MOST = 100, 1000
EXAMPLES: dict[str, Any] = {
    "it was wrong": {
        "value": {
            "question": "How long is the probation period?",
            "answer": "Six months. [1]",
            "verdict": "wrong",
            "expected": "Three months",
        }
    }
}
router = APIRouter(prefix="/feedback", tags=["feedback"])


@router.post("", status_code=201, responses=responses(400, 404, 409, 413, 422, 503))
def give_feedback(
    service: TheService, body: Annotated[FeedbackRequest, Body(openapi_examples=EXAMPLES)], response: Response
) -> FeedbackOut:
    """Keep a word on an answer; a second one on the same answer of the same conversation takes its place."""
    collection = service.shelf.name_of(body.collection)
    _there(service, collection)
    said = FeedbackBody(**body.model_dump(exclude={"collection"}))
    about = (body.question, body.answer, body.rater or "")
    with service.shelf.use(collection) as opened:
        kept = Feedback(opened.ratings).add(
            said.model_dump_json(), conversation=body.conversation_id or "", about=about
        )
    response.headers["Location"] = f"/feedback/{kept.id}?collection={collection}"
    return _out(kept, collection)


@router.get(
    "",
    response_model=FeedbacksOut,
    responses={**responses(404, 422, 503), 200: {"content": {NDJSON: {"schema": {"type": "string"}}}}},
)
def list_feedback(
    request: Request,
    service: TheService,
    collection: CollectionName,
    limit: Annotated[int | None, Query(ge=1, le=MOST, description="without it 100; all, as ndjson")] = None,
    after: Annotated[str | None, Query(description="the `next` of the page before")] = None,
) -> Any:
    """Return a page of it, the oldest first; with Accept: application/x-ndjson one line for each."""
    _there(service, collection)
    with service.shelf.use(collection) as opened:
        rows = Feedback(opened.ratings).list((limit or PAGE) + 1, after=after)
    if NDJSON in request.headers.get("accept", ""):
        return StreamingResponse(_lines(service, collection, limit, after), media_type=NDJSON)
    shown = [_out(row, collection) for row in rows[: limit or PAGE]]
    return FeedbacksOut(feedback=shown, next=shown[-1].id if len(rows) > len(shown) else None)


@router.patch("/{feedback_id}", responses=responses(400, 404, 413, 422, 503))
def change_feedback(
    feedback_id: str, service: TheService, collection: CollectionName, body: FeedbackChange
) -> FeedbackOut:
    """Change what was said; of which answer it was said stays."""

    given = {
        name: value
        for name in body.model_fields_set
        if (value := getattr(body, name)) is not None or name == "verdict"  # a verdict can be taken back
    }

    def changed(said: str) -> str:
        before = FeedbackBody.model_validate_json(said)
        return before.model_copy(update=given).model_dump_json()

    with service.shelf.use(collection) as opened:
        return _out(Feedback(opened.ratings).change(feedback_id, changed), collection)


@router.delete("/{feedback_id}", status_code=204, response_class=Response, responses=responses(404, 422, 503))
def remove_feedback(feedback_id: str, service: TheService, collection: CollectionName) -> Response:
    """Remove it for good."""
    with service.shelf.use(collection) as opened:
        Feedback(opened.ratings).remove(feedback_id)
    return Response(status_code=204)


def _out(kept: Kept, collection: str) -> FeedbackOut:
    said = FeedbackBody.model_validate_json(kept.body)
    return FeedbackOut(**said.model_dump(), id=kept.id, asked_at=kept.asked_at, collection=collection)


def _lines(service: Service, collection: str, limit: int | None, after: str | None) -> Iterator[bytes]:
    left = limit
    while left is None or left > 0:
        with service.shelf.use(collection) as opened:
            rows = Feedback(opened.ratings).list(min(left or MOST, MOST), after=after)
        for row in rows:
            yield _out(row, collection).model_dump_json().encode() + b"\n"
        if len(rows) < MOST:
            return
        after, left = rows[-1].id, None if left is None else left - len(rows)


def _there(service: Service, collection: str) -> None:
    if collection not in service.shelf.names():
        raise NotFound(f"no collection named {collection!r}", hint="GET /collections lists those there are")
