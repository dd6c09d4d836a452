"""What every Generator promises: a fake, the extractive one, an LLM of LlamaIndex's, one on a server, and one here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass

import pytest

from rag.models.extract import ExtractiveGenerator
from rag.models.generate import LocalGenerator
from rag.models.remote import RemoteGenerator
from rag.ports import Generator, Message, Prompt
from rag.types import Evidence, EvidenceSentence, Usage
from tests.fakes import FakeGenerator
from tests.rag.makers import make_passage
from tests.rag.models.llm_server import chunk, event, llm_server, stream
from tests.tiny_chat import build_saying_model

PIECES = ("the mat", " [1]", "脚注猫鱼三年")
SAID = "".join(PIECES)
MESSAGES = (Message("system", "answer the question"), Message("user", "the cat sat where"))
THREADS = 16
MOMENT = 10.0  # seconds, that a thread may take to see that it is not wanted any more


@dataclass(frozen=True)
class Case:
    generator: Generator
    said: str
    stopped: Callable[[], bool]  # whether nothing is written any more, now or in a moment


@pytest.fixture(scope="module", params=["fake", "extractive", "llama", "remote", "local"])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """To add one: a generator that answers the prompt below with a text with a mark and some Chinese in it."""
    if request.param == "fake":
        fake = FakeGenerator(*PIECES)
        yield Case(fake, SAID, lambda: fake.streams.none_within(0))
    elif request.param == "extractive":
        yield Case(ExtractiveGenerator(), "the mat 脚注 [1]", lambda: True)
    elif request.param == "llama":
        yield _of_llama_index()
    elif request.param == "remote":
        with llm_server() as server:
            server.scripts = [stream(*map(chunk, PIECES), chunk(end="stop"), event("[DONE]"))]
            remote = RemoteGenerator("tiny", base_url=server.address)
            yield Case(remote, SAID, lambda: server.streams.none_within(MOMENT))
            remote.close()
    else:
        folder = build_saying_model(tmp_path_factory.mktemp("models") / "says", *PIECES)
        local = LocalGenerator.find(str(folder), models=folder, device="cpu", max_tokens=64)
        yield Case(local, SAID, lambda: local.waiting == 0)
        local.close()


def _of_llama_index() -> Case:
    pytest.importorskip("llama_index.core")
    from rag.llama import LlamaGenerator
    from tests.rag.llama.counting import CountingLLM

    llm = CountingLLM(pieces=list(PIECES))
    return Case(LlamaGenerator(llm), SAID, lambda: llm.streams.none_within(MOMENT))


def prompt(messages: tuple[Message, ...] = MESSAGES) -> Prompt:
    sentence = EvidenceSentence(0, "the mat 脚注", 1.0, 0)
    return Prompt("where", "en", (make_passage("the mat 脚注"),), messages, Evidence(1.0, (sentence,)))


def drained(generator: Generator) -> tuple[str, Usage]:
    stream, text = generator.generate(prompt()), ""
    while True:
        try:
            piece = next(stream)
        except StopIteration as done:
            return text, done.value
        assert piece, "an empty piece says nothing"
        text += piece


def test_text_and_marks_pass_unchanged(case: Case) -> None:
    assert drained(case.generator)[0] == case.said


def test_the_same_prompt_gets_the_same_answer(case: Case) -> None:
    assert drained(case.generator) == drained(case.generator)


def test_usage_is_what_the_stream_returns(case: Case) -> None:
    usage = drained(case.generator)[1]
    assert isinstance(usage, Usage)
    assert usage.prompt_tokens >= 0
    assert usage.completion_tokens >= 0
    if usage.prompt_tokens:
        assert usage.completion_tokens
        assert usage.prompt_tokens == case.generator.count_tokens(MESSAGES)


def test_closing_the_stream_stops_the_work(case: Case) -> None:
    stream = case.generator.generate(prompt())
    assert case.said.startswith(next(stream))
    stream.close()
    assert case.stopped()
    assert next(stream, "nothing more") == "nothing more"
    assert drained(case.generator)[0] == case.said


def test_a_stream_that_nobody_reads_can_be_closed(case: Case) -> None:
    case.generator.generate(prompt()).close()
    assert case.stopped()


def test_streams_may_be_read_in_turns(case: Case) -> None:
    with closing(case.generator.generate(prompt())) as one, closing(case.generator.generate(prompt())) as other:
        first = next(one)
        assert "".join(other) == case.said
        assert first + "".join(one) == case.said


def test_many_threads_at_once_get_what_one_gets(case: Case) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(lambda _: drained(case.generator), range(2 * THREADS)))
    assert set(answers) == {drained(case.generator)}
    assert case.stopped()


def test_tokens_grow_with_the_text_where_messages_are_read(case: Case) -> None:
    generator = case.generator
    if generator.context_tokens is None:
        pytest.skip(f"{generator.name} reads no messages")
    few = generator.count_tokens(MESSAGES)
    for more in (Message("user", "the dog waits"), Message("assistant", "三年"), Message("system", "a door")):
        grown = (*MESSAGES, more)
        assert generator.count_tokens(grown) > few
    assert generator.count_tokens((Message("user", "the dog waits at the door " * 10),)) > few


def test_it_says_what_it_is_and_what_it_can_read(case: Case) -> None:
    assert case.generator.name
    assert case.generator.context_tokens is None or case.generator.context_tokens > 0


def test_a_writer_gets_the_same_text(case: Case) -> None:
    complete = getattr(case.generator, "complete", None)
    if complete is None:
        pytest.skip(f"{case.generator.name} writes nothing but answers")
    assert complete(MESSAGES, max_tokens=64) == case.said
    assert case.stopped()
