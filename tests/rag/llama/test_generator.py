"""An LLM of LlamaIndex's as our generator: in its time, with its usage; and made from an import path."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from types import SimpleNamespace
from typing import Any

import pytest

from rag.errors import GenerationFailed, Misconfigured
from rag.ports import Message, Prompt
from rag.types import Evidence, Usage

pytest.importorskip("llama_index.core", reason="the llama extra is not installed")

from llama_index.core.base.llms.types import ChatMessage, ChatResponse, CompletionResponse, LLMMetadata
from llama_index.core.llms import CustomLLM, MockLLM

from rag.llama.generator import LlamaGenerator, usage_of
from rag.llama.load import find_llm, load_llm
from tests.rag.llama.doors import ScriptedLLM

WAIT_SECONDS = 20.0
MESSAGES = (Message("system", "Rules."), Message("user", "Ask."))
PROMPT = Prompt("q", "en", (), MESSAGES, Evidence(0.0, ()))
KEY = "sk-very-secret"


class StuckLLM(CustomLLM):
    """Says a word, and then nothing until it is released."""

    words: tuple[str, ...] = ("Otters",)
    released: Any = None
    closed: Any = None

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name="stuck", context_window=1000, num_output=200)

    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        raise NotImplementedError

    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> Iterator[CompletionResponse]:  # type: ignore[override]
        try:
            for word in self.words:
                yield CompletionResponse(text=word, delta=word)
            self.released.wait(WAIT_SECONDS)
        finally:
            self.closed.set()


class LooseLLM(MockLLM):
    """Takes whatever it is given, as many integrations do."""

    def __init__(self, model: str, **kwargs: Any) -> None:
        if kwargs.get("temperature") == "hot":
            raise ValueError(f"no such temperature for {kwargs['api_key']}")
        super().__init__()


class WholeLLM(MockLLM):
    """Answers in one piece."""

    def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> Any:
        raise NotImplementedError

    def chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        return ChatResponse(message=ChatMessage(role="assistant", content="Otters eat crabs."))


HERE = __name__


def fields(**named: Any) -> ChatResponse:
    return ChatResponse(message=ChatMessage(content=""), **named)


def test_its_room_is_what_it_says_of_itself_unless_it_is_set() -> None:
    llm = StuckLLM()
    assert LlamaGenerator(llm).context_tokens == 800
    assert LlamaGenerator(llm, context_tokens=4000).context_tokens == 3800


@pytest.mark.parametrize(
    ("words", "limits", "shown", "said"),
    [
        ((), {"first_token_seconds": 0.1}, "", "no word of an answer for 0.1 s"),
        (("Otters",), {"first_token_seconds": 0.1}, "Otters", "fell silent in the middle"),
        (("Otters",), {"deadline_seconds": 0.1}, "Otters", "not whole after 0.1 s"),
    ],
)
def test_an_llm_that_is_stuck_is_given_up(
    words: tuple[str, ...], limits: dict[str, Any], shown: str, said: str
) -> None:
    llm = StuckLLM(words=words, released=threading.Event(), closed=threading.Event())
    pieces: list[str] = []
    with pytest.raises(GenerationFailed, match=said) as caught:
        pieces.extend(LlamaGenerator(llm, **limits).generate(PROMPT))
    assert "".join(pieces) == shown
    assert caught.value.hint
    llm.released.set()
    assert llm.closed.wait(WAIT_SECONDS)


def test_closing_the_stream_closes_that_of_the_llm() -> None:
    llm = StuckLLM(words=("a", "b", "c"), released=threading.Event(), closed=threading.Event())
    with closing(LlamaGenerator(llm).generate(PROMPT)) as pieces:
        assert next(pieces) == "a"
    assert llm.closed.wait(WAIT_SECONDS)


def test_an_llm_that_fails_in_the_middle_is_named() -> None:
    pieces: list[str] = []
    with pytest.raises(GenerationFailed, match="scripted failed: ConnectionError: the line is dead"):
        pieces.extend(LlamaGenerator(ScriptedLLM(words="one two three", fails_after=6)).generate(PROMPT))
    assert "".join(pieces) == "one tw"


def test_one_that_does_not_stream_answers_all_the_same() -> None:
    assert "".join(LlamaGenerator(WholeLLM(max_tokens=9)).generate(PROMPT)) == "Otters eat crabs."


@pytest.mark.parametrize(
    "response",
    [
        fields(additional_kwargs={"prompt_tokens": 11, "completion_tokens": 3}),
        fields(raw={"usage": {"input_tokens": 11, "output_tokens": 3}}),
        fields(raw={"prompt_eval_count": 11, "eval_count": 3}),
        fields(raw=SimpleNamespace(usage=SimpleNamespace(prompt_tokens=11, completion_tokens=3))),
    ],
)
def test_usage_is_what_the_llm_says(response: ChatResponse) -> None:
    assert usage_of(response) == Usage(11, 3)


def test_usage_is_estimated_where_the_llm_does_not_say() -> None:
    assert usage_of(fields(raw={"usage": None})) is None
    stream = LlamaGenerator(ScriptedLLM(words="one two")).generate(PROMPT)
    used = None
    try:
        while True:
            next(stream)
    except StopIteration as done:
        used = done.value
    assert used is not None
    assert used.prompt_tokens > 16
    assert 2 <= used.completion_tokens <= 4


@pytest.mark.parametrize("path", ["llama_index.core.llms:MockLLM", "llama_index.core.llms.MockLLM"])
def test_an_llm_is_made_from_its_path_and_options(path: str) -> None:
    llm = load_llm(path, {"max_tokens": 5})
    assert isinstance(llm, MockLLM)
    assert llm.max_tokens == 5


@pytest.mark.parametrize(
    ("path", "said", "hint"),
    [
        ("llama_index.llms.nowhere:Nowhere", "cannot be imported", "pip install llama-index-llms-nowhere"),
        ("no_such_package.llms:Model", "cannot be imported", "pip install no-such-package"),
        ("llama_index.core.llms:MockLM", "there is no MockLM in llama_index.core.llms", "package.module:Class"),
        ("pathlib:Path", "is no LLM", "llama_index.llms.ollama:Ollama"),
        ("pathlib:os", "is no LLM", "llama_index.llms.ollama:Ollama"),
        (":Model", "cannot be imported", "the package that it is in"),
    ],
)
def test_a_path_that_leads_to_no_llm_is_told(path: str, said: str, hint: str) -> None:
    with pytest.raises(Misconfigured, match=said) as caught:
        find_llm(path)
    assert hint in caught.value.hint


def test_an_option_that_it_does_not_take_is_named_with_the_nearest() -> None:
    with pytest.raises(Misconfigured, match="MockLLM takes no max_token") as caught:
        load_llm("llama_index.core.llms:MockLLM", {"max_token": 5})
    assert caught.value.hint == "did you mean max_tokens?"
    with pytest.raises(Misconfigured, match="ScriptedLLM takes no wordz") as caught:
        load_llm("tests.rag.llama.doors:ScriptedLLM", {"wordz": "x"})
    assert caught.value.hint == "did you mean words?"


def test_one_that_takes_anything_is_given_it_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert load_llm(f"{HERE}:LooseLLM", {"model": "m", "temprature": 1})
    assert "may not know temprature" in caplog.text


def test_what_it_cannot_be_made_of_is_told_without_the_key() -> None:
    for options in (
        {"model": "m", "temperature": "hot", "api_key": KEY},
        {"temperature": 1, "api_key": KEY},
    ):
        with pytest.raises(Misconfigured, match="LooseLLM cannot be made") as caught:
            load_llm(f"{HERE}:LooseLLM", options)
        assert KEY not in str(caught.value)
    with pytest.raises(Misconfigured, match="words: ") as caught:
        load_llm("tests.rag.llama.doors:ScriptedLLM", {"words": {"secret": KEY}})
    assert KEY not in str(caught.value)
