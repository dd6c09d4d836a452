"""Conversations: make one, list, read and remove them. They are asked by POST /ask."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response

from rag.api.problems import responses
from rag.api.service import CollectionName, Service, TheService
from rag.errors import NotFound
from rag.library.feedback import Feedback
from rag.wire_conversations import (
    ConversationOut,
    ConversationRequest,
    ConversationsOut,
    ConversationTurnsOut,
    TurnOut,
)

EXAMPLES: dict[str, Any] = {
    "default": {"value": {}},
    "of a collection": {"value": {"collection": "handbook"}},
}
router = APIRouter(prefix="/conversations", tags=["conversations"])


@router.post("", status_code=201, responses=responses(400, 404, 409, 413, 422, 503))
def create_conversation(
    response: Response,
    service: TheService,
    body: Annotated[ConversationRequest, Body(openapi_examples=EXAMPLES)],
) -> ConversationOut:
    """Make an empty conversation; POST /ask takes its id, and keeps each question and its answer in it."""
    collection = service.shelf.name_of(body.collection)
    with service.shelf.use(collection) as opened:
        made = opened.conversations.create()
    response.headers["Location"] = f"/conversations/{made.id}?collection={collection}"
    return ConversationOut.of(made, collection)


@router.get("", responses=responses(404, 422, 503))
def list_conversations(
    service: TheService,
    collection: CollectionName,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    after: Annotated[str | None, Query(description="the `next` of the page before")] = None,
) -> ConversationsOut:
    """List a collection's conversations, the last changed first."""
    _there(service, collection)
    with service.shelf.use(collection) as opened:
        rows = opened.conversations.list(limit + 1, after=after)
    shown = [ConversationOut.of(row, collection) for row in rows[:limit]]
    return ConversationsOut(conversations=shown, next=shown[-1].id if len(rows) > limit else None)


@router.get("/{conversation_id}", responses=responses(404, 422, 503))
def show_conversation(conversation_id: str, service: TheService, collection: CollectionName) -> ConversationTurnsOut:
    """Return its turns, oldest first, with the answers as they were given."""
    with service.shelf.use(collection) as opened:
        found, turns = opened.conversations.get(conversation_id)
    return ConversationTurnsOut(
        **ConversationOut.of(found, collection).model_dump(),
        turns=[TurnOut.of(turn) for turn in turns],
    )


@router.delete("/{conversation_id}", status_code=204, response_class=Response, responses=responses(404, 422, 503))
def remove_conversation(conversation_id: str, service: TheService, collection: CollectionName) -> Response:
    """Remove a conversation with all that was asked, answered and said of it. There is no way back."""
    with service.shelf.use(collection) as opened:
        opened.conversations.remove(conversation_id)
        Feedback(opened.ratings).remove_of(conversation_id)
    return Response(status_code=204)


def _there(service: Service, collection: str) -> None:
    if collection not in service.shelf.names():
        raise NotFound(f"no collection named {collection!r}", hint="GET /collections lists those there are")
