"""Many askers share one model: transformers' continuous batching, and what it leaves to its caller.

A request joins the batch at the next step and leaves it when it is done; nobody waits for a batch to be full. Knows
tokens only; nothing of text, and nothing of time but how long an asker is ready to wait.

What transformers 5.23 does was tried on a CPU, and what this makes of it is held by tests/rag/models/test_batching.py:

- It runs with sdpa attention, and with eager, for which it puts its own paged|eager; each asker's tokens come one by
  one. Its sdpa looks at every asker's tokens for each, so that on a processor rag/models/paged.py stands for it.
- Its threads are no daemons unless the thread that starts them is one: so it is started from ours, and a process
  that is done is not kept waiting.
- A cancelled request leaves the batch before the next step, and nothing more is said of it.
- Results come through one queue in no asker's order, which one thread empties here, and hands each to who asked.
- An error in a step (out of memory, say) fails every request and ends its thread. Requests that come later are dropped
  with a line in the log; so the manager is thrown away with its cache, and the next asker gets a new one.
- Left to itself it takes six tenths of a machine's memory for its cache, and a mask as wide as that.
"""

from __future__ import annotations

import atexit
import itertools
import logging
import os
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from transformers import ContinuousBatchingConfig, GenerationConfig

from rag.errors import GenerationFailed
from rag.models.paged import look_back_on_a_processor

log = logging.getLogger(__name__)

PAGE_TOKENS = 32  # what is the same at the beginning of two prompts is read once, page by page
STEP_TOKENS = {"cpu": 256, "cuda": 2048}  # of prompts read in one step, which the others' next tokens wait for
MEMORY_SHARE = {"cpu": 0.25, "cuda": 0.7}  # of the memory that is free, for what the model remembers of its prompts
POLL_SECONDS = 0.1  # between looks at whether its thread is alive; no result waits for it
CLOSE_SECONDS = 5.0
NO_END = -1  # what transformers calls the end of a text that has none
MEMORY_HINT = "lower llm.concurrent, llm.context_tokens or retrieve.budget_characters, or take a smaller model"
OTHER_HINT = "ask again; if it fails each time, see whether the model answers by itself"
_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "memory footprint")


@dataclass(frozen=True, slots=True)
class Step:
    tokens: Sequence[int]  # all that are written so far
    finished: bool


class Asked:
    """One request in the batch. Closing it takes it out before the next step."""

    def __init__(self, leave: Callable[[], None]) -> None:
        self._leave = leave
        self._results: queue.SimpleQueue[Step | GenerationFailed] = queue.SimpleQueue()
        self._over = False

    def put(self, result: Step | GenerationFailed) -> None:
        self._results.put(result)

    def take(self, seconds: float) -> Step:
        """Raises queue.Empty when the time is over, GenerationFailed."""
        result = self._results.get(timeout=max(seconds, 0.0))
        if isinstance(result, GenerationFailed):
            self._over = True
            raise result
        self._over = result.finished
        return result

    def close(self) -> None:
        if not self._over:
            self._over = True
            self._leave()


