"""Haystack's indexing and query pipelines as its tutorials have them. A program: see task.py.

Its defaults are kept: DocumentSplitter's 200 words without overlap, InMemoryDocumentStore, batches of 32. Its hybrid
tutorial ends in a cross-encoder, of which no weights are at hand and which no other system here gets; so the two
rankings are joined by reciprocal ranks, the joiner's mode for lists of unlike scores.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from haystack import Pipeline
from haystack.components.converters import TextFileToDocument
from haystack.components.joiners import DocumentJoiner
from haystack.components.preprocessors import DocumentSplitter, RecursiveDocumentSplitter
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.components.writers import DocumentWriter
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack.utils import ComponentDevice
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)

from eval.bench.peers.task import Task, run


class Haystack:
    """options: retrieval ("dense", "hybrid", "bm25"); split_characters, of a splitter that knows 。"""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._way = task.options.get("retrieval", "dense")
        self._store = InMemoryDocumentStore()
        device = ComponentDevice.from_str("cpu")
        self._of_documents = SentenceTransformersDocumentEmbedder(
            model=str(task.model), device=device, progress_bar=False
        )
        self._of_text = SentenceTransformersTextEmbedder(model=str(task.model), device=device, progress_bar=False)

    def load(self) -> None:
        """Nothing where no vector is asked for."""
        if self._way != "bm25":
            for embedder in (self._of_documents, self._of_text):
                embedder.warm_up()
            self._of_text.run("warm")

    def ingest(self) -> int:
        indexing = Pipeline()
        indexing.add_component("converter", TextFileToDocument())
        indexing.add_component("splitter", self._splitter())
        indexing.add_component("writer", DocumentWriter(document_store=self._store))
        indexing.connect("converter", "splitter")
        if self._way == "bm25":
            indexing.connect("splitter", "writer")
        else:
            indexing.add_component("embedder", self._of_documents)
            indexing.connect("splitter", "embedder")
            indexing.connect("embedder", "writer")
        indexing.run({"converter": {"sources": sorted(self._task.files.iterdir())}})
        self._querying, self._last = self._pipeline()
        return int(self._store.count_documents())

    def _splitter(self) -> Any:
        characters = self._task.options.get("split_characters")
        if characters is None:
            return DocumentSplitter()
        separators = ["\n\n", "\n", "。", "！", "？", "；", "，"]
        return RecursiveDocumentSplitter(split_length=characters, split_unit="char", separators=separators)

    def _pipeline(self) -> tuple[Pipeline, str]:
        """Return the pipeline, and the component that its documents come from."""
        querying, chunks = Pipeline(), self._task.chunks
        if self._way != "dense":
            querying.add_component("bm25", InMemoryBM25Retriever(document_store=self._store, top_k=chunks))
        if self._way != "bm25":
            querying.add_component("text", self._of_text)
            querying.add_component("dense", InMemoryEmbeddingRetriever(document_store=self._store, top_k=chunks))
            querying.connect("text.embedding", "dense.query_embedding")
        if self._way != "hybrid":
            return querying, self._way
        querying.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
        querying.connect("bm25", "joiner")
        querying.connect("dense", "joiner")
        return querying, "joiner"

    def ask(self, question: str) -> Any:
        given = {"bm25": {"query": question}, "text": {"text": question}}
        wanted = {"bm25": ["bm25"], "dense": ["text"], "hybrid": ["bm25", "text"]}[self._way]
        return self._querying.run({name: given[name] for name in wanted})[self._last]["documents"]

    def files_of(self, found: Any) -> list[str]:
        return [Path(one.meta["file_path"]).name for one in found]


if __name__ == "__main__":
    run(Haystack, ["haystack-ai", "sentence-transformers-haystack", "sentence-transformers", "torch"])
