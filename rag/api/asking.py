"""POST /ask and POST /search: questions in, events or passages out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Body, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import Receive

from rag.api.problems import error_of, responses
from rag.api.service import Service, TheService
from rag.api.stream import Events, EventStream, answering, wants_event_stream, whole
from rag.conversing import in_conversation
from rag.errors import InvalidRequest
from rag.filters import EVERYTHING
from rag.types import Event, Failed, Turn
from rag.wire import AnswerOut, AskRequest, EventName
from rag.wire_search import SearchOut, SearchRequest

CLIENT_GONE = 499  # nobody reads it; nginx's number for the log
STREAM = {
    "description": "The whole answer; or, with `stream` or `Accept: text/event-stream`, its events as they come: "
    "status, retrieved, delta, cited, and last finished or failed. Comment lines are heartbeats.",
    "content": {
        "text/event-stream": {
            "schema": {
                "type": "object",
                "required": ["event", "data"],
                "properties": {
                    "event": {"type": "string", "enum": list(get_args(EventName))},
                    "data": {"type": "string", "contentMediaType": "application/json"},
                },
            },
            "example": 'event: status\ndata: {"stage":"retrieving"}\n\nevent: delta\ndata: {"text":"Run it. [1]"}\n\n',
        }
    },
}
ASK_EXAMPLES: dict[str, Any] = {
    "english": {"value": {"question": "How do I take a backup?"}},
    "chinese": {"value": {"question": "如何备份？", "collection": "default", "keep": 8}},
    "streamed": {"value": {"question": "How do I take a backup?", "stream": True}},
    "in a conversation": {
        "value": {"question": "And how do I restore it?", "conversation_id": "5f0c2ab4d1e94f6f8f0a7c3b9d2e6a10"}
    },
}
SEARCH_EXAMPLES: dict[str, Any] = {"english": {"value": {"query": "backup", "k": 5}}}
router = APIRouter(tags=["questions"])


@router.post("/ask", response_model=AnswerOut, responses={200: STREAM, **responses(400, 404, 409, 413, 422, 502, 503)})
async def ask(
    body: Annotated[AskRequest, Body(openapi_examples=ASK_EXAMPLES)], request: Request, service: TheService
) -> Response:
    """Answer from the collection's documents, with a citation under every sentence; or refuse, and say why."""
    collection = service.shelf.name_of(body.collection)
    question = _checked(body.question, "question")
    filters = body.filters.filters() if body.filters else EVERYTHING
    conversation_id = body.conversation_id
    if conversation_id is not None and body.history:
        raise InvalidRequest(
            "history and conversation_id were both given",
            hint="a stored conversation has its own history: leave history out, or conversation_id",
        )
    await run_in_threadpool(_open, service, collection, conversation_id)

    def events() -> Iterator[Event]:
        with service.shelf.use(collection) as opened:

            def asked(earlier: Sequence[Turn]) -> Iterator[Event]:
                return opened.answerer.ask(
                    question, keep=body.keep, filters=filters, earlier=earlier, conversation_id=conversation_id
                )

            if conversation_id is None:
                yield from asked([Turn(before) for before in body.history])
            else:
                yield from in_conversation(opened.conversations, conversation_id, question, asked)

    def open_events(receive: Receive) -> AbstractAsyncContextManager[Events]:
        return answering(service.gate, events, receive)

    if body.stream or wants_event_stream(request.headers.get("accept", "")):
        return EventStream(open_events, heartbeat_seconds=service.heartbeat_seconds)
    last = await whole(open_events(request.receive))
    if last is None:
        return Response(status_code=CLIENT_GONE)
    if isinstance(last, Failed):
        raise error_of(last)
    return Response(AnswerOut.of(last.answer).model_dump_json(), media_type="application/json")


@router.post("/search", responses=responses(400, 404, 413, 422, 503))
async def search(
    body: Annotated[SearchRequest, Body(openapi_examples=SEARCH_EXAMPLES)], service: TheService
) -> SearchOut:
    """Find the passages that an answer would rest on, best first."""
    collection = service.shelf.name_of(body.collection)
    query = _checked(body.query, "query")
    filters = body.filters.filters() if body.filters else EVERYTHING

    def work() -> SearchOut:
        started = time.perf_counter()
        with service.shelf.use(collection) as opened:
            retrieval = opened.retriever.run(query, keep=body.k, filters=filters, earlier=body.history)
        milliseconds = (time.perf_counter() - started) * 1000
        made = SearchOut.explained if body.explain else SearchOut.of
        return made(query, retrieval, milliseconds)

    return await service.gate.run(work)


def _open(service: Service, collection: str, conversation_id: str | None) -> None:
    """Fail now, with a problem, where it cannot be asked: a stream that has begun has no status left."""
    with service.shelf.use(collection) as opened:
        if conversation_id is not None:
            opened.conversations.check(conversation_id)


def _checked(question: str, field: str) -> str:
    """Return the question without control characters, which come with text pasted from PDFs. Raises InvalidRequest."""
    kept = "".join(character if character.isprintable() or character.isspace() else " " for character in question)
    if not kept.strip():
        raise InvalidRequest(f"the {field} is empty", hint="ask something, in Chinese or English")
    return kept
