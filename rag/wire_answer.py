"""An answer as it crosses the wire: its citations, its passages, and what is said of them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from rag.types import Answer, Box, Citation, Passage, ShortAnswer


class Wire(BaseModel):
    model_config = ConfigDict(extra="forbid")


class BoxOut(Wire):
    page: int
    x0: float
    y0: float
    x1: float
    y1: float

    @classmethod
    def of(cls, box: Box) -> BoxOut:
        return cls(page=box.page, x0=box.x0, y0=box.y0, x1=box.x1, y1=box.y1)


class CitationOut(Wire):
    mark: int
    answer_start: int
    answer_end: int
    document_id: str
    version: int
    title: str
    source: str
    start: int
    end: int
    quote: str
    page: int | None
    place: str = Field("", description="where it stands, if on no page: a sheet's row, a slide, an attachment")
    boxes: list[BoxOut]
    status: Literal["verified", "unsupported"]
    problems: list[str] = Field(
        default_factory=list,
        description="what speaks against it, where unsupported: number, date, name, negation, cover, entailment",
    )

    @classmethod
    def of(cls, citation: Citation) -> CitationOut:
        return cls(
            mark=citation.mark,
            answer_start=citation.answer_span.start,
            answer_end=citation.answer_span.end,
            document_id=citation.document_id,
            version=citation.version,
            title=citation.title,
            source=citation.source,
            start=citation.span.start,
            end=citation.span.end,
            quote=citation.quote,
            page=citation.page,
            place=citation.place,
            boxes=[BoxOut.of(box) for box in citation.boxes],
            status=citation.status.value,
            problems=list(citation.problems),
        )


class SpanOut(Wire):
    start: int
    end: int


class PassageOut(Wire):
    rank: int
    document_id: str
    chunk: int
    start: int
    end: int
    text: str
    page: int | None
    title: str
    source: str
    also_at: list[str] = Field(default_factory=list, description="other sources in which this passage's text stands")
    version: int
    date: str | None = Field(None, description="the document's own: changed, else made, else published")
    score: float
    scores: dict[str, float]
    instructions: list[SpanOut] = Field(
        default_factory=list, description="spans of the document that tell a machine what to do: never followed"
    )

    @classmethod
    def of(cls, rank: int, passage: Passage) -> PassageOut:
        return cls(
            rank=rank,
            document_id=passage.document_id,
            chunk=passage.chunk.key,
            start=passage.start,
            end=passage.end,
            text=passage.text,
            page=passage.page,
            title=passage.title,
            source=passage.source,
            also_at=list(passage.also_at),
            version=passage.version,
            date=passage.date,
            score=passage.score,
            scores=dict(passage.scores),
            instructions=[SpanOut(start=span.start, end=span.end) for span in passage.instructions],
        )


class UsageOut(Wire):
    prompt_tokens: int
    completion_tokens: int


class ShortAnswerOut(Wire):
    """The very words that are asked for: canonical text[start:end] == text, inside the quote of citation `mark`."""

    text: str
    mark: int
    document_id: str
    version: int
    start: int
    end: int

    @classmethod
    def of(cls, short: ShortAnswer) -> ShortAnswerOut:
        return cls(
            text=short.text,
            mark=short.mark,
            document_id=short.document_id,
            version=short.version,
            start=short.span.start,
            end=short.span.end,
        )


class UncitedOut(Wire):
    """A sentence of the answer that no passage was found to say."""

    answer_start: int
    answer_end: int
    problems: list[str]


class DisagreementOut(Wire):
    """Sources that answer with different things: citation marks[i] says values[i]."""

    marks: list[int]
    values: list[str]


class AnswerOut(Wire):
    question: str
    searched_for: str | None = Field(
        None, description="where a follow-up was made to stand alone: as it was searched for"
    )
    answer: str
    refused: bool
    reason: Literal["empty_library", "no_evidence", "weak_evidence"] | None
    confidence: float
    citations: list[CitationOut]
    passages: list[PassageOut]
    model: str
    conversation_id: str | None
    usage: UsageOut
    timings_ms: dict[str, float]
    short_answer: ShortAnswerOut | None = None
    uncited: list[UncitedOut] = Field(default_factory=list)
    disagreements: list[DisagreementOut] = Field(default_factory=list)

    @classmethod
    def of(cls, answer: Answer) -> AnswerOut:
        return cls(
            question=answer.question,
            searched_for=answer.searched_for,
            answer=answer.text,
            refused=answer.refused,
            reason=answer.reason.value if answer.reason else None,
            confidence=answer.confidence,
            citations=[CitationOut.of(citation) for citation in answer.citations],
            passages=passages_out(answer.passages),
            model=answer.model,
            conversation_id=answer.conversation_id,
            usage=UsageOut(
                prompt_tokens=answer.usage.prompt_tokens,
                completion_tokens=answer.usage.completion_tokens,
            ),
            timings_ms={name: round(value, 1) for name, value in answer.timings.items()},
            short_answer=ShortAnswerOut.of(answer.short) if answer.short else None,
            uncited=[
                UncitedOut(
                    answer_start=one.answer_span.start, answer_end=one.answer_span.end, problems=list(one.problems)
                )
                for one in answer.uncited
            ],
            disagreements=[
                DisagreementOut(marks=list(one.marks), values=list(one.values)) for one in answer.disagreements
            ],
        )


def passages_out(passages: tuple[Passage, ...]) -> list[PassageOut]:
    return [PassageOut.of(rank, passage) for rank, passage in enumerate(passages, 1)]
