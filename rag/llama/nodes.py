"""Passages, citations and chunks as LlamaIndex's nodes. Their offsets point into the document's canonical text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from llama_index.core.schema import NodeRelationship, NodeWithScore, RelatedNodeInfo, TextNode

from rag.types import Answer, Chunk, Citation, CitationStatus, Document, Passage, Span

TOLD = ("title", "source", "page")  # of the metadata, to a language model
EMBEDDED = ("title",)


def node_id(document_id: str, span: Span) -> str:
    """A document's id is a hash of its bytes, so this names the same words wherever and whenever it is asked for."""
    return f"{document_id}:{span.start}-{span.end}"


def passage_node(passage: Passage) -> NodeWithScore:
    metadata = {
        "title": passage.title,
        "source": passage.source,
        "version": passage.version,
        "page": passage.page,
        "headings": list(passage.chunk.headings),
        "also_at": list(passage.also_at),
        "scores": dict(passage.scores),
    }
    span = Span(passage.start, passage.end)
    return NodeWithScore(node=_node(passage.document_id, span, passage.text, metadata), score=passage.score)


def chunk_node(document: Document, chunk: Chunk, *, page: int | None) -> TextNode:
    metadata = {
        "title": document.title,
        "source": document.source,
        "version": document.version,
        "page": page,
        "headings": list(chunk.headings),
    }
    span = Span(chunk.start, chunk.end)
    return _node(document.id, span, span.of(document.text), metadata)


def citation_nodes(answer: Answer) -> list[NodeWithScore]:
    """One node for each footnote, in the order of their marks; a quote that several sentences rest on is one."""
    by_mark: dict[int, list[Citation]] = {}
    for citation in answer.citations:
        by_mark.setdefault(citation.mark, []).append(citation)
    return [citation_node(by_mark[mark], answer.passages) for mark in sorted(by_mark)]


def citation_node(same: Sequence[Citation], passages: Sequence[Passage]) -> NodeWithScore:
    """same: all citations of one mark. The score is that of the passage that holds the quote."""
    citation = same[0]
    metadata = {
        "mark": citation.mark,
        "status": _worst(same).value,
        "title": citation.title,
        "source": citation.source,
        "version": citation.version,
        "page": citation.page,
        "place": citation.place,
        "boxes": [asdict(box) for box in citation.boxes],
        "claims": [
            {
                "start": one.answer_span.start,
                "end": one.answer_span.end,
                "status": one.status.value,
                "problems": list(one.problems),
            }
            for one in same
        ],
    }
    node = _node(citation.document_id, citation.span, citation.quote, metadata)
    return NodeWithScore(node=node, score=_score(citation, passages))


def _node(document_id: str, span: Span, text: str, metadata: Mapping[str, Any]) -> TextNode:
    about = {"title": metadata["title"], "source": metadata["source"], "version": metadata["version"]}
    return TextNode(
        id_=node_id(document_id, span),
        text=text,
        start_char_idx=span.start,
        end_char_idx=span.end,
        metadata=dict(metadata),
        excluded_llm_metadata_keys=[name for name in metadata if name not in TOLD],
        excluded_embed_metadata_keys=[name for name in metadata if name not in EMBEDDED],
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=document_id, metadata=about)},
    )


def _worst(same: Sequence[Citation]) -> CitationStatus:
    verified = all(one.status is CitationStatus.VERIFIED for one in same)
    return CitationStatus.VERIFIED if verified else CitationStatus.UNSUPPORTED


def _score(citation: Citation, passages: Sequence[Passage]) -> float | None:
    holding = (
        passage.score
        for passage in passages
        if passage.document_id == citation.document_id
        and passage.start <= citation.span.start
        and citation.span.end <= passage.end
    )
    return next(holding, None)
