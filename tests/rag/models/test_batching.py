"""rag.models.batching: one batch for all, which no error, no cancelling and no death of its thread leaves hanging."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch

from rag.errors import GenerationFailed
from rag.models import batching
from rag.models.batching import Asked, Batcher, Step
from rag.models.causal import find_causal, load_causal
from tests.tiny_chat import END, WINDOW, build_tiny_chat_model

PROMPTS = [[5, 30 + number, 60 + number] for number in range(8)]
PATIENT = 60.0  # seconds: a test that waits so long has found something that hangs
LONG = 400  # tokens


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_chat_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def make(folder: Path) -> Callable[..., Batcher]:
    def making(**wanted: Any) -> Batcher:
        model = load_causal(find_causal(str(folder), models=folder, device="cpu"))
        return Batcher(model, "tiny", window_tokens=WINDOW, ends=[END], **wanted)

    return making


@pytest.fixture(scope="module")
def batcher(make: Callable[..., Batcher]) -> Batcher:
    """One for most tests: it outlives what is done to it."""
    return make()


@pytest.fixture(scope="module")
def narrow(make: Callable[..., Batcher]) -> Batcher:
    """One at a time."""
    return make(concurrent=1)


def written(asked: Asked) -> list[int]:
    while not (step := asked.take(PATIENT)).finished:
        pass
    return list(step.tokens)


def fail_once(monkeypatch: pytest.MonkeyPatch, model: Any, error: BaseException, *, at: int) -> None:
    """Let one forward pass fail, counted from 1: what a step is made of."""
    forward, passes = type(model).forward, iter(range(1, 1_000_000))

    def failing(self: Any, *arguments: Any, **named: Any) -> Any:
        if next(passes) == at:
            raise error
        return forward(self, *arguments, **named)

    monkeypatch.setattr(type(model), "forward", failing)


def test_each_step_tells_one_token_more(batcher: Batcher) -> None:
    asked = batcher.ask(PROMPTS[0], max_tokens=4)
    assert [len(asked.take(PATIENT).tokens) for _ in range(4)] == [1, 2, 3, 4]


def test_who_comes_later_joins_the_batch_and_who_is_done_leaves_it(batcher: Batcher) -> None:
    alone = [written(batcher.ask(prompt, max_tokens=20)) for prompt in PROMPTS[:2]]
    first = batcher.ask(PROMPTS[0], max_tokens=20)
    first.take(PATIENT)
    second = batcher.ask(PROMPTS[1], max_tokens=20)
    assert [written(first), written(second)] == alone
    assert batcher.waiting == 0


def test_a_long_prompt_is_read_in_steps_and_others_go_on_meanwhile(
    batcher: Batcher, make: Callable[..., Batcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    long = [5 + number % 100 for number in range(200)]
    whole = written(batcher.ask(long, max_tokens=10))
    monkeypatch.setitem(batching.STEP_TOKENS, "cpu", 32)
    hasty = make()
    running = hasty.ask(PROMPTS[0], max_tokens=LONG)
    assert written(hasty.ask(long, max_tokens=10)) == whole
    assert len(written(running)) == LONG


def test_the_same_beginning_of_two_prompts_changes_no_answer(batcher: Batcher, narrow: Batcher) -> None:
    rules = [5 + number % 50 for number in range(100)]
    apart = [written(narrow.ask([*rules, *prompt], max_tokens=10)) for prompt in reversed(PROMPTS[:2])][::-1]
    assert [written(batcher.ask([*rules, *prompt], max_tokens=10)) for prompt in PROMPTS[:2]] == apart


def test_a_closed_request_is_out_before_the_next_step(narrow: Batcher) -> None:
    asked = narrow.ask(PROMPTS[0], max_tokens=LONG)
    asked.take(PATIENT)
    asked.close()
    following = written(narrow.ask(PROMPTS[1], max_tokens=3))
    assert len(following) == 3
    assert narrow._manager.batch_processor.scheduler.active_requests == {}
    told = 1
    while True:
        try:
            told = len(asked.take(0).tokens)
        except queue.Empty:
            break
    assert told < LONG


def test_one_that_waits_can_be_closed_too(narrow: Batcher) -> None:
    running, waiting = (narrow.ask(prompt, max_tokens=LONG) for prompt in PROMPTS[:2])
    waiting.close()
    assert len(written(running)) == LONG
    assert len(written(narrow.ask(PROMPTS[2], max_tokens=3))) == 3


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried to ..."),
    ],
)
def test_out_of_memory_fails_the_batch_and_the_next_one_works(
    batcher: Batcher, monkeypatch: pytest.MonkeyPatch, error: RuntimeError
) -> None:
    wanted = written(batcher.ask(PROMPTS[0], max_tokens=10))
    fail_once(monkeypatch, batcher._model, error, at=5)
    all_of_them = [batcher.ask(prompt, max_tokens=LONG) for prompt in PROMPTS]
    for asked in all_of_them:
        with pytest.raises(GenerationFailed, match="tiny ran out of memory") as caught:
            written(asked)
        assert "llm.concurrent" in caught.value.hint
    assert written(batcher.ask(PROMPTS[0], max_tokens=10)) == wanted


@pytest.mark.parametrize("error", [ValueError("a bug"), SystemExit(3)])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_thread_fails_everybody_at_once_and_is_begun_anew(
    narrow: Batcher, monkeypatch: pytest.MonkeyPatch, error: BaseException, caplog: Any
) -> None:
    fail_once(monkeypatch, narrow._model, error, at=3)
    with caplog.at_level(logging.CRITICAL):
        all_of_them = [narrow.ask(prompt, max_tokens=LONG) for prompt in PROMPTS]
        for asked in all_of_them:
            with pytest.raises(GenerationFailed, match="tiny failed"):
                written(asked)
    assert len(written(narrow.ask(PROMPTS[0], max_tokens=10))) == 10


def test_many_who_ask_while_it_dies_get_an_answer_or_an_error_and_none_hangs(
    batcher: Batcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_once(monkeypatch, batcher._model, ValueError("a bug"), at=20)

    def ask(prompt: list[int]) -> int:
        try:
            return len(written(batcher.ask(prompt, max_tokens=10)))
        except GenerationFailed:
            return 0

    with ThreadPoolExecutor(len(PROMPTS)) as pool:
        lengths = list(pool.map(ask, PROMPTS * 8))
    assert set(lengths) == {0, 10}


def test_a_cache_that_cannot_be_had_fails_and_says_it_was_for_memory(
    make: Callable[..., Batcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    batcher = make()
    with monkeypatch.context() as patched:
        patched.setattr(batching, "_pages", lambda *_, **__: 10**9)
        with pytest.raises(GenerationFailed, match="out of memory"):
            written(batcher.ask(PROMPTS[0], max_tokens=1))
    assert len(written(batcher.ask(PROMPTS[0], max_tokens=1))) == 1


def test_closing_it_fails_who_waits_and_the_next_asker_begins_it_anew(narrow: Batcher) -> None:
    asked = narrow.ask(PROMPTS[0], max_tokens=LONG)
    asked.take(PATIENT)
    narrow.close()
    with pytest.raises(GenerationFailed):
        written(asked)
    assert len(written(narrow.ask(PROMPTS[0], max_tokens=3))) == 3


def test_a_cache_too_small_for_all_still_answers_all(
    batcher: Batcher, make: Callable[..., Batcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = [written(batcher.ask(prompt, max_tokens=100)) for prompt in PROMPTS]
    monkeypatch.setattr(batching, "_pages", lambda *_, **__: 6)  # of 32 tokens
    small = make()
    together = [small.ask(prompt, max_tokens=100) for prompt in PROMPTS]
    assert [written(asked) for asked in together] == alone


def test_its_threads_are_daemons(make: Callable[..., Batcher]) -> None:
    before = set(threading.enumerate())
    batcher = make()
    batcher.ask(PROMPTS[0], max_tokens=LONG).take(PATIENT)
    begun = set(threading.enumerate()) - before
    assert len(begun) == 2
    assert all(thread.daemon for thread in begun)


def test_the_cache_is_for_as_many_windows_as_may_be_asked_for_and_no_more_than_fits(
    make: Callable[..., Batcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    def tokens(window: int, concurrent: int, free: int) -> int:
        monkeypatch.setattr(batching, "_free_bytes", lambda device: free)
        pages = batching._pages(model.config, 4, "cpu", 256, window, concurrent=concurrent)
        return (pages - concurrent) * batching.PAGE_TOKENS

    model = make()._model
    assert tokens(1024, 4, 2**40) == 4096
    assert 1024 < tokens(1024, 64, 2**24) < 64 * 1024
    assert tokens(1024, 4, 0) == 1024  # less than one window would help nobody


def test_a_step_is_told_by_its_tokens() -> None:
    asked = Asked(lambda: None)
    asked.put(Step([1], finished=True))
    assert asked.take(0).tokens == [1]
    with pytest.raises(queue.Empty):
        asked.take(-1)
