"""The things that flow. Standard library only; every span is [start, end) in code points of a canonical text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Span:
    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end

    def of(self, text: str) -> str:
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, in points from the page's top left as it is shown; pages count from 1."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


class BlockKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE_ROW = "table_row"
    CODE = "code"
    QUOTE = "quote"
    CAPTION = "caption"
    LINE = "line"  # a printed line inside one of the others: it carries the box, not the structure


@dataclass(frozen=True, slots=True)
class Block:
    """A run of Document.text and where it stood.

    Structural blocks (every kind but LINE) are in order and do not overlap; LINE blocks lie inside them.
    """

    start: int
    end: int
    kind: BlockKind = BlockKind.PARAGRAPH
    box: Box | None = None
    level: int = 0  # headings: 1 is the highest; list items: nesting depth, from 0
    place: str = ""  # where it stands, if on no page: "Prices!A12:F12", "slide 3", "attachment offer.docx"


@dataclass(frozen=True, slots=True)
class Document:
    """One canonical cleaned text (NFC) and its structure.

    id is a hash of the file's bytes and the reader's version; source is the name people see; version counts the
    texts that have stood at that source, from 1.
    """

    id: str
    title: str
    source: str
    mime: str
    text: str
    blocks: tuple[Block, ...] = ()
    language: str = "und"
    metadata: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    version: int = 1


@dataclass(frozen=True, slots=True)
class Chunk:
    """A unit of retrieval: document.text[start:end], always. headings is the path above it, outermost first."""

    key: int  # 64 bits, never reused; 0 before the store has given one
    document_id: str
    start: int
    end: int
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    key: int
    score: float  # higher is better; comparable only within one ranking


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk widened to what a reader needs. text == document.text[start:end].

    [start, end) covers the chunk, less what an earlier passage of the same ranking holds of it.
    """

    chunk: Chunk
    start: int
    end: int
    text: str
    title: str
    source: str
    version: int
    score: float  # of the final ranking, in [0, 1]
    scores: Mapping[str, float] = field(default_factory=lambda: NOTHING)  # each leg's own: "dense", "lexical", ...
    page: int | None = None
    also_at: tuple[str, ...] = ()  # sources of other chunks that say the same, and are no passages of their own
    instructions: tuple[Span, ...] = ()  # stretches of the document that tell a machine what to do, not a reader
    date: str | None = None  # the document's own, ISO 8601: changed, else made, else published

    @property
    def document_id(self) -> str:
        return self.chunk.document_id


@dataclass(frozen=True, slots=True)
class EvidenceSentence:
    """A sentence of a passage and how likely it is to answer."""

    passage: int  # index into the passages, from 0
    text: str
    score: float  # comparable within one question
    position: int  # of the sentence among those of its passage, from 0
    answer: Span | None = None  # within the text: the very words that are asked for, where they are certain


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the passages hold for a question: confidence is the estimated chance that they answer it."""

    confidence: float
    sentences: tuple[EvidenceSentence, ...]  # best first


class CitationStatus(StrEnum):
    VERIFIED = "verified"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a source says what a sentence claims.

    score is the estimated chance that it does; problems name what speaks against it: "number", "date", "name",
    "negation", "cover", "entailment".
    """

    supported: bool
    score: float = 1.0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A footnote: this stretch of the answer rests on that span. quote == document.text[span.start:span.end]."""

    mark: int  # the number in brackets that the reader sees, from 1
    answer_span: Span
    document_id: str
    version: int
    title: str
    source: str
    span: Span
    quote: str
    status: CitationStatus
    boxes: tuple[Box, ...] = ()
    page: int | None = None
    place: str = ""  # of the first block that the span touches: a sheet's row, a slide, an attachment
    problems: tuple[str, ...] = ()  # the verdict's, where it is unsupported


@dataclass(frozen=True, slots=True)
class Uncited:
    """A sentence of the answer that no passage was found to say."""

    answer_span: Span
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShortAnswer:
    """The very words that are asked for. text == document.text[span.start:span.end], within the citation's span."""

    text: str
    mark: int  # of the citation that it stands in
    document_id: str
    version: int
    span: Span


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Sources that answer the same with different things. marks[i] is the citation that says values[i]."""

    marks: tuple[int, ...]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """A question of a conversation, and what was answered; "" where that is not known."""

    question: str
    answer: str = ""


TurnState = Literal["asked", "answered", "refused"]  # asked: no answer came, or none yet


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A turn of a stored conversation."""

    question: str
    state: TurnState
    asked_at: str  # ISO 8601, UTC
    answer: str
    body: str  # the whole answer as it was given, as JSON; "" where there is none


@dataclass(frozen=True, slots=True)
class Conversation:
    """A stored conversation, without its turns."""

    id: str
    title: str  # its first question
    created_at: str
    changed_at: str  # when it was last asked something
    count: int  # of its turns


class RefusalReason(StrEnum):
    EMPTY_LIBRARY = "empty_library"
    NO_EVIDENCE = "no_evidence"
    WEAK_EVIDENCE = "weak_evidence"


@dataclass(frozen=True, slots=True)
class Usage:
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """confidence is the estimated chance that the documents hold the answer. timings are milliseconds."""

    question: str
    text: str
    citations: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    refused: bool
    reason: RefusalReason | None
    confidence: float
    model: str
    usage: Usage = Usage()
    timings: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    conversation_id: str | None = None
    searched_for: str | None = None  # where a follow-up was made to stand alone: as it was searched for
    short: ShortAnswer | None = None
    uncited: tuple[Uncited, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    stage: str  # "retrieving", "answering"; of a draft that is held back: "checking", "retrying"


@dataclass(frozen=True, slots=True)
class Retrieved:
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Delta:
    text: str


@dataclass(frozen=True, slots=True)
class Cited:
    citation: Citation


@dataclass(frozen=True, slots=True)
class Finished:
    answer: Answer


@dataclass(frozen=True, slots=True)
class Failed:
    error: str  # the error's class, of rag.errors
    detail: str
    hint: str = ""


Event = Status | Retrieved | Delta | Cited | Finished | Failed
