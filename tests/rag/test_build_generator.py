"""rag.build: which generator the settings name, and that there is one of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from rag.build import build_answerer, build_generator, build_language_model, build_retriever, open_library
from rag.config import AnswerSettings, LlmSettings, Settings
from rag.errors import Misconfigured, ModelNotFound
from rag.models.extract import ExtractiveGenerator
from rag.models.remote import RemoteGenerator
from rag.types import Delta, Failed
from tests.rag.makers import EMBEDDER, shelve
from tests.rag.models.llm_server import die_after, llm_server, say, words

LINE = "Otters hold hands while they sleep."


def settings_of(data: Path, generator: str, **llm: Any) -> Settings:
    answer = AnswerSettings(generator=generator, min_confidence=0.0)
    return Settings(data=data, answer=answer, llm=LlmSettings(**llm))


def test_without_a_language_model_the_documents_own_sentences_answer(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "extractive", model="ignored")
    assert isinstance(build_generator(settings), ExtractiveGenerator)
    assert build_language_model(settings) is None


def test_a_server_answers_and_writes_where_it_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with llm_server() as server:
        server.scripts = [say("Otters hold hands while they sleep [1].")]
        settings = settings_of(
            tmp_path / "data", "openai", model="tiny", base_url=server.address, api_key=SecretStr("sk-1"), max_tokens=9
        )
        with open_library(settings, embedder=EMBEDDER) as library:
            shelve(library, LINE, "otters.txt")
            answer = build_answerer(settings, library, EMBEDDER).answer("What do otters do while they sleep?")
            assert (answer.model, answer.text) == ("tiny", "Otters hold hands while they sleep [1].")
            assert [citation.quote for citation in answer.citations]
            assert server.asked[0]["max_tokens"] == 9
            assert server.heads[0]["authorization"] == "Bearer sk-1"
            server.asked.clear()
            server.scripts = [say("Do otters hold hands while they sleep?")]
            retriever = build_retriever(settings, library, EMBEDDER)
            retriever.run("And when they sleep?", earlier=["What do otters do while they are awake?"])
            assert "otters" in str(server.asked[0]["messages"])
        model = build_language_model(settings)
        assert isinstance(model, RemoteGenerator)
        model.close()


def test_there_is_one_for_all_who_ask(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "openai", model="one", base_url="http://127.0.0.1:9/v1", options={"top_k": [1]})
    again = settings_of(tmp_path, "openai", model="one", base_url="http://127.0.0.1:9/v1", options={"top_k": [1]})
    with ThreadPoolExecutor(8) as pool:
        built = set(map(id, pool.map(build_generator, [settings, again] * 8)))
    assert len(built) == 1
    other = settings_of(tmp_path, "openai", model="two", base_url="http://127.0.0.1:9/v1")
    assert build_generator(other).name == "two"


@pytest.mark.parametrize(
    ("generator", "llm", "said", "hint"),
    [
        ("openai", {"base_url": "http://127.0.0.1:9/v1"}, "llm.model is not set", "the server's name for it"),
        ("openai", {"model": "m"}, "llm.base_url is not set", "http://127.0.0.1:11434/v1"),
        ("openai", {"model": "m", "base_url": "here"}, "llm.base_url is no address", "http://"),
        ("transformers", {}, "llm.model is not set", "the folder of a causal language model"),
        ("transformer", {}, "'transformer' is not known", "did you mean transformers?"),
        ("OpenAI", {}, "'OpenAI' is not known", "did you mean openai?"),
        ("oracle", {}, "'oracle' is not known", "import path"),
        ("ollama", {}, "OpenAI-compatible", "set answer.generator to openai"),
        ("llama.cpp", {}, "OpenAI-compatible", "set answer.generator to openai"),
    ],
)
def test_what_is_missing_or_unknown_is_told_with_what_to_do(
    tmp_path: Path, generator: str, llm: dict[str, Any], said: str, hint: str
) -> None:
    with pytest.raises(Misconfigured, match=said) as caught:
        build_generator(settings_of(tmp_path, generator, **llm))
    assert hint in caught.value.hint


def test_weights_that_are_nowhere_are_named_before_any_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(ModelNotFound, match="no-such-llm"):
        build_generator(settings_of(tmp_path, "transformers", model="no-such-llm"))


def test_an_llm_of_llama_indexs_is_made_from_its_path(tmp_path: Path) -> None:
    pytest.importorskip("llama_index.core", reason="the llama extra is not installed")
    settings = settings_of(
        tmp_path, "llama_index.core.llms:MockLLM", options={"max_tokens": 5}, context_tokens=2000, deadline_seconds=9
    )
    model = build_generator(settings)
    assert model.name == "MockLLM"
    assert model.context_tokens == 2000 - 5
    with pytest.raises(Misconfigured, match="cannot be imported") as caught:
        build_generator(settings_of(tmp_path, "llama_index.llms.nowhere:Nowhere"))
    assert "pip install llama-index-llms-nowhere" in caught.value.hint


def test_a_server_that_dies_in_the_middle_ends_the_answer_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with llm_server() as server:
        server.scripts = [die_after(*words("Otters hold hands while they sleep [1]. They"))]
        settings = settings_of(tmp_path / "data", "openai", model="tiny", base_url=server.address)
        with open_library(settings, embedder=EMBEDDER) as library:
            shelve(library, LINE, "otters.txt")
            answerer = build_answerer(settings, library, EMBEDDER)
            *shown, last = answerer.ask("What do otters do while they sleep?")
            assert "".join(event.text for event in shown if isinstance(event, Delta)).startswith("Otters hold hands")
            assert isinstance(last, Failed)
            assert last.error == "GenerationFailed"
            assert "cut off in the middle" in last.detail
            assert server.address in last.detail
            assert last.hint
            server.scripts = [say("Otters hold hands while they sleep [1].")]
            assert answerer.answer("What do otters do while they sleep?").text.endswith("[1].")
        model = build_language_model(settings)
        assert isinstance(model, RemoteGenerator)
        model.close()
