"""LlamaIndex's models behind our ports."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import ModelError
from rag.library.library import Library, Manifest
from rag.ports import Message, Prompt
from rag.retrieve import Retriever
from rag.types import Evidence
from tests.rag.makers import EMBEDDER, shelve

pytest.importorskip("llama_index.core", reason="the llama extra is not installed")

from llama_index.core.llms import MockLLM

from rag.llama import (
    FootnoteEmbedding,
    LlamaEmbedder,
    LlamaGenerator,
)
from tests.rag.llama.doors import BATS, OTTERS, HashEmbedding, ScriptedLLM, answerer_of


@pytest.fixture
def embedding() -> HashEmbedding:
    return HashEmbedding()


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
        assert retriever.retrieve("crabs")[0].scores.keys() >= {"dense", "lexical"}


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


def test_our_embedder_embeds_for_them() -> None:
    ours = FootnoteEmbedding(EMBEDDER)
    assert ours.model_name == "hash"
    assert np.allclose(ours.get_text_embedding_batch([OTTERS, BATS]), EMBEDDER.embed_passages([OTTERS, BATS]))
    assert np.allclose(ours.get_query_embedding(BATS), EMBEDDER.embed_queries([BATS])[0])
    assert np.allclose(asyncio.run(ours.aget_query_embedding(BATS)), EMBEDDER.embed_queries([BATS])[0])
    assert np.allclose(asyncio.run(ours.aget_text_embedding(OTTERS)), EMBEDDER.embed_passages([OTTERS])[0])
