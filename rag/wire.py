"""What crosses the wire: the request, response and event models of the API, the CLI's --json and the UI.

Imports no torch, no faiss and no store: the UI reads this module and nothing else of the house.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from rag.types import Cited, Delta, Event, Failed, Finished, Retrieved, Status
from rag.wire_answer import AnswerOut as AnswerOut
from rag.wire_answer import BoxOut as BoxOut
from rag.wire_answer import CitationOut as CitationOut
from rag.wire_answer import DisagreementOut as DisagreementOut
from rag.wire_answer import PassageOut as PassageOut
from rag.wire_answer import ShortAnswerOut as ShortAnswerOut
from rag.wire_answer import SpanOut as SpanOut
from rag.wire_answer import UncitedOut as UncitedOut
from rag.wire_answer import UsageOut as UsageOut
from rag.wire_answer import Wire as Wire
from rag.wire_answer import passages_out as passages_out
from rag.wire_conversations import ConversationOut as ConversationOut
from rag.wire_conversations import ConversationRequest as ConversationRequest
from rag.wire_conversations import ConversationsOut as ConversationsOut
from rag.wire_conversations import ConversationTurnsOut as ConversationTurnsOut
from rag.wire_conversations import TurnOut as TurnOut
from rag.wire_filters import FacetOut as FacetOut
from rag.wire_filters import FacetsOut as FacetsOut
from rag.wire_filters import FiltersIn as FiltersIn
from rag.wire_ratings import CitedIn as CitedIn
from rag.wire_ratings import FeedbackChange as FeedbackChange
from rag.wire_ratings import FeedbackOut as FeedbackOut
from rag.wire_ratings import FeedbackRequest as FeedbackRequest
from rag.wire_ratings import ItemOut as ItemOut
from rag.wire_ratings import ProgressOut as ProgressOut
from rag.wire_ratings import RatingBody as RatingBody
from rag.wire_ratings import RatingRequest as RatingRequest
from rag.wire_ratings import RatingsIn as RatingsIn
from rag.wire_ratings import SheetOut as SheetOut
from rag.wire_ratings import SheetsOut as SheetsOut
from rag.wire_ratings import ShownAnswer as ShownAnswer
from rag.wire_ratings import ShownItem as ShownItem
from rag.wire_ratings import ShownNote as ShownNote

MAX_QUESTION_CHARACTERS = 4000


class AskRequest(Wire):
    question: str = Field(min_length=1, max_length=MAX_QUESTION_CHARACTERS)
    collection: str | None = None
    filters: FiltersIn | None = None
    history: list[Annotated[str, Field(max_length=MAX_QUESTION_CHARACTERS)]] = Field(
        default_factory=list, max_length=100, description="the conversation's earlier questions, oldest first"
    )
    keep: int | None = Field(None, ge=1, le=100, description="passages to retrieve")
    conversation_id: str | None = Field(
        None, max_length=128, description="of a stored conversation: it is asked in turn, and kept in it"
    )
    stream: bool = False


class CollectionOut(Wire):
    name: str
    documents: int
    chunks: int
    embedder: str
    created_at: str
    problem: str | None = Field(None, description="why it cannot be opened; the counts are then 0")


class CollectionRequest(Wire):
    name: str = Field(min_length=1, max_length=64)


class DocumentOut(Wire):
    document_id: str
    title: str
    source: str
    mime: str
    language: str
    version: int
    chunks: int
    characters: int
    pages: int | None
    added_at: str
    metadata: dict[str, Any]
    also_at: list[str] = Field(default_factory=list, description="other sources with the same bytes or text")
    tags: list[str] = Field(default_factory=list, description="those it was given, then its own keywords")


class DocumentChange(Wire):
    tags: list[str] = Field(max_length=100, description="in the place of those it was given; its own keywords stay")


class FileOut(Wire):
    """One row of an ingest report: every file found ends in exactly one."""

    path: str
    outcome: Literal["indexed", "unchanged", "duplicate", "skipped", "failed"]
    document_id: str | None = None
    chunks: int | None = None
    duplicate_of: str | None = None
    similarity: float | None = Field(None, description="to duplicate_of; absent where they are the same")
    error: str | None = None
    detail: str | None = None


class ReportOut(Wire):
    discovered: int = 0
    indexed: int = 0
    unchanged: int = 0
    duplicate: int = 0
    skipped: int = 0
    failed: int = 0
    removed: int = 0
    chunks: int = 0
    seconds: float = 0.0
    files: list[FileOut] = Field(default_factory=list)


class JobOut(Wire):
    id: str
    collection: str
    kind: Literal["upload", "folder"]
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    sources: list[str]
    created_at: str
    started_at: str | None
    finished_at: str | None
    attempts: int
    current: str | None = Field(None, description="the file being read now")
    report: ReportOut
    error: str | None = None
    tags: list[str] = Field(default_factory=list, description="what its documents are tagged with")


class JobRequest(Wire):
    paths: list[str] = Field(min_length=1, max_length=1000)
    collection: str | None = None
    tags: list[str] = Field(default_factory=list, max_length=100, description="for every document that is found")


class JobAccepted(Wire):
    job: JobOut


class ProblemOut(Wire):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    hint: str


class StatusOut(Wire):
    """Event `status`."""

    stage: str = Field(description='what is being done now: "retrieving", "answering", "checking", "retrying"')


class RetrievedOut(Wire):
    """Event `retrieved`."""

    passages: list[PassageOut]


class DeltaOut(Wire):
    """Event `delta`: the next piece of the answer's text. (`cited` carries a CitationOut, `finished` an AnswerOut.)"""

    text: str


class FailedOut(Wire):
    """Event `failed`: the last of its stream."""

    error: str = Field(description="the error's class, as rag.errors names it")
    detail: str
    hint: str


EventName = Literal["status", "retrieved", "delta", "cited", "finished", "failed"]


def event_out(event: Event) -> tuple[EventName, Wire]:
    """Return the event's name and its data, as POST /ask streams them."""
    match event:
        case Status(stage):
            return "status", StatusOut(stage=stage)
        case Retrieved(passages):
            return "retrieved", RetrievedOut(passages=passages_out(passages))
        case Delta(text):
            return "delta", DeltaOut(text=text)
        case Cited(citation):
            return "cited", CitationOut.of(citation)
        case Finished(answer):
            return "finished", AnswerOut.of(answer)
        case Failed(error, detail, hint):
            return "failed", FailedOut(error=error, detail=detail, hint=hint)


class CollectionsOut(Wire):
    collections: list[CollectionOut]


class DocumentsOut(Wire):
    """A page of documents; `next` is the `after` of the following page, or null at the end."""

    documents: list[DocumentOut]
    next: str | None


class BoxesOut(Wire):
    page: int | None
    boxes: list[BoxOut]


class JobsOut(Wire):
    jobs: list[JobOut]


class ReadyOut(Wire):
    status: Literal["ready"]
    collection: str
    embedder: Literal["cold", "warming", "warm"]


class HealthOut(Wire):
    status: Literal["alive"]
    version: str
