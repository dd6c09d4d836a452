"""Our answers as those of a LlamaIndex query engine: the source nodes are the citations."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Generator
from contextlib import closing
from typing import Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.response.schema import AsyncStreamingResponse, Response, StreamingResponse
from llama_index.core.callbacks.base import CallbackManager
from llama_index.core.schema import NodeWithScore, QueryBundle
from llama_index.core.vector_stores.types import MetadataFilters

from rag.answer import Answerer
from rag.errors import GenerationFailed
from rag.filters import EVERYTHING, Filters
from rag.llama.filters import filters_from
from rag.llama.nodes import citation_nodes, node_id
from rag.types import Answer, Delta, Failed, Finished, Span


class FootnoteQueryEngine(BaseQueryEngine):
    """Response.response is the text with its marks, [1]; source_nodes has a node a mark, in their order.

    A node's text is the quote; its metadata has mark, status, title, source, version, page, place, boxes and claims:
    the stretches of the answer that rest on it, each with what speaks against it. Response.metadata says whether the
    answer was refused, and why, what of it has no source and where sources disagree; it names the passages read.
    """

    def __init__(
        self,
        answerer: Answerer,
        *,
        similarity_top_k: int | None = None,
        filters: Filters | MetadataFilters = EVERYTHING,
        streaming: bool = False,  # as LlamaIndex's own engines are told
        callback_manager: CallbackManager | None = None,
    ) -> None:
        super().__init__(callback_manager)
        self._answerer = answerer
        self._keep = similarity_top_k
        self._filters = filters_from(filters)
        self._streaming = streaming

    def _query(self, query_bundle: QueryBundle) -> Response | StreamingResponse:
        if self._streaming:
            nodes, metadata = _blank()
            return StreamingResponse(self._deltas(query_bundle, nodes, metadata), nodes, metadata)
        answer = self._answerer.answer(query_bundle.query_str, keep=self._keep, filters=self._filters)
        return Response(answer.text, citation_nodes(answer), answer_metadata(answer))

    async def _aquery(self, query_bundle: QueryBundle) -> Response | AsyncStreamingResponse:
        if self._streaming:
            nodes, metadata = _blank()
            deltas = _in_threads(self._deltas(query_bundle, nodes, metadata))
            return AsyncStreamingResponse(deltas, nodes, metadata)  # type: ignore[arg-type]  # any async iterator does
        answered = await asyncio.to_thread(self._query, query_bundle)
        assert isinstance(answered, Response)
        return answered

    def _get_prompt_modules(self) -> dict[str, Any]:
        return {}

    def _deltas(
        self, query_bundle: QueryBundle, nodes: list[NodeWithScore], metadata: dict[str, Any]
    ) -> Generator[str, None, None]:
        """Yield the text; nodes and metadata are filled when it is whole. Closing it stops the generator."""
        events = self._answerer.ask(query_bundle.query_str, keep=self._keep, filters=self._filters)
        with closing(events) as going:  # type: ignore[type-var]  # a generator, as all that yields
            for event in going:
                if isinstance(event, Delta):
                    yield event.text
                elif isinstance(event, Finished):
                    nodes += citation_nodes(event.answer)
                    metadata.update(answer_metadata(event.answer))
                elif isinstance(event, Failed):
                    raise GenerationFailed(f"{event.error}: {event.detail}", hint=event.hint)


def answer_metadata(answer: Answer) -> dict[str, Any]:
    return {
        "refused": answer.refused,
        "reason": answer.reason.value if answer.reason else None,
        "confidence": answer.confidence,
        "model": answer.model,
        "timings_ms": dict(answer.timings),
        "short_answer": {"text": answer.short.text, "mark": answer.short.mark} if answer.short else None,
        "uncited": [
            {"start": one.answer_span.start, "end": one.answer_span.end, "problems": list(one.problems)}
            for one in answer.uncited
        ],
        "disagreements": [
            [{"mark": mark, "value": value} for mark, value in zip(one.marks, one.values, strict=True)]
            for one in answer.disagreements
        ],
        "passages": [
            {
                "id": node_id(passage.document_id, Span(passage.start, passage.end)),
                "source": passage.source,
                "title": passage.title,
                "page": passage.page,
                "text": passage.text,
                "score": passage.score,
            }
            for passage in answer.passages
        ],
    }


def _blank() -> tuple[list[NodeWithScore], dict[str, Any]]:
    return [], {}


async def _in_threads(deltas: Generator[str, None, None]) -> AsyncIterator[str]:
    """Take each piece in a thread, so that other work goes on meanwhile."""
    try:
        while True:
            piece = await asyncio.to_thread(next, deltas, None)
            if piece is None:
                return
            yield piece
    finally:
        deltas.close()
