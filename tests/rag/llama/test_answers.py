"""Our passages and answers as LlamaIndex takes them."""

from __future__ import annotations

import asyncio

import pytest

from rag.errors import GenerationFailed
from rag.library.library import Library
from rag.types import Block, Box, Chunk, Document
from tests.rag.makers import put, shelve

pytest.importorskip("llama_index.core", reason="the llama extra is not installed")

from llama_index.core.base.response.schema import AsyncStreamingResponse, Response, StreamingResponse
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.schema import QueryBundle, TextNode
from llama_index.core.vector_stores.types import (
    MetadataFilter,
    MetadataFilters,
)

from rag.llama import (
    FootnoteQueryEngine,
    FootnoteRetriever,
    LlamaGenerator,
)
from tests.rag.llama.doors import BATS, OTTERS, ScriptedLLM, answerer_of, retriever_of


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
    assert node.metadata["scores"].keys() >= {"dense", "lexical"}
    assert found.score is not None
    assert 0 < found.score <= 1
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
    assert (claim["problems"], response.metadata["uncited"], response.metadata["disagreements"]) == ([], [], [])
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
