"""A library as a vector store of LlamaIndex's, written to by its pipelines and asked by its indexes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from rag.errors import InvalidRequest, NotFound
from rag.library.library import DocumentRow, Library
from tests.rag.makers import shelve

pytest.importorskip("llama_index.core", reason="the llama extra is not installed")

from llama_index.core import Document as LlamaDocument
from llama_index.core import VectorStoreIndex
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.llms import MockLLM
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.schema import IndexNode, TextNode
from llama_index.core.storage.docstore import SimpleDocumentStore
from llama_index.core.vector_stores.types import (
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
    VectorStoreQueryMode,
)

from rag.llama import FootnoteVectorStore
from tests.rag.llama.doors import BATS, OTTERS, HashEmbedding, answerer_of, asked, node_of


@pytest.fixture
def embedding() -> HashEmbedding:
    return HashEmbedding()


@pytest.fixture
def store(shelf: Library) -> FootnoteVectorStore:
    return FootnoteVectorStore(shelf)


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


def test_many_may_write_and_ask_at_once(shelf: Library, store: FootnoteVectorStore) -> None:
    def write(number: int) -> None:
        store.add([node_of(f"Otter {number} sleeps.", f"n{number}", f"d{number % 3}", year=number)])
        if number % 4 == 0:
            store.delete_nodes([f"n{number}"])

    def ask(number: int) -> None:
        odd = MetadataFilters(filters=[MetadataFilter(key="year", value=number)])
        assert set(asked(store, f"Otter {number} sleeps.", 3, filters=odd)) <= {f"n{number}"}
        store.get_nodes()

    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(work, number) for number in range(16) for work in (write, ask)]
        for one in done:
            one.result()
    assert sorted(node.node_id for node in store.get_nodes()) == sorted(f"n{n}" for n in range(16) if n % 4)
    assert shelf.count_documents() == 3
    assert shelf.verify() == []


def test_a_document_removed_while_all_are_looked_through_hides_none_of_the_others(
    shelf: Library, store: FootnoteVectorStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [shelve(shelf, f"Otter {number} sleeps.", f"{number}.txt").id for number in range(3)]
    listed, turns = shelf.documents, iter(range(10))

    def documents(*, limit: int, after: str | None = None) -> list[DocumentRow]:
        if after is not None and next(turns) == 1:
            raise NotFound(f"no document {after} to go on from")
        return listed(limit=limit, after=after)

    monkeypatch.setattr("rag.llama.store.PAGE", 1)
    monkeypatch.setattr(shelf, "documents", documents)
    filters = MetadataFilters(filters=[MetadataFilter(key="mime", value="text/plain")])
    query = VectorStoreQuery(
        query_str="otter", mode=VectorStoreQueryMode.TEXT_SEARCH, filters=filters, similarity_top_k=9
    )
    found = store.query(query).nodes or []
    assert sorted(str(node.ref_doc_id) for node in found) == sorted(ids)
