"""LlamaIndex as its starter tutorial has it, and hybrid as its documents show. A program: see task.py.

Its defaults are kept: SentenceSplitter's 1,024 tokens with 200 of overlap, and VectorStoreIndex's own store, which is
SimpleVectorStore in memory. One knob is set as everybody's: batches of 32 texts, not its 10.
"""

from __future__ import annotations

from typing import Any

from llama_index.core import SimpleDirectoryReader, VectorStoreIndex
from llama_index.core.llms import MockLLM
from llama_index.core.retrievers import BaseRetriever, QueryFusionRetriever
from llama_index.core.retrievers.fusion_retriever import FUSION_MODES
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.retrievers.bm25 import BM25Retriever

from eval.bench.peers.task import Task, run

WORDS = r"(?u)\b\w\w+\b"  # the default of its BM25Retriever: of Chinese, a clause without punctuation is one word


class LlamaIndex:
    """options: path ("embedded", "left out"); retrieval ("dense", "hybrid", "bm25"); token_pattern, of BM25."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._embedding = HuggingFaceEmbedding(
            model_name=str(task.model), device="cpu", embed_batch_size=32, local_files_only=True
        )

    def load(self) -> None:
        self._embedding.get_text_embedding("warm")

    def ingest(self) -> int:
        documents = SimpleDirectoryReader(str(self._task.files)).load_data()
        if self._task.options.get("path") == "left out":
            for document in documents:
                document.excluded_embed_metadata_keys.append("file_path")
        index = VectorStoreIndex.from_documents(documents, embed_model=self._embedding)
        self._retriever = self._made(index)
        return len(index.docstore.docs)

    def _made(self, index: VectorStoreIndex) -> BaseRetriever:
        options, chunks = self._task.options, self._task.chunks
        way = options.get("retrieval", "dense")
        dense: BaseRetriever = index.as_retriever(similarity_top_k=chunks)
        if way == "dense":
            return dense
        lexical: BaseRetriever = BM25Retriever.from_defaults(
            nodes=list(index.docstore.docs.values()),
            similarity_top_k=chunks,
            token_pattern=options.get("token_pattern", WORDS),
        )
        if way == "bm25":
            return lexical
        # One query: none are made up, which would need a language model. It asks for one all the same.
        return QueryFusionRetriever(
            [dense, lexical],
            llm=MockLLM(),
            mode=FUSION_MODES.RECIPROCAL_RANK,
            num_queries=1,
            similarity_top_k=chunks,
            use_async=False,
        )

    def ask(self, question: str) -> Any:
        return self._retriever.retrieve(question)

    def files_of(self, found: Any) -> list[str]:
        return [one.node.metadata["file_name"] for one in found]


if __name__ == "__main__":
    run(LlamaIndex, ["llama-index-core", "llama-index-retrievers-bm25", "sentence-transformers", "torch"])
