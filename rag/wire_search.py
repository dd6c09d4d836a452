"""What crosses the wire of a search: its request, and its passages with the stages that led to them.

As light as rag.wire, of which it is a part.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from rag.courtesy import without_courtesy
from rag.plan import Retrieval
from rag.wire import MAX_QUESTION_CHARACTERS, FiltersIn, PassageOut, Wire, passages_out

MAX_DETAIL = 2000  # characters of what a stage says it did


class SearchRequest(Wire):
    query: str = Field(min_length=1, max_length=MAX_QUESTION_CHARACTERS)
    collection: str | None = None
    filters: FiltersIn | None = None
    history: list[Annotated[str, Field(max_length=MAX_QUESTION_CHARACTERS)]] = Field(
        default_factory=list, max_length=100, description="the conversation's earlier questions, oldest first"
    )
    k: int = Field(10, ge=1, le=100)
    explain: bool = Field(False, description="tell the stages that the query went through")


class QueryOut(Wire):
    text: str
    origin: str = Field(description="the stage that made it")
    part: int
    legs: list[str]
    weight: float


class StepOut(Wire):
    stage: str
    milliseconds: float
    detail: str


class SearchOut(Wire):
    query: str
    passages: list[PassageOut]
    timings_ms: dict[str, float]
    searched_for: str | None = Field(None, description="where a follow-up was made to stand alone")
    queries: list[QueryOut] | None = Field(None, description="with `explain`: what was searched for, in all")
    steps: list[StepOut] | None = Field(None, description="with `explain`: the stages, in the order they went")
    ranks: list[dict[str, int]] | None = Field(
        None, description="with `explain`: of each passage, its place in each leg, from 1"
    )

    @classmethod
    def of(cls, query: str, retrieval: Retrieval, milliseconds: float) -> SearchOut:
        return cls(
            query=query,
            passages=passages_out(retrieval.passages),
            timings_ms={"retrieve": round(milliseconds, 1)},
            searched_for=retrieval.question if retrieval.question != without_courtesy(query) else None,
        )

    @classmethod
    def explained(cls, query: str, retrieval: Retrieval, milliseconds: float) -> SearchOut:
        """Tell the stages too, and how each passage came."""
        steps = [
            StepOut(stage=step.stage, milliseconds=round(step.milliseconds, 2), detail=step.detail[:MAX_DETAIL])
            for step in retrieval.steps
        ]
        queries = [
            QueryOut(text=one.text, origin=one.origin, part=one.part, legs=sorted(one.legs), weight=one.weight)
            for one in retrieval.queries
        ]
        ranks = [dict(ranks) for ranks in retrieval.ranks]
        return cls.of(query, retrieval, milliseconds).model_copy(
            update={"steps": steps, "queries": queries, "ranks": ranks}
        )
