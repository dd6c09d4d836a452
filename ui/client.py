"""Speak to the HTTP API: requests in, models of rag.wire out. Knows nothing of Streamlit or of how answers are made."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from rag.wire import (
    AskRequest,
    BoxesOut,
    CollectionOut,
    CollectionsOut,
    ConversationOut,
    ConversationTurnsOut,
    DocumentOut,
    DocumentsOut,
    FacetsOut,
    FeedbackChange,
    FeedbackOut,
    FeedbackRequest,
    FiltersIn,
    ItemOut,
    JobAccepted,
    JobOut,
    ProblemOut,
    ProgressOut,
    RatingRequest,
    SheetOut,
    SheetsOut,
)

CONNECT_SECONDS = 3.0
READ_SECONDS = 60.0  # the API's heartbeat comments come far more often than this
PAGE_OF_DOCUMENTS = 200


UNREADABLE = "the API sent what this page cannot read"

M = TypeVar("M", bound=BaseModel)


class ApiError(Exception):
    """A request that did not succeed; title, detail and hint are for people."""

    def __init__(self, title: str, *, detail: str = "", hint: str = "", status: int = 0) -> None:
        super().__init__(f"{title}: {detail}" if detail else title)
        self.title = title
        self.detail = detail
        self.hint = hint
        self.status = status


class ApiDown(ApiError):
    """Nothing answers at the API's address, or it stopped answering."""


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event of a stream: its name and its JSON."""

    name: str
    data: Any


def server_events(lines: Iterable[str]) -> Iterator[ServerEvent]:
    """Parse the lines of a text/event-stream. Comments (heartbeats) and events without data are passed over."""
    name = "message"
    data: list[str] = []
    for line in lines:
        if not line:
            if data:
                yield ServerEvent(name, json.loads("\n".join(data)))
            name, data = "message", []
        elif not line.startswith(":"):
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)


def _stream_lines(chunks: Iterable[str]) -> Iterator[str]:
    """Cut a stream into lines at \\n and \\r\\n only: httpx also cuts at U+2028, which JSON may hold as it is."""
    held = ""
    for chunk in chunks:
        *lines, held = (held + chunk).split("\n")
        for line in lines:
            yield line.removesuffix("\r")
    if held:
        yield held


class Client:
    """One API. Safe to share between threads and sessions."""

    def __init__(self, address: str, *, transport: httpx.BaseTransport | None = None) -> None:
        self.address = address.rstrip("/")
        # trust_env=False: an HTTP_PROXY of the machine must not stand between the page and its own API.
        self._http = httpx.Client(
            base_url=self.address,
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            transport=transport,
            trust_env=False,
        )

    def close(self) -> None:
        self._http.close()

    # questions

    def ask(
        self, question: str, *, collection: str, conversation_id: str | None = None, filters: FiltersIn | None = None
    ) -> Generator[ServerEvent]:
        """Yield the answer's events as they come. Closing the iterator hangs up, and the API stops its work.

        conversation_id: in which it is asked and kept. filters: which documents it is asked of.
        """
        body = AskRequest(
            question=question, collection=collection, conversation_id=conversation_id, filters=filters, stream=True
        )
        with (
            _as_api_errors(self.address),
            self._http.stream(
                "POST",
                "/ask",
                json=body.model_dump(mode="json", exclude_none=True),
                headers={"Accept": "text/event-stream"},
            ) as response,
        ):
            if response.is_error:
                response.read()
                raise _problem(response)
            yield from server_events(_stream_lines(response.iter_text()))

    def create_conversation(self, *, collection: str) -> str:
        response = self._send("POST", "/conversations", json={"collection": collection})
        return _read(response, ConversationOut).id

    def conversation(self, conversation_id: str, *, collection: str) -> ConversationTurnsOut:
        """Return all that was asked and answered in it."""
        path = f"/conversations/{_segment(conversation_id)}"
        return self._get(path, ConversationTurnsOut, params={"collection": collection})

    def remove_conversation(self, conversation_id: str, *, collection: str) -> None:
        self._send("DELETE", f"/conversations/{_segment(conversation_id)}", params={"collection": collection})

    # what people think of answers

    def give_feedback(self, body: FeedbackRequest) -> FeedbackOut:
        return _read(self._send("POST", "/feedback", json=body.model_dump(mode="json")), FeedbackOut)

    def change_feedback(self, feedback_id: str, change: FeedbackChange, *, collection: str) -> None:
        """Change what it names; the rest stays."""
        body = change.model_dump(mode="json", exclude_unset=True)
        self._send("PATCH", f"/feedback/{_segment(feedback_id)}", json=body, params={"collection": collection})

    def rating_sheets(self, *, collection: str) -> list[SheetOut]:
        return self._get("/rating-sheets", SheetsOut, params={"collection": collection}).sheets

    def next_item(self, sheet_id: str, *, rater: str, collection: str, skipped: bool = False) -> ItemOut:
        """Return what the rater has not rated yet; skipped: nor has passed over."""
        params = {"rater": rater, "collection": collection, "skipped": skipped}
        return self._get(f"/rating-sheets/{_segment(sheet_id)}/next", ItemOut, params=params)

    def item(self, sheet_id: str, position: int, *, rater: str, collection: str) -> ItemOut:
        params = {"rater": rater, "collection": collection}
        return self._get(f"/rating-sheets/{_segment(sheet_id)}/items/{position}", ItemOut, params=params)

    def rate(self, sheet_id: str, body: RatingRequest, *, collection: str) -> ProgressOut:
        path = f"/rating-sheets/{_segment(sheet_id)}/ratings"
        response = self._send("POST", path, json=body.model_dump(mode="json"), params={"collection": collection})
        return _read(response, ProgressOut)

    # collections and documents

    def facets(self, *, collection: str) -> FacetsOut:
        """Return what the collection can be filtered by."""
        return self._get("/facets", FacetsOut, params={"collection": collection})

    def collections(self) -> list[CollectionOut]:
        return self._get("/collections", CollectionsOut).collections

    def create_collection(self, name: str) -> None:
        self._send("POST", "/collections", json={"name": name})

    def documents(self, *, collection: str) -> list[DocumentOut]:
        """Return every document of the collection, following the pages of the list."""
        found: list[DocumentOut] = []
        after: str | None = None
        while True:
            params: dict[str, Any] = {"collection": collection, "limit": PAGE_OF_DOCUMENTS}
            page = self._get("/documents", DocumentsOut, params=params | ({"after": after} if after else {}))
            found += page.documents
            after = page.next
            if after is None:
                return found

    def document(self, document_id: str, *, collection: str) -> DocumentOut:
        return self._get(f"/documents/{_segment(document_id)}", DocumentOut, params={"collection": collection})

    def document_text(self, document_id: str, *, collection: str) -> str:
        response = self._send("GET", f"/documents/{_segment(document_id)}/text", params={"collection": collection})
        return response.content.decode("utf-8")

    def boxes(self, document_id: str, *, start: int, end: int, collection: str) -> BoxesOut:
        """Return where text[start:end] stands on the pages: one box a line, and the page of the first."""
        params = {"start": start, "end": end, "collection": collection}
        return self._get(f"/documents/{_segment(document_id)}/boxes", BoxesOut, params=params)

    def page_image(self, document_id: str, page: int, *, start: int, end: int, collection: str) -> bytes:
        """Return a page's picture, as PNG, with the lines of text[start:end] marked; an empty span marks nothing."""
        params = {"collection": collection} | ({"highlight": f"{start}-{end}"} if start < end else {})
        return self._send("GET", f"/documents/{_segment(document_id)}/pages/{page}.png", params=params).content

    def remove_document(self, document_id: str, *, collection: str) -> None:
        self._send("DELETE", f"/documents/{_segment(document_id)}", params={"collection": collection})

    # jobs

    def upload(self, files: Sequence[tuple[str, bytes]], *, collection: str) -> JobOut:
        parts = [("files", (name, data, "application/octet-stream")) for name, data in files]
        response = self._send("POST", "/documents", files=parts, params={"collection": collection})
        return _read(response, JobAccepted).job

    def job(self, job_id: str, *, collection: str) -> JobOut:
        return self._get(f"/jobs/{_segment(job_id)}", JobOut, params={"collection": collection})

    def cancel_job(self, job_id: str, *, collection: str) -> None:
        self._send("DELETE", f"/jobs/{_segment(job_id)}", params={"collection": collection})

    def _get(self, path: str, shape: type[M], *, params: Mapping[str, Any] | None = None) -> M:
        return _read(self._send("GET", path, params=params), shape)

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        with _as_api_errors(self.address):
            response = self._http.request(method, path, **options)
        if response.is_error:
            raise _problem(response)
        return response


@contextmanager
def _as_api_errors(address: str) -> Iterator[None]:
    try:
        yield
    except httpx.TransportError as error:
        raise ApiDown(f"no answer from {address}", detail=str(error) or type(error).__name__) from error
    except json.JSONDecodeError as error:
        raise ApiError(UNREADABLE, detail=str(error)) from error


def _read(response: httpx.Response, shape: type[M]) -> M:
    try:
        return shape.model_validate_json(response.content)
    except ValidationError as error:
        raise ApiError(UNREADABLE, detail=str(error)) from error


def _problem(response: httpx.Response) -> ApiError:
    """Read problem+json; whatever else comes is named by its status."""
    try:
        problem = ProblemOut.model_validate_json(response.content)
    except ValidationError:
        return ApiError(f"HTTP {response.status_code}", detail=response.text[:500], status=response.status_code)
    return ApiError(problem.title, detail=problem.detail, hint=problem.hint, status=problem.status)


def _segment(identifier: str) -> str:
    """Quote an id for a path: one that came with a link may hold anything."""
    return quote(identifier, safe="")
