"""A library as one of LlamaIndex's vector stores: their pipelines write into it, their indexes ask it.

Its keys are never used again, so that after a delete and an add every id still means its own node. It answers from
documents that were ingested by Footnote too: their chunks are nodes as well, which may be read but not written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import Any

import numpy as np
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.schema import BaseNode
from llama_index.core.vector_stores.types import (
    BasePydanticVectorStore,
    MetadataFilters,
    VectorStoreQuery,
    VectorStoreQueryMode,
    VectorStoreQueryResult,
)

from rag.diversify import diverse
from rag.errors import InvalidRequest, NotFound
from rag.filters import Filters
from rag.fuse import fuse, normalise
from rag.library.library import DocumentRow, Library
from rag.llama.filters import passing
from rag.llama.models import unit_rows
from rag.llama.nodes import chunk_node
from rag.llama.shelf import METADATA_KEY, Record, Shelf, Shelved
from rag.ports import Keys
from rag.types import Chunk, Document, Hit, Span

CANDIDATES = 50  # of each leg, where two are fused, or where the most different are chosen
LEASE_SECONDS = 60
PAGE = 1000
TEXT_MODES = (VectorStoreQueryMode.TEXT_SEARCH, VectorStoreQueryMode.SPARSE)
HYBRID_MODES = (VectorStoreQueryMode.HYBRID, VectorStoreQueryMode.SEMANTIC_HYBRID)
EQUAL_LEGS = 0.5  # alpha, where a query names none
EQUAL_PARTS = 0.5  # mmr_threshold, where a query names none


class FootnoteVectorStore(BasePydanticVectorStore):
    """Writes are on the disk when they return. A lease keeps other writers out for their length."""

    stores_text: bool = True
    is_embedding_query: bool = True
    _library: Library = PrivateAttr()
    _shelf: Shelf = PrivateAttr()
    _turn: RLock = PrivateAttr()  # the lease keeps out other processes, not the threads of this one

    def __init__(self, library: Library) -> None:
        super().__init__(stores_text=True)
        self._library = library
        self._shelf = Shelf(library)
        self._turn = RLock()

    @classmethod
    def class_name(cls) -> str:
        return "FootnoteVectorStore"

    @property
    def client(self) -> Library:
        return self._library

    def add(self, nodes: Sequence[BaseNode], **_: Any) -> list[str]:
        """Store nodes with their embeddings; a node that is there already is replaced. Returns their ids.

        Those of one ref_doc_id become one document; one without is a document of its own. Raises InvalidRequest.
        """
        by_ref_doc: dict[str, dict[str, BaseNode]] = {}
        for node in nodes:
            by_ref_doc.setdefault(node.ref_doc_id or node.node_id, {})[node.node_id] = node
        with self._alone():
            self._shelf.refresh()
            for ref_doc_id, some in by_ref_doc.items():
                elsewhere = [node_id for node_id in some if self._ref_doc_of(node_id) not in (None, ref_doc_id)]
                self._delete_nodes(elsewhere)
                self._merge(ref_doc_id, some)
        return [node.node_id for node in nodes]

    def delete(self, ref_doc_id: str, **_: Any) -> None:
        """Drop a document and its nodes, also one that Footnote ingested, by its id; nothing happens where none is."""
        with self._alone():
            if not self._shelf.drop(ref_doc_id):
                try:
                    self._library.remove(ref_doc_id)
                except NotFound:
                    return

    def delete_nodes(self, node_ids: list[str] | None = None, filters: MetadataFilters | None = None, **_: Any) -> None:
        """Drop those nodes that have such an id and pass the filters. Raises InvalidRequest where neither is given."""
        if node_ids is None and filters is None:
            raise InvalidRequest("no nodes are named", hint="clear() drops them all")
        with self._alone():
            self._shelf.refresh()
            self._delete_nodes([record.id for _, record in self._own(node_ids, filters)])

    def clear(self) -> None:
        """Drop every node that was added here; documents that Footnote ingested stay."""
        with self._alone():
            self._shelf.refresh()
            for shelved in self._shelf:
                self._shelf.drop(shelved.ref_doc_id)

    def get_nodes(self, node_ids: list[str] | None = None, filters: MetadataFilters | None = None) -> list[BaseNode]:
        """Return those of the nodes that were added here which have such an id and pass the filters."""
        with self._turn:  # else what another thread replaces meanwhile would be missing
            self._shelf.refresh()
            own = list(self._own(node_ids, filters))
            documents = self._library.documents_with({shelved.document_id for shelved, _ in own})
            found = (
                self._shelf.node(documents[shelved.document_id], record.span)
                for shelved, record in own
                if shelved.document_id in documents
            )
            return [node for node in found if node is not None]

    def query(self, query: VectorStoreQuery, **more: Any) -> VectorStoreQueryResult:
        """Return the nearest nodes, best first. Modes: default, text_search, sparse, hybrid, semantic_hybrid, mmr.

        alpha is the dense leg's weight; mmr_threshold is 1 for the nearest, 0 for the most different.
        Raises InvalidRequest for another mode, or a query that lacks what its mode needs.
        """
        self._library.refresh()
        hits = self._hits(query, self._among(query), more.get("mmr_threshold", query.mmr_threshold))
        nodes, scores = [], []
        chunks = self._library.chunks(hit.key for hit in hits)
        documents = self._library.documents_with({chunk.document_id for chunk in chunks.values()})
        for hit in hits:
            chunk = chunks.get(hit.key)
            if chunk is not None and chunk.document_id in documents:  # else removed a moment ago
                nodes.append(self._node(chunk, documents[chunk.document_id]))
                scores.append(hit.score)
        return VectorStoreQueryResult(nodes=nodes, similarities=scores, ids=[node.node_id for node in nodes])

    async def async_add(self, nodes: Sequence[BaseNode], **more: Any) -> list[str]:
        return await asyncio.to_thread(self.add, nodes, **more)

    async def adelete(self, ref_doc_id: str, **more: Any) -> None:
        await asyncio.to_thread(self.delete, ref_doc_id, **more)

    async def adelete_nodes(
        self, node_ids: list[str] | None = None, filters: MetadataFilters | None = None, **more: Any
    ) -> None:
        await asyncio.to_thread(self.delete_nodes, node_ids, filters, **more)

    async def aclear(self) -> None:
        await asyncio.to_thread(self.clear)

    async def aget_nodes(
        self, node_ids: list[str] | None = None, filters: MetadataFilters | None = None
    ) -> list[BaseNode]:
        return await asyncio.to_thread(self.get_nodes, node_ids, filters)

    async def aquery(self, query: VectorStoreQuery, **more: Any) -> VectorStoreQueryResult:
        return await asyncio.to_thread(self.query, query, **more)

    # --- writing

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._turn, self._library.lease(timeout_seconds=LEASE_SECONDS):
            yield

    def _merge(self, ref_doc_id: str, new: Mapping[str, BaseNode]) -> None:
        rows = unit_rows([node.get_embedding() for node in new.values()], "the nodes' embedding")
        old = self._shelf.of_ref_doc(ref_doc_id)
        nodes = list(new.values())
        if old is not None:
            before, vectors = self._shelf.nodes(old)
            kept = [place for place, node in enumerate(before) if node.node_id not in new]
            nodes = [*(before[place] for place in kept), *nodes]
            rows = np.concatenate([vectors[kept], rows])
        self._shelf.put(ref_doc_id, nodes, rows)

    def _delete_nodes(self, node_ids: Iterable[str]) -> None:
        by_document: dict[str, set[str]] = {}
        for node_id in node_ids:
            shelved = self._shelf.of_node(node_id)
            if shelved is not None:
                by_document.setdefault(shelved.document_id, set()).add(node_id)
        for document_id, gone in by_document.items():
            shelved = self._shelf.get(document_id)
            assert shelved is not None
            nodes, rows = self._shelf.nodes(shelved)
            kept = [place for place, node in enumerate(nodes) if node.node_id not in gone]
            if kept:
                self._shelf.put(shelved.ref_doc_id, [nodes[place] for place in kept], rows[kept])
            else:
                self._shelf.drop(shelved.ref_doc_id)

    # --- reading

    def _ref_doc_of(self, node_id: str) -> str | None:
        shelved = self._shelf.of_node(node_id)
        return shelved.ref_doc_id if shelved else None

    def _own(self, node_ids: list[str] | None, filters: MetadataFilters | None) -> Iterator[tuple[Shelved, Record]]:
        """Yield those of the nodes (of all, where none are named) that were added here and whose metadata passes."""
        passes, wanted = passing(filters), None if node_ids is None else set(node_ids)
        for shelved in self._shelf:
            for record in shelved.records:
                if (wanted is None or record.id in wanted) and passes(record.metadata):
                    yield shelved, record

    def _hits(self, query: VectorStoreQuery, among: Keys | None, mmr_threshold: float | None) -> list[Hit]:
        keep = query.similarity_top_k
        if query.mode in TEXT_MODES:
            return self._lexical(query, query.sparse_top_k or keep, among)[:keep]
        if query.mode in HYBRID_MODES:
            alpha = EQUAL_LEGS if query.alpha is None else query.alpha
            keep = query.hybrid_top_k or keep
            dense = self._dense(query, max(keep, CANDIDATES), among)
            lexical = self._lexical(query, max(query.sparse_top_k or keep, CANDIDATES), among)
            return fuse([normalise(dense), normalise(lexical, floor=0.0)], [alpha, 1 - alpha])[:keep]
        if query.mode is VectorStoreQueryMode.MMR:
            hits = self._dense(query, max(keep, CANDIDATES), among)
            diversity = 1 - (EQUAL_PARTS if mmr_threshold is None else mmr_threshold)
            vectors = self._library.vectors(hit.key for hit in hits)
            order = diverse([hit.score for hit in hits], vectors, diversity)
            return [hits[place] for place in order[:keep]]
        if query.mode is VectorStoreQueryMode.DEFAULT:
            return self._dense(query, keep, among)
        known = [mode.value for mode in (VectorStoreQueryMode.DEFAULT, *TEXT_MODES, *HYBRID_MODES)]
        raise InvalidRequest(f"the mode {query.mode.value} is not known here", hint=f"use {', '.join(known)} or mmr")

    def _dense(self, query: VectorStoreQuery, k: int, among: Keys | None) -> list[Hit]:
        if query.query_embedding is None:
            raise InvalidRequest(f"a {query.mode.value} query needs an embedding", hint="or ask with text_search")
        if not len(self._library):
            return []
        return self._library.dense(unit_rows([query.query_embedding], "the query's embedding"), k, among=among)[0]

    def _lexical(self, query: VectorStoreQuery, k: int, among: Keys | None) -> list[Hit]:
        if not query.query_str:
            raise InvalidRequest(f"a {query.mode.value} query needs words", hint="set query_str")
        return self._library.lexical(query.query_str, k, among=among)

    def _among(self, query: VectorStoreQuery) -> Keys | None:
        """Return the keys that the query is limited to, ascending; None where it is not.

        An empty list limits nothing: a VectorStoreIndex that keeps no nodes of its own asks with one.
        """
        has_filters = query.filters is not None and bool(query.filters.filters)
        if not (query.doc_ids or query.node_ids or has_filters):
            return None
        if not (query.node_ids or has_filters):
            return self._library.matching(Filters(document_ids=self._document_ids(query.doc_ids or ())))
        self._shelf.refresh()
        whole: list[str] = []
        keys: list[int] = []
        for document_id, spans in self._spans(query):
            if spans is None:
                whole.append(document_id)
            else:
                chunks = self._library.chunks_of(document_id)
                keys += [chunk.key for chunk in chunks if Span(chunk.start, chunk.end) in spans]
        all_of_them = self._library.matching(Filters(document_ids=tuple(whole))) if whole else None
        return np.array(sorted(keys if all_of_them is None else [*keys, *all_of_them.tolist()]), dtype=np.int64)

    def _document_ids(self, ref_doc_ids: Iterable[str]) -> tuple[str, ...]:
        """What was ingested by Footnote goes by the id that it has there."""
        shelved = ((ref_doc_id, self._shelf.of_ref_doc(ref_doc_id)) for ref_doc_id in ref_doc_ids)
        return tuple(one.document_id if one else ref_doc_id for ref_doc_id, one in shelved)

    def _spans(self, query: VectorStoreQuery) -> Iterable[tuple[str, set[Span] | None]]:
        """Yield the documents that hold what passes, and where it stands in them; None: all of it does."""
        passes, wanted = passing(query.filters), set(query.node_ids or ())
        documents = set(self._document_ids(query.doc_ids or ()))
        for shelved in self._shelf:
            if not documents or shelved.document_id in documents:
                spans = _passing_spans(shelved, wanted, passes)
                if spans:
                    yield shelved.document_id, spans if len(spans) < len(shelved.records) else None
        if not wanted:
            yield from ((document_id, None) for document_id in self._ingested(documents, passes))

    def _ingested(self, only: Collection[str], passes: Callable[[Mapping[str, Any]], bool]) -> Iterable[str]:
        """Yield the ids of the documents that Footnote ingested and whose metadata passes; only: of these."""
        for row in self._rows():
            own = METADATA_KEY not in row.metadata and (not only or row.id in only)
            if own and passes({**row.metadata, **_metadata(row)}):
                yield row.id

    def _rows(self) -> Iterable[DocumentRow]:
        """Yield every document once, also while others come and go."""
        last: str | None = None
        seen: set[str] = set()
        while True:
            try:
                rows = self._library.documents(limit=PAGE, after=last)
            except NotFound:  # the last one of the page before was removed meanwhile: from the beginning again
                last = None
                continue
            if not rows:
                return
            yield from (row for row in rows if row.id not in seen)
            seen.update(row.id for row in rows)
            last = rows[-1].id

    def _node(self, chunk: Chunk, document: Document) -> BaseNode:
        span = Span(chunk.start, chunk.end)
        own = self._shelf.node(document, span)
        if own is not None:
            return own
        boxes = self._library.boxes_in(document, span)
        return chunk_node(document, chunk, page=boxes[0].page if boxes else None)


def _passing_spans(shelved: Shelved, wanted: Collection[str], passes: Callable[[Mapping[str, Any]], bool]) -> set[Span]:
    return {
        record.span for record in shelved.records if (not wanted or record.id in wanted) and passes(record.metadata)
    }


def _metadata(row: DocumentRow) -> dict[str, Any]:
    names = ("title", "source", "mime", "language", "version")
    return {"document_id": row.id, **{name: getattr(row, name) for name in names}}
