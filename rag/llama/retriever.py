"""Our retriever as one of LlamaIndex's."""

from __future__ import annotations

import asyncio
from typing import Any

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle
from llama_index.core.vector_stores.types import MetadataFilters

from rag.filters import EVERYTHING, Filters
from rag.llama.filters import filters_from
from rag.llama.nodes import passage_node
from rag.retrieve import Retriever


class FootnoteRetriever(BaseRetriever):
    """Gives passages: fused, widened, folded where they repeat, with the offsets at which they stand."""

    def __init__(
        self,
        retriever: Retriever,
        *,
        similarity_top_k: int | None = None,
        filters: Filters | MetadataFilters = EVERYTHING,
        **more: Any,
    ) -> None:
        """similarity_top_k: None is what the retriever keeps. more: what BaseRetriever takes.

        Raises InvalidRequest for filters that are not ours.
        """
        super().__init__(**more)
        self._retriever = retriever
        self._keep = similarity_top_k
        self._filters = filters_from(filters)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        passages = self._retriever.retrieve(query_bundle.query_str, keep=self._keep, filters=self._filters)
        return [passage_node(passage) for passage in passages]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)
