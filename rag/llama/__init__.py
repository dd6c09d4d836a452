"""The doors to LlamaIndex, both ways: ours as its retriever, query engine and vector store; its models as ours.

The only package that imports LlamaIndex, which takes seconds; the `llama` extra installs it. A reader of LlamaIndex's
needs no door here: the setting `ingest.readers` names it. An LLM that `answer.generator` names is made by rag.build.
"""

from __future__ import annotations

from rag.llama.engine import FootnoteQueryEngine
from rag.llama.filters import filters_from
from rag.llama.generator import LlamaGenerator
from rag.llama.models import FootnoteEmbedding, LlamaEmbedder
from rag.llama.retriever import FootnoteRetriever
from rag.llama.store import FootnoteVectorStore

__all__ = [
    "FootnoteEmbedding",
    "FootnoteQueryEngine",
    "FootnoteRetriever",
    "FootnoteVectorStore",
    "LlamaEmbedder",
    "LlamaGenerator",
    "filters_from",
]
