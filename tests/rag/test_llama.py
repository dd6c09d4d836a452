"""rag.llama: LlamaIndex's own classes over our parts, and ours over its models."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer import Answerer
from rag.errors import GenerationFailed, InvalidRequest, ModelError
from rag.filters import Filters
from rag.library.library import Library, Manifest
from rag.models.extract import ExtractiveGenerator
from rag.ports import Message, Prompt
from rag.retrieve import Retriever
from rag.types import Block, Box, Chunk, Document, Evidence, Span
from tests.rag.makers import EMBEDDER, put, shelve

pytest.importorskip("llama_index.core", reason="the llama extra is not installed")

from llama_index.core import Document as LlamaDocument
from llama_index.core import VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.base.llms.types import CompletionResponse, LLMMetadata
from llama_index.core.base.response.schema import AsyncStreamingResponse, Response, StreamingResponse
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.llms import CustomLLM, MockLLM
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.schema import IndexNode, NodeRelationship, QueryBundle, RelatedNodeInfo, TextNode
from llama_index.core.storage.docstore import SimpleDocumentStore
from llama_index.core.vector_stores import SimpleVectorStore
from llama_index.core.vector_stores.types import (
    FilterCondition,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
    VectorStoreQueryMode,
)

from rag.llama import (
    FootnoteQueryEngine,
    FootnoteRetriever,
    FootnoteVectorStore,
    LlamaEmbedder,
    LlamaGenerator,
    filters_from,
)
from rag.llama.filters import passing
from rag.llama.layout import Piece, laid_out

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


@pytest.fixture
def embedding() -> HashEmbedding:
    return HashEmbedding()


@pytest.fixture
def store(shelf: Library) -> FootnoteVectorStore:
    return FootnoteVectorStore(shelf)


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


# --- our retriever and answers, for LlamaIndex


def test_passages_are_nodes_with_their_places(shelf: Library) -> None:
    document = shelve(shelf, OTTERS, "otters.txt", title="Otters")
    retriever = FootnoteRetriever(retriever_of(shelf))
    [found] = retriever.retrieve("crabs and clams of otters")
    [again] = retriever.retrieve(QueryBundle("crabs and clams of otters"))
    node = found.node
    assert isinstance(node, TextNode)
    assert document.text[node.start_char_idx : node.end_char_idx] == node.text == OTTERS
    assert node.node_id == again.node.node_id == f"{document.id}:0-{len(OTTERS)}"
    assert node.ref_doc_id == document.id
    assert (node.metadata["title"], node.metadata["source"], node.metadata["version"]) == ("Otters", "otters.txt", 1)
    assert node.metadata["scores"].keys() == {"dense", "lexical"}
    assert found.score == 1.0
    assert "otters.txt" in node.get_content("llm")  # type: ignore[arg-type]
    assert "scores" not in node.get_content("llm")  # type: ignore[arg-type]


def test_what_stands_elsewhere_too_says_so(shelf: Library) -> None:
    text = "Otters hold hands while they sleep on the water, so that none of them drifts away from its raft at night."
    shelve(shelf, text, "a.txt")
    shelve(shelf, text, "b.txt")
    [found] = FootnoteRetriever(retriever_of(shelf)).retrieve("otters hold hands")
    assert {found.node.metadata["source"], *found.node.metadata["also_at"]} == {"a.txt", "b.txt"}


def test_a_query_engine_of_theirs_works_over_our_retriever(shelf: Library) -> None:
    shelve(shelf, OTTERS, "otters.txt")
    shelve(shelf, BATS, "bats.txt")
    llm = ScriptedLLM(words="They eat crabs.")
    engine = RetrieverQueryEngine.from_args(FootnoteRetriever(retriever_of(shelf), similarity_top_k=1), llm=llm)
    response = engine.query("crabs and clams of otters")
    assert str(response) == "They eat crabs."
    assert [node.metadata["source"] for node in response.source_nodes] == ["otters.txt"]
    assert str(asyncio.run(engine.aquery("crabs and clams of otters"))) == "They eat crabs."
    echo = RetrieverQueryEngine.from_args(FootnoteRetriever(retriever_of(shelf)), llm=MockLLM())
    assert "They eat crabs and clams." in str(echo.query("crabs and clams of otters"))


def test_filters_limit_what_is_searched(shelf: Library) -> None:
    shelve(shelf, OTTERS, "otters.txt")
    bats = shelve(shelf, BATS, "bats.txt")
    filters = MetadataFilters(filters=[MetadataFilter(key="document_id", value=bats.id)])
    found = FootnoteRetriever(retriever_of(shelf), filters=filters).retrieve("who sleeps")
    assert {node.metadata["source"] for node in found} == {"bats.txt"}
    engine = FootnoteQueryEngine(answerer_of(shelf), filters=filters)
    response = engine.query("who sleeps where")
    assert {node.metadata["source"] for node in response.source_nodes} == {"bats.txt"}


def test_the_source_nodes_of_an_answer_are_its_citations(shelf: Library) -> None:
    document = shelve(shelf, OTTERS, "otters.txt", title="Otters")
    engine = FootnoteQueryEngine(answerer_of(shelf))
    response = engine.query("What do otters eat?")
    assert isinstance(response, Response)
    assert "[1]" in str(response)
    [found, *_] = response.source_nodes
    node = found.node
    assert isinstance(node, TextNode)
    assert node.text == document.text[node.start_char_idx : node.end_char_idx] == "They eat crabs and clams."
    about = node.metadata
    assert (about["mark"], about["status"], about["source"], about["version"]) == (1, "verified", "otters.txt", 1)
    [claim, *_] = about["claims"]
    assert "crabs" in str(response)[claim["start"] : claim["end"]]
    assert found.score is not None
    assert 0 < found.score <= 1
    assert response.metadata is not None
    assert (response.metadata["refused"], response.metadata["model"]) == (False, "extractive")
    assert response.metadata["passages"][0]["text"] in OTTERS
    assert "They eat crabs" in response.get_formatted_sources()


def test_boxes_and_pages_come_with_a_citation(shelf: Library) -> None:
    text = "Otters eat crabs."
    block = Block(0, len(text), box=Box(3, 72, 90, 500, 104))
    put(shelf, Document("d", "d", "d.pdf", "application/pdf", text, (block,)), [Chunk(0, "d", 0, len(text))])
    [found] = FootnoteQueryEngine(answerer_of(shelf)).query("What do otters eat?").source_nodes
    assert found.metadata["page"] == 3
    assert found.metadata["boxes"] == [{"page": 3, "x0": 72, "y0": 90, "x1": 500, "y1": 104}]
    [passage] = FootnoteRetriever(retriever_of(shelf)).retrieve("otters")
    assert passage.metadata["page"] == 3


def test_a_refusal_says_so_and_cites_nothing(shelf: Library) -> None:
    response = FootnoteQueryEngine(answerer_of(shelf)).query("What do otters eat?")
    assert isinstance(response, Response)
    assert response.source_nodes == []
    assert response.metadata is not None
    assert (response.metadata["refused"], response.metadata["reason"]) == (True, "empty_library")
    shelve(shelf, OTTERS, "otters.txt")
    response = FootnoteQueryEngine(answerer_of(shelf, min_confidence=1.0)).query("What do zebras eat?")
    assert response.metadata is not None
    assert response.metadata["refused"]
    assert response.metadata["passages"]


def test_a_streamed_answer_is_the_same_answer(shelf: Library) -> None:
    shelve(shelf, OTTERS, "otters.txt")
    plain = FootnoteQueryEngine(answerer_of(shelf)).query("What do otters eat?")
    engine = FootnoteQueryEngine(answerer_of(shelf), streaming=True)
    streamed = engine.query("What do otters eat?")
    assert isinstance(streamed, StreamingResponse)
    assert "".join(streamed.response_gen) == str(plain)
    assert [node.node_id for node in streamed.source_nodes] == [node.node_id for node in plain.source_nodes] != []
    assert streamed.metadata is not None
    assert streamed.metadata["refused"] is False

    async def slowly() -> tuple[str, AsyncStreamingResponse]:
        response = await engine.aquery("What do otters eat?")
        assert isinstance(response, AsyncStreamingResponse)
        return "".join([piece async for piece in response.async_response_gen()]), response

    text, response = asyncio.run(slowly())
    assert text == str(plain)
    assert [node.text for node in response.source_nodes] == [node.text for node in plain.source_nodes]
    assert str(asyncio.run(FootnoteQueryEngine(answerer_of(shelf)).aquery("What do otters eat?"))) == str(plain)


def test_a_stream_that_is_closed_stops_the_model(shelf: Library) -> None:
    shelve(shelf, OTTERS, "otters.txt")
    llm = ScriptedLLM(words="They eat crabs. " * 50)
    engine = FootnoteQueryEngine(answerer_of(shelf, LlamaGenerator(llm)), streaming=True)
    response = engine.query("What do otters eat?")
    assert isinstance(response, StreamingResponse)
    assert next(iter(response.response_gen))
    response.response_gen.close()
    assert 0 < llm.given < 60


def test_a_model_that_fails_ends_the_stream_with_its_error(shelf: Library) -> None:
    shelve(shelf, OTTERS, "otters.txt")
    model = LlamaGenerator(ScriptedLLM(words="They eat crabs. " * 5, fails_after=30))
    streamed = FootnoteQueryEngine(answerer_of(shelf, model), streaming=True).query("What do otters eat?")
    assert isinstance(streamed, StreamingResponse)
    with pytest.raises(GenerationFailed, match="the line is dead"):
        list(streamed.response_gen)
    with pytest.raises(GenerationFailed, match="ConnectionError"):
        FootnoteQueryEngine(answerer_of(shelf, model)).query("What do otters eat?")


# --- LlamaIndex's models, for us


def test_an_llm_of_theirs_writes_our_answers(shelf: Library) -> None:
    shelve(shelf, OTTERS, "otters.txt")
    model = LlamaGenerator(ScriptedLLM(words="They eat crabs and clams [1]. Zebras too [9]."))
    answer = answerer_of(shelf, model).answer("What do otters eat?")
    assert answer.text == "They eat crabs and clams [1]. Zebras too."
    assert answer.model == "scripted"
    assert [citation.quote for citation in answer.citations] == ["They eat crabs and clams"]
    assert LlamaGenerator(MockLLM()).name == "MockLLM"


def test_an_llm_of_theirs_completes_messages_up_to_a_limit() -> None:
    llm = ScriptedLLM(words="one two three " * 100)
    messages = [Message("system", "Count."), Message("user", "to three")]
    assert LlamaGenerator(llm).complete(messages, max_tokens=1000) == llm.words
    llm.given = 0
    assert LlamaGenerator(llm).complete(messages, max_tokens=5) == llm.words[:20]
    assert llm.given < 30
    spoken = LlamaGenerator(MockLLM()).complete(messages, max_tokens=100)
    assert "system: Count." in spoken
    assert "user: to three" in spoken


def test_a_generator_hands_on_the_messages_as_they_are() -> None:
    prompt = Prompt("q", "en", (), (Message("system", "Rules."), Message("user", "Ask.")), Evidence(0.0, ()))
    spoken = "".join(LlamaGenerator(MockLLM()).generate(prompt))
    assert spoken.index("system: Rules.") < spoken.index("user: Ask.")


def test_an_embedding_of_theirs_embeds_for_us(embedding: HashEmbedding, tmp_path: Path) -> None:
    embedder = LlamaEmbedder(embedding, languages=["en", "zh"])
    assert (embedder.name, embedder.dimension, sorted(embedder.languages)) == ("hash", 64, ["en", "zh"])
    assert np.allclose(embedder.embed_passages([OTTERS, BATS]), EMBEDDER.embed_passages([OTTERS, BATS]), atol=1e-6)
    assert np.allclose(embedder.embed_queries(["otters"]), EMBEDDER.embed_queries(["otters"]), atol=1e-6)
    assert embedder.embed_passages([]).shape == (0, 64)
    other = HashEmbedding(model_name="another")
    assert LlamaEmbedder(other, languages="*").fingerprint != embedder.fingerprint
    assert LlamaEmbedder(HashEmbedding(embed_batch_size=3), languages="*").fingerprint == embedder.fingerprint
    manifest = Manifest(embedder.name, embedder.fingerprint, embedder.dimension)
    with Library.open(tmp_path / "library", manifest) as library:
        shelve(library, OTTERS, "otters.txt")
        retriever = Retriever(library, embedder, candidates=50, keep=1, budget_characters=1000)
        assert retriever.retrieve("crabs")[0].scores.keys() == {"dense", "lexical"}


def test_a_vector_without_direction_is_an_error() -> None:
    class Nowhere(HashEmbedding):
        number: float = 0.0

        def _get_text_embedding(self, text: str) -> list[float]:
            return [self.number] * 8

    for number in (0.0, float("nan")):
        with pytest.raises(ModelError, match="vector 0"):
            LlamaEmbedder(Nowhere(number=number), languages="*").embed_passages(["a"])


@given(st.text())
def test_token_starts_rise_and_lie_in_the_text(text: str) -> None:
    starts = list(LlamaEmbedder(HashEmbedding(), languages="*").token_starts(text))
    assert starts == sorted(set(starts))
    assert all(0 <= start < len(text) for start in starts)
    assert len(starts) >= len(text.split())


def test_each_character_of_chinese_counts_as_a_token() -> None:
    starts = LlamaEmbedder(HashEmbedding(), languages="*").token_starts("水獭睡觉，holding hands")
    assert list(starts) == [0, 1, 2, 3, 4, 5, 9, 13, 17]


# --- a library as their vector store


def documents_of(*texts: str) -> list[LlamaDocument]:
    return [
        LlamaDocument(id_=f"doc{number}", text=text, metadata={"file_name": f"{number}.txt", "year": 2000 + number})
        for number, text in enumerate(texts)
    ]


def test_a_pipeline_of_theirs_writes_into_a_library_and_their_index_asks_it(
    shelf: Library, store: FootnoteVectorStore, embedding: HashEmbedding
) -> None:
    otters, bats = (" ".join(f"{text} Number {number}." for number in range(20)) for text in (OTTERS, BATS))
    pipeline = IngestionPipeline(
        transformations=[SentenceSplitter(chunk_size=60, chunk_overlap=15), embedding], vector_store=store
    )
    nodes = pipeline.run(documents=documents_of(otters, bats))
    assert len(nodes) > 10
    assert len(shelf) == len(nodes)
    assert shelf.count_documents() == 2
    assert shelf.verify() == []
    index = VectorStoreIndex.from_vector_store(store, embed_model=embedding)
    found = index.as_retriever(similarity_top_k=5).retrieve("moths by echo at night")
    assert len(found) == 5
    given = {node.node_id: node for node in nodes}
    for one in found:
        node = given[one.node.node_id]
        assert one.node.metadata["file_name"] == "1.txt"
        assert one.node.get_content() == node.get_content()
        assert (one.node.ref_doc_id, one.node.metadata) == (node.ref_doc_id, node.metadata)
        assert one.node.relationships == node.relationships
    scores = [one.score or 0.0 for one in found]
    assert scores == sorted(scores, reverse=True)
    best = embedding.get_text_embedding(found[0].node.get_content("embed"))  # type: ignore[arg-type]
    query = embedding.get_query_embedding("moths by echo at night")
    assert scores[0] == pytest.approx(np.dot(best, query) / 9, abs=1e-3)
    assert [one.node.node_id for one in asyncio.run(index.as_retriever(similarity_top_k=5).aretrieve("moths"))]
    engine = index.as_query_engine(llm=MockLLM(), similarity_top_k=1)
    assert "echo" in str(engine.query("moths by echo at night"))
    hybrid = index.as_retriever(vector_store_query_mode="hybrid", similarity_top_k=3, alpha=0.3)
    assert len(hybrid.retrieve("moths by echo")) == 3


def test_the_documents_that_came_by_a_pipeline_are_answered_from_with_footnotes(
    shelf: Library, store: FootnoteVectorStore, embedding: HashEmbedding
) -> None:
    text = " ".join(f"Otter {number} eats crab number {number}." for number in range(40))
    splitter = SentenceSplitter(chunk_size=40, chunk_overlap=10)
    IngestionPipeline(transformations=[splitter, embedding], vector_store=store).run(documents=documents_of(text))
    [row] = shelf.documents(limit=5)
    assert shelf.document(row.id).text == text
    assert (row.source, row.title) == ("0.txt", "0.txt")
    [citation, *_] = answerer_of(shelf).answer("What does otter 17 eat?").citations
    assert citation.quote == "Otter 17 eats crab number 17."
    assert text[citation.span.start : citation.span.end] == citation.quote


def test_a_document_is_deleted_and_the_ids_of_the_others_still_mean_their_nodes(
    shelf: Library, store: FootnoteVectorStore, embedding: HashEmbedding
) -> None:
    index = VectorStoreIndex.from_vector_store(store, embed_model=embedding)
    for document in documents_of(OTTERS, BATS, "Storks nest on chimneys."):
        index.insert(document)
    index.delete_ref_doc("doc0")
    assert "0.txt" not in {row.source for row in shelf.documents(limit=9)}
    index.insert(LlamaDocument(id_="new", text="Owls turn their heads.", metadata={"file_name": "owls.txt"}))
    for text, name in ((BATS, "1.txt"), ("Storks nest on chimneys", "2.txt"), ("Owls turn heads", "owls.txt")):
        [found] = index.as_retriever(similarity_top_k=1).retrieve(text)
        assert found.node.metadata["file_name"] == name
    everything = index.as_retriever(similarity_top_k=9).retrieve("otters hold hands")
    assert sorted(one.node.metadata["file_name"] for one in everything) == ["1.txt", "2.txt", "owls.txt"]
    assert shelf.verify() == []


def test_an_upserting_pipeline_replaces_what_has_changed(
    shelf: Library, store: FootnoteVectorStore, embedding: HashEmbedding
) -> None:
    pipeline = IngestionPipeline(
        transformations=[SentenceSplitter(), embedding], vector_store=store, docstore=SimpleDocumentStore()
    )
    pipeline.run(documents=documents_of(OTTERS, BATS))
    changed = documents_of("Otters hold paws.", BATS)
    assert len(pipeline.run(documents=changed)) == 1
    assert sorted(node.get_content() for node in store.get_nodes()) == [BATS, "Otters hold paws."]
    assert shelf.count_documents() == 2


def test_what_is_added_later_joins_its_document(shelf: Library, store: FootnoteVectorStore) -> None:
    assert store.add([node_of("Otters sleep.", "a", "d"), node_of("Bats fly.", "b", "d")]) == ["a", "b"]
    store.add([node_of("Storks nest.", "c", "d"), node_of("Bats hang.", "b", "d")])
    assert shelf.count_documents() == 1
    assert {node.node_id: node.get_content() for node in store.get_nodes()} == {
        "a": "Otters sleep.",
        "b": "Bats hang.",
        "c": "Storks nest.",
    }
    assert asked(store, "otters sleep", 1) == ["a"]
    store.add([node_of("Otters sleep.", "a", "elsewhere")])
    assert shelf.count_documents() == 2
    assert sorted(node.node_id for node in store.get_nodes()) == ["a", "b", "c"]
    [again] = store.get_nodes(["a"])
    assert again.ref_doc_id == "elsewhere"


def test_nodes_go_by_their_ids_or_their_metadata(shelf: Library, store: FootnoteVectorStore) -> None:
    nodes = [node_of(f"Otter {n} sleeps.", f"n{n}", "d" if n < 4 else "", year=2000 + n) for n in range(6)]
    store.add(nodes)
    store.delete_nodes(["n1", "nobody"])
    assert sorted(node.node_id for node in store.get_nodes()) == ["n0", "n2", "n3", "n4", "n5"]
    late = MetadataFilters(filters=[MetadataFilter(key="year", value=2003, operator=FilterOperator.GTE)])
    assert sorted(node.node_id for node in store.get_nodes(filters=late)) == ["n3", "n4", "n5"]
    store.delete_nodes(filters=late)
    assert sorted(node.node_id for node in store.get_nodes()) == ["n0", "n2"]
    assert len(asked(store, "otter sleeps", 9)) == 2
    store.delete_nodes(["n0", "n2"])
    assert shelf.count_documents() == len(shelf) == 0
    with pytest.raises(InvalidRequest):
        store.delete_nodes()


def test_a_store_is_cleared_of_what_was_added_to_it_alone(shelf: Library, store: FootnoteVectorStore) -> None:
    shelve(shelf, OTTERS, "otters.txt")
    store.add([node_of("Bats fly.", "b")])
    store.clear()
    assert [row.source for row in shelf.documents(limit=9)] == ["otters.txt"]
    assert len(asked(store, "bats fly", 9)) == 3
    store.delete("nobody")
    store.persist("nowhere")


def test_documents_that_footnote_ingested_are_nodes_too(shelf: Library, store: FootnoteVectorStore) -> None:
    document = shelve(shelf, OTTERS, "otters.txt", title="Otters")
    query = VectorStoreQuery(HashEmbedding().get_query_embedding("crabs and clams"), 1)
    result = store.query(query)
    assert result.nodes is not None
    [node] = result.nodes
    assert isinstance(node, TextNode)
    assert node.text == "They eat crabs and clams." == OTTERS[node.start_char_idx : node.end_char_idx]
    assert (node.ref_doc_id, node.metadata["source"]) == (document.id, "otters.txt")
    store.add([node_of("Crabs and clams are food.", "c", "menu", source="menu")])
    only = MetadataFilters(filters=[MetadataFilter(key="source", value="otters.txt")])
    assert all(name.startswith(document.id) for name in asked(store, "crabs and clams", 9, filters=only))
    assert asked(store, "crabs and clams", 9, doc_ids=["menu"]) == ["c"]
    assert len(asked(store, "crabs and clams", 9, doc_ids=[document.id, "menu"])) == 4
    store.delete(document.id)
    assert asked(store, "crabs and clams", 9) == ["c"]


def test_another_store_sees_what_was_written(shelf: Library, store: FootnoteVectorStore) -> None:
    other = FootnoteVectorStore(shelf)
    assert other.get_nodes() == []
    store.add([node_of("Bats fly.", "b", "d")])
    assert [node.node_id for node in other.get_nodes()] == ["b"]
    store.delete("d")
    assert other.get_nodes() == []
    assert asked(other, "bats fly") == []


def test_modes_of_a_query(store: FootnoteVectorStore) -> None:
    store.add([node_of("Otters eat crabs.", "a"), node_of("Otters eat crabs!", "b"), node_of("Bats fly.", "c")])
    assert asked(store, "bats", 1, mode=VectorStoreQueryMode.TEXT_SEARCH) == ["c"]
    assert asked(store, "bats", 1, mode=VectorStoreQueryMode.SPARSE) == ["c"]
    assert asked(store, "otters eat", 2, mode=VectorStoreQueryMode.HYBRID) == ["a", "b"]
    assert set(asked(store, "otters eat", 2, mode=VectorStoreQueryMode.MMR, mmr_threshold=0.3)) == {"a", "c"}
    assert set(asked(store, "otters eat", 2, mode=VectorStoreQueryMode.MMR, mmr_threshold=1.0)) == {"a", "b"}
    with pytest.raises(InvalidRequest, match="svm"):
        asked(store, "otters", mode=VectorStoreQueryMode.SVM)
    with pytest.raises(InvalidRequest, match="embedding"):
        store.query(VectorStoreQuery(None, 1))
    with pytest.raises(InvalidRequest, match="words"):
        store.query(VectorStoreQuery(None, 1, mode=VectorStoreQueryMode.TEXT_SEARCH))


def test_the_nodes_a_query_is_limited_to(store: FootnoteVectorStore) -> None:
    store.add([node_of(f"Otter {n} sleeps.", f"n{n}", f"d{n % 2}") for n in range(6)])
    assert sorted(asked(store, "otter", 9, node_ids=["n1", "n4"])) == ["n1", "n4"]
    assert sorted(asked(store, "otter", 9, node_ids=["n1", "n4"], doc_ids=["d1"])) == ["n1"]
    assert sorted(asked(store, "otter", 9, doc_ids=["d1"])) == ["n1", "n3", "n5"]
    assert len(asked(store, "otter", 9, node_ids=[], doc_ids=[])) == 6
    assert asked(store, "otter", 9, doc_ids=["nobody"]) == []


CASES = [
    MetadataFilters(filters=[MetadataFilter(key="kind", value="bat")]),
    MetadataFilters(filters=[MetadataFilter(key="kind", value="bat", operator=FilterOperator.NE)]),
    MetadataFilters(filters=[MetadataFilter(key="year", value=2003, operator=FilterOperator.LT)]),
    MetadataFilters(filters=[MetadataFilter(key="kind", value=["bat", "owl"], operator=FilterOperator.IN)]),
    MetadataFilters(filters=[MetadataFilter(key="tags", value="wet", operator=FilterOperator.CONTAINS)]),
    MetadataFilters(
        filters=[
            MetadataFilter(key="kind", value="bat"),
            MetadataFilter(key="year", value=2003, operator=FilterOperator.GT),
        ],
        condition=FilterCondition.OR,
    ),
    MetadataFilters(filters=[MetadataFilter(key="kind", value="owl")], condition=FilterCondition.NOT),
]


@pytest.mark.parametrize("filters", CASES)
@pytest.mark.parametrize("k", [2, 20])
def test_a_filtered_query_gives_what_their_own_store_gives(
    store: FootnoteVectorStore, filters: MetadataFilters, k: int
) -> None:
    kinds = ("otter", "bat", "owl")
    nodes = [
        node_of(
            f"{kinds[n % 3]} {n} sleeps", f"n{n}", f"d{n % 4}", kind=kinds[n % 3], year=2000 + n, tags=["wet"] * (n % 2)
        )
        for n in range(9)
    ]
    theirs = SimpleVectorStore()
    theirs.add(nodes)
    store.add(nodes)
    query = VectorStoreQuery(HashEmbedding().get_query_embedding("owl 5 sleeps"), k, filters=filters)
    # Equals may come in any order, so it is their scores that are compared.
    ours, expected = store.query(query), theirs.query(query)
    assert ours.similarities == pytest.approx(expected.similarities, abs=1e-3)
    if k == 20:
        assert set(ours.ids or ()) == set(expected.ids or ())


def test_filters_within_filters_are_understood(store: FootnoteVectorStore) -> None:
    either = MetadataFilters(
        filters=[MetadataFilter(key="kind", value="bat"), MetadataFilter(key="kind", value="owl")],
        condition=FilterCondition.OR,
    )
    late = MetadataFilter(key="year", value=2004, operator=FilterOperator.GTE)
    passes = passing(MetadataFilters(filters=[either, late]))
    assert [passes({"kind": kind, "year": year}) for kind in ("bat", "otter") for year in (2003, 2004)] == [
        False,
        True,
        False,
        False,
    ]
    with pytest.raises(InvalidRequest, match="year"):
        passes({"kind": "bat", "year": "unknown"})


def test_other_kinds_of_nodes_come_back_as_they_were(store: FootnoteVectorStore) -> None:
    node = IndexNode(id_="i", text="See the otters.", index_id="otters", embedding=[1.0] * 64)
    store.add([node])
    [again] = store.get_nodes(["i"])
    assert isinstance(again, IndexNode)
    assert (again.index_id, again.text) == ("otters", "See the otters.")


def test_a_node_without_text_or_embedding_is_refused(store: FootnoteVectorStore) -> None:
    with pytest.raises(InvalidRequest, match="empty"):
        store.add([TextNode(id_="empty", text="", embedding=[1.0] * 64)])
    with pytest.raises(ValueError, match="embedding"):
        store.add([TextNode(id_="bare", text="Otters.")])
    assert store.get_nodes() == []


def test_the_asynchronous_ways_do_the_same(store: FootnoteVectorStore) -> None:
    async def all_of_it() -> AsyncIterator[list[str]]:
        await store.async_add([node_of("Otters sleep.", "a", "d"), node_of("Bats fly.", "b", "e")])
        query = VectorStoreQuery(HashEmbedding().get_query_embedding("otters sleep"), 1)
        yield list((await store.aquery(query)).ids or ())
        await store.adelete("d")
        yield [node.node_id for node in await store.aget_nodes()]
        await store.adelete_nodes(["b"])
        yield [node.node_id for node in await store.aget_nodes()]
        await store.async_add([node_of("Otters sleep.", "a", "d")])
        await store.aclear()
        yield [node.node_id for node in await store.aget_nodes()]

    async def gathered() -> list[list[str]]:
        return [one async for one in all_of_it()]

    assert asyncio.run(gathered()) == [["a"], ["b"], [], []]


# --- the text that nodes are slices of


def test_offsets_that_can_be_are_kept() -> None:
    text = "One two three four.  Five six."
    spans = [Span(0, 13), Span(8, 19), Span(21, 30)]
    assert laid_out([Piece(span.of(text), span) for span in spans]) == ("One two three four.\n\nFive six.", spans)


@pytest.mark.parametrize(
    "claims",
    [
        [Span(0, 4), Span(2, 6)],  # they disagree about what stands there
        [Span(0, 4), Span(0, 4)],  # one of two that look alike was found in the other's place
        [Span(0, 5), Span(5, 9)],  # a length that is not its text's
        [Span(0, 4), None],
        [Span(0, 4), Span(10**9, 10**9 + 4)],
    ],
)
def test_where_offsets_cannot_be_the_nodes_stand_one_after_another(claims: Sequence[Span | None]) -> None:
    pieces = [Piece(text, claim) for text, claim in zip(("abcd", "abXd"), claims, strict=True)]
    assert laid_out(pieces) == ("abcd\n\nabXd", [Span(0, 4), Span(6, 10)])


@given(st.text(min_size=1, max_size=60), st.data())
def test_every_node_is_the_slice_at_its_place(text: str, data: st.DataObject) -> None:
    starts = st.integers(0, len(text) - 1)
    pieces = []
    for start in data.draw(st.lists(starts, min_size=1, max_size=8)):
        end = data.draw(st.integers(start + 1, len(text)))
        shift = data.draw(st.sampled_from([0, 0, 0, 1]))  # as by a splitter that found it in another place
        pieces.append(Piece(text[start:end], Span(start + shift, end + shift)))
    whole, spans = laid_out(pieces)
    assert [span.of(whole) for span in spans] == [piece.text for piece in pieces]
    assert len(set(spans)) == len(spans)


# --- filters as ours


def one(key: str, value: Any, operator: FilterOperator = FilterOperator.EQ) -> MetadataFilter:
    return MetadataFilter(key=key, value=value, operator=operator)


def test_filters_that_have_a_counterpart_become_ours() -> None:
    assert filters_from(Filters(tags=("a",))) == Filters(tags=("a",))
    assert filters_from(MetadataFilters(filters=[])) == Filters()
    found = filters_from(
        MetadataFilters(
            filters=[
                one("doc_id", ["a", "b"], FilterOperator.IN),
                one("source", "policies/"),
                one("file_type", "application/pdf"),
                one("language", "zh"),
                one("tags", ["x", "y"], FilterOperator.ANY),
                one("date", "2026-01-02", FilterOperator.GTE),
                one("date", "2026-03-01", FilterOperator.LT),
            ]
        )
    )
    assert found == Filters(
        document_ids=("a", "b"),
        sources=("policies/",),
        types=("application/pdf",),
        languages=("zh",),
        tags=("x", "y"),
        after=date(2026, 1, 2),
        before=date(2026, 2, 28),
    )
    either = MetadataFilters(filters=[one("tag", "x"), one("tag", "y")], condition=FilterCondition.OR)
    assert filters_from(either) == Filters(tags=("x", "y"))


@pytest.mark.parametrize(
    "filters",
    [
        MetadataFilters(filters=[one("author", "Mei")]),
        MetadataFilters(filters=[one("tag", "x", FilterOperator.NE)]),
        MetadataFilters(filters=[one("tag", 3)]),
        MetadataFilters(filters=[one("tag", "x"), one("tag", "y")]),
        MetadataFilters(filters=[one("tag", "x")], condition=FilterCondition.NOT),
        MetadataFilters(filters=[one("tag", "x"), one("source", "y")], condition=FilterCondition.OR),
        MetadataFilters(filters=[MetadataFilters(filters=[one("tag", "x")])]),
        MetadataFilters(filters=[one("date", "soon")]),
        MetadataFilters(filters=[one("date", "2026-01-01", FilterOperator.IN)]),
    ],
)
def test_filters_that_have_none_are_refused(filters: MetadataFilters) -> None:
    with pytest.raises(InvalidRequest) as caught:
        filters_from(filters)
    assert caught.value.hint
