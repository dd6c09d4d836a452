"""What the tests of rag.llama share: their classes over our fakes. Imports LlamaIndex."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.base.llms.types import CompletionResponse, LLMMetadata
from llama_index.core.llms import CustomLLM
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.vector_stores.types import (
    VectorStoreQuery,
)

from rag.answer import Answerer
from rag.library.library import Library
from rag.llama import (
    FootnoteVectorStore,
)
from rag.models.extract import ExtractiveGenerator
from rag.retrieve import Retriever
from tests.rag.makers import EMBEDDER

OTTERS = "Otters hold hands while they sleep.\nThey eat crabs and clams.\nA holt is what their den is called."
BATS = "Bats fly at night.\nThey find moths by echo.\nA colony sleeps under the bridge."


class HashEmbedding(BaseEmbedding):
    """Our fake embedder behind LlamaIndex's class; its vectors are not of unit length."""

    model_name: str = "hash"

    def _get_text_embedding(self, text: str) -> list[float]:
        return [3.0 * float(number) for number in EMBEDDER.embed_passages([text])[0]]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)


class ScriptedLLM(CustomLLM):
    """Says what it was given, three characters at a time, and counts them."""

    words: str
    given: int = 0
    fails_after: int = 1_000_000

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name="scripted")

    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        return CompletionResponse(text=self.words)

    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> Iterator[CompletionResponse]:  # type: ignore[override]
        for start in range(0, len(self.words), 3):
            if start >= self.fails_after:
                raise ConnectionError("the line is dead")
            self.given += 3
            yield CompletionResponse(text=self.words[: start + 3], delta=self.words[start : start + 3])


def retriever_of(library: Library, keep: int = 8) -> Retriever:
    return Retriever(library, EMBEDDER, candidates=50, keep=keep, budget_characters=12_000)


def answerer_of(library: Library, model: Any = None, min_confidence: float = 0.0) -> Answerer:
    return Answerer(
        library,
        retriever_of(library),
        model or ExtractiveGenerator(),
        min_confidence=min_confidence,
        budget_characters=12_000,
    )


def node_of(text: str, name: str, ref: str = "", **metadata: Any) -> TextNode:
    relationships = {NodeRelationship.SOURCE: RelatedNodeInfo(node_id=ref)} if ref else {}
    embedding = HashEmbedding().get_text_embedding(text)
    return TextNode(id_=name, text=text, metadata=metadata, relationships=relationships, embedding=embedding)


def asked(store: FootnoteVectorStore, text: str, k: int = 3, **more: Any) -> list[str]:
    query = VectorStoreQuery(HashEmbedding().get_query_embedding(text), k, query_str=text, **more)
    return list(store.query(query).ids or ())