class Batcher:
    """A model that many threads ask at once. It begins to run when it is first asked."""

    def __init__(
        self,
        model: Any,
        name: str,
        *,
        window_tokens: int,
        concurrent: int = 16,
        ends: Sequence[int] = (),
        temperature: float = 0.0,
        top_p: float = 1.0,
    ) -> None:
        """window_tokens: that a prompt and its answer may have together. ends: tokens that end an answer."""
        look_back_on_a_processor(model)
        self._model = model
        self._name = name
        self._window_tokens = window_tokens
        self._concurrent = concurrent
        self.ends = tuple(ends)
        self._sampling = (temperature, top_p) if temperature > 0 else None
        self._manager: Any = None
        self._asked: dict[str, Asked] = {}
        self._keys = itertools.count()
        self._turn = threading.Lock()
        atexit.register(self._leave_the_process)

    def ask(self, tokens: Sequence[int], *, max_tokens: int, seed: int = 0) -> Asked:
        """Put a prompt into the batch. Raises GenerationFailed where none can be begun."""
        more = {"seed": seed} if self._sampling is not None else {}
        with self._turn:
            for _ in range(2):  # the second time with a new manager, where the first was found dead
                manager = self._manager if self._manager is not None else self._begin()
                key = str(next(self._keys))
                asked = self._asked[key] = Asked(partial(self._leave, manager, key))
                if manager.add_request(list(tokens), key, max_tokens, streaming=True, **more) is not None:
                    return asked
                self._bury(manager)
        raise GenerationFailed(f"{self._name} takes no requests", hint=OTHER_HINT)

    @property
    def waiting(self) -> int:
        """Requests that are in the batch, or wait for a place in it."""
        return len(self._asked)

    def close(self) -> None:
        """Stop; whoever still waits gets GenerationFailed. An asker that comes later starts it anew."""
        manager = self._manager
        if manager is not None and manager.is_running():
            manager.stop(block=True, timeout=CLOSE_SECONDS, hard_stop=True)

    def _leave_the_process(self) -> None:
        """Stop a step that is under way: a process that ends in the middle of one may crash. Waiting does no harm."""
        processor = self._manager.batch_processor if self._manager is not None else None
        if self._asked or (processor is not None and processor.has_pending_requests()):
            self.close()

    def _leave(self, manager: Any, key: str) -> None:
        if self._asked.pop(key, None) is not None:
            manager.cancel_request(key)

    def _begin(self) -> Any:
        sampling = None
        if self._sampling is not None:
            from rag.models.sampling import seeded_sampling

            sampling = seeded_sampling(*self._sampling)
        try:
            # A config of our own: the model's would bring its authors' temperature and penalties.
            manager = self._model.init_continuous_batching(
                GenerationConfig(  # type: ignore[no-untyped-call]
                    do_sample=False, eos_token_id=list(self.ends) or [NO_END], pad_token_id=0
                ),
                self._config(),
            )
        except (RuntimeError, ValueError, AttributeError, KeyError) as error:
            raise self._failure(f"{type(error).__name__}: {error}") from error
        if sampling is not None:
            manager.logit_processor = sampling
        self._manager = manager
        threading.Thread(target=self._serve, args=(manager,), name=f"answers of {self._name}", daemon=True).start()
        return manager

    def _config(self) -> ContinuousBatchingConfig:
        device = self._model.device.type
        step_tokens = max(STEP_TOKENS.get(device, STEP_TOKENS["cuda"]), self._concurrent)
        config = self._model.config.get_text_config()
        pages = _pages(
            config, self._model.dtype.itemsize, device, step_tokens, self._window_tokens, concurrent=self._concurrent
        )
        return ContinuousBatchingConfig(
            page_size=PAGE_TOKENS,
            num_blocks=pages,
            max_batch_tokens=step_tokens,
            max_requests_per_batch=self._concurrent,
            auto_switch_to_flash=False,  # it may fetch kernels from a hub, which is code
            use_cuda_graph=False,
            use_async_batching=False,
        )

    def _serve(self, manager: Any) -> None:
        """Hand each result to who asked for it, until the manager's thread ends."""
        manager.start()
        while manager.is_running():
            result = manager.get_result(timeout=POLL_SECONDS)
            if result is not None:
                self._hand_over(result)
        with self._turn:
            self._bury(manager)

    def _bury(self, manager: Any) -> None:
        """Let go of a manager that has ended. Nobody who asked it is left waiting."""
        if self._manager is not manager:
            return
        while (result := manager.get_result(timeout=0)) is not None:
            self._hand_over(result)
        fatal = manager.background_thread_status.fatal_error
        told = f"{type(fatal).__name__}: {fatal}" if fatal is not None else "it was stopped"
        for asked in list(self._asked.values()):
            asked.put(self._failure(told))
        self._asked, self._manager = {}, None
        if fatal is not None:
            log.warning("%s: its batch has ended, and the next asker starts another: %s", self._name, told)
            manager.stop()  # frees its cache, and gives the model its own attention back

    def _hand_over(self, result: Any) -> None:
        asked = self._asked.get(result.request_id)
        if asked is None:  # it was closed a moment ago
            return
        if result.error is not None:
            asked.put(self._failure(str(result.error)))
        else:
            asked.put(Step(result.generated_tokens, result.is_finished()))
        if result.is_finished():
            self._asked.pop(result.request_id, None)

    def _failure(self, told: str) -> GenerationFailed:
        for_memory = any(sign in told.lower() for sign in _MEMORY)
        return GenerationFailed(
            f"{self._name} {'ran out of memory' if for_memory else 'failed'}: {told}",
            hint=MEMORY_HINT if for_memory else OTHER_HINT,
        )


def _pages(config: Any, item_bytes: int, device: str, step_tokens: int, window_tokens: int, *, concurrent: int) -> int:
    """Return how many pages are kept: for as many whole windows as may be asked for, but for one at the least.

    More are not taken than fit the free memory's share; who comes then waits, or is read again.
    """
    heads = config.num_attention_heads
    key_heads = getattr(config, "num_key_value_heads", None) or heads
    width = getattr(config, "head_dim", None) or config.hidden_size // heads
    kept = 2 * config.num_hidden_layers * key_heads * width * item_bytes
    read = (2 * heads + key_heads) * width * item_bytes  # of one layer at a time, for all heads
    masked = step_tokens * item_bytes
    fitting = int(_free_bytes(device) * MEMORY_SHARE.get(device, MEMORY_SHARE["cuda"])) // (kept + read + masked)
    tokens: int = max(window_tokens, min(concurrent * window_tokens, fitting))
    return -(-tokens // PAGE_TOKENS) + concurrent  # the last page of each is not full


def _free_bytes(device: str) -> int:
    if device == "cuda":
        return int(torch.cuda.mem_get_info()[0])
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
