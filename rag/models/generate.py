"""Answer with any causal language model that transformers can load, in this process, found by name or folder.

Its files are looked at when it is found; torch, the tokenizer and the weights are loaded when first wanted. Many
askers share the model in one batch (rag/models/batching.py). Knows nothing of passages or of marks.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Generator as Stream
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import GenerationFailed, Misconfigured, ModelError
from rag.models.causal import CausalCard, DType, Quantisation, find_causal, load_causal
from rag.models.pieces import Detokeniser, Stops
from rag.ports import Message, Prompt
from rag.types import Usage

if TYPE_CHECKING:
    from rag.models.batching import Asked, Batcher
    from rag.models.chat import Chat

log = logging.getLogger(__name__)

LEAST_PROMPT_TOKENS = 64  # less holds no question with a passage
TRIED_SECONDS = 600.0  # that the first step after loading may take
ELSEWHERE = "another server may run it (vLLM, llama.cpp, Ollama): set answer.generator to openai"


@dataclass(frozen=True, slots=True)
class Manner:
    """How answers are written; the settings of `llm` say what each means."""

    max_tokens: int = 512
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    stop: tuple[str, ...] = ()
    concurrent: int = 16
    deadline_seconds: float = 120.0
    first_token_seconds: float = 60.0


class LocalGenerator:
    """Implements ports.Generator and ports.Writer. May be used from many threads at once."""

    def __init__(self, card: CausalCard, manner: Manner = Manner(), *, context_tokens: int | None = None) -> None:
        """context_tokens: of prompt and answer, where that is less than the model was made for.

        Raises Misconfigured where an answer would leave no room for a question.
        """
        self.name = card.name
        self.folder = card.folder
        self._card = card
        self._manner = manner
        self._window = min(card.window_tokens, context_tokens or card.window_tokens)
        if self._window < manner.max_tokens + LEAST_PROMPT_TOKENS:
            raise Misconfigured(
                f"{card.name} has a window of {self._window} tokens, and an answer of {manner.max_tokens} leaves no "
                "room in it for a question and its passages",
                hint="lower llm.max_tokens" if self._window > 2 * LEAST_PROMPT_TOKENS else "take another model",
            )
        self._chat: Chat | None = None
        self._batcher: Batcher | None = None
        self._reading = threading.Lock()
        self._loading = threading.Lock()

    @classmethod
    def find(
        cls,
        name: str,
        *,
        models: Path,
        device: str = "auto",
        dtype: DType = "auto",
        quantisation: Quantisation = "none",
        adapter: str | None = None,
        context_tokens: int | None = None,
        max_tokens: int = 512,
        temperature: float = 0.0,
        top_p: float = 1.0,
        seed: int = 0,
        stop: Sequence[str] = (),
        concurrent: int = 16,
        deadline_seconds: float = 120.0,
        first_token_seconds: float = 60.0,
    ) -> LocalGenerator:
        """Find a causal language model by name or folder, and look whether it is one. models: weights brought by hand.

        Raises ModelNotFound, ModelMismatch, ModelError, Misconfigured.
        """
        card = find_causal(name, models=models, device=device, dtype=dtype, quantisation=quantisation, adapter=adapter)
        manner = Manner(
            max_tokens, temperature, top_p, seed, tuple(stop), concurrent, deadline_seconds, first_token_seconds
        )
        return cls(card, manner, context_tokens=context_tokens)

    @property
    def context_tokens(self) -> int:
        """Tokens that the messages may have: the model's window less an answer."""
        return self._window - self._manner.max_tokens

    @property
    def waiting(self) -> int:
        """Askers whose answers are being written, or wait for their turn."""
        return self._batcher.waiting if self._batcher is not None else 0

    def load(self) -> None:
        """Make ready, which may take minutes the first time. Raises ModelError, Misconfigured."""
        self._ready()

    def close(self) -> None:
        """Stop the batch; whoever still waits for an answer gets GenerationFailed."""
        if self._batcher is not None:
            self._batcher.close()

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Return the tokens of the messages as the model gets them. Raises ModelError."""
        return len(self.encode(messages))

    def encode(self, messages: Sequence[Message]) -> list[int]:
        """Return the tokens that the model gets. Raises ModelError."""
        return self._read().encode(messages)

    def generate(self, prompt: Prompt) -> Stream[str, None, Usage]:
        """Yield the answer as it is written. Closing it takes it out of the batch.

        Raises GenerationFailed, also in the middle; ModelError, Misconfigured where the model cannot be loaded.
        """
        return self._written(prompt.messages, self._manner.max_tokens)

    def complete(self, messages: Sequence[Message], *, max_tokens: int) -> str:
        """Return what the model writes. Raises as generate does."""
        return "".join(self._written(messages, max_tokens))

    def _written(self, messages: Sequence[Message], max_tokens: int) -> Stream[str, None, Usage]:
        batcher, chat = self._ready()
        prompt = chat.encode(messages)
        room = self._window - len(prompt)
        if room < 1:
            raise GenerationFailed(
                f"the prompt has {len(prompt)} tokens, and {self.name} has a window of {self._window}",
                hint="lower retrieve.budget_characters or retrieve.keep",
            )
        text, stops = Detokeniser(chat.decode), Stops((*self._manner.stop, *chat.stops))
        asked = batcher.ask(prompt, max_tokens=min(max_tokens, room), seed=self._manner.seed)
        began, written = time.monotonic(), 0
        try:
            while not stops.met:
                step = self._next(asked, began, written)
                new = step.tokens[written:]
                written = len(step.tokens)
                # The end's own token is no text, though a tokenizer may not know it for a special one.
                piece = stops.feed(text.feed([token for token in new if token not in batcher.ends]))
                if step.finished:
                    piece += stops.feed(text.close()) + stops.close()
                if piece:
                    yield piece
                if step.finished:
                    break
        finally:
            asked.close()
        return Usage(len(prompt), written)

    def _next(self, asked: Asked, began: float, written: int) -> Any:
        """Wait for the next step as long as the settings allow. Raises GenerationFailed."""
        whole, first = self._manner.deadline_seconds, self._manner.first_token_seconds
        seconds = whole if written else min(first, whole)
        try:
            return asked.take(began + seconds - time.monotonic())
        except queue.Empty:
            if written:
                message = f"{self.name} did not end its answer within {whole:g} s: it wrote {written} tokens"
                hint = "lower llm.max_tokens, raise llm.deadline_seconds, or take a smaller model"
            else:
                message = f"{self.name} did not begin its answer within {seconds:g} s"
                hint = "raise llm.first_token_seconds, lower retrieve.budget_characters, or take a smaller model"
            raise GenerationFailed(message, hint=hint) from None

    def _read(self) -> Chat:
        """Return the tokenizer, which is there long before the weights are."""
        with self._reading:
            if self._chat is None:
                from rag.models.chat import load_chat

                chat = load_chat(self.name, self.folder)
                if not chat.has_template:
                    log.warning(
                        "%s has no chat template, and gets a plain one: it may be a base model, which goes on with a "
                        "text rather than answering",
                        self.name,
                    )
                self._chat = chat
            return self._chat

    def _ready(self) -> tuple[Batcher, Chat]:
        chat = self._read()
        with self._loading:
            if self._batcher is None:
                self._batcher = self._loaded(chat)
            return self._batcher, chat

    def _loaded(self, chat: Chat) -> Batcher:
        """Load the weights, and write one token to see that the model can be batched. Raises ModelError."""
        from rag.models.batching import Batcher

        model = load_causal(self._card)
        known = model.get_input_embeddings().num_embeddings
        if chat.size > known:
            raise ModelError(
                f"{self.folder}: its tokenizer has {chat.size} tokens, and the model knows {known}",
                hint="bring the model's folder anew: the tokenizer is another model's",
            )
        if not model._supports_attention_backend:
            raise ModelError(f"{self.name}: transformers cannot batch a {type(model).__name__}", hint=ELSEWHERE)
        batcher = Batcher(
            model,
            self.name,
            window_tokens=self._window,
            concurrent=self._manner.concurrent,
            ends=_ends(model, chat),
            temperature=self._manner.temperature,
            top_p=self._manner.top_p,
        )
        try:
            batcher.ask(chat.encode([Message("user", "?")]), max_tokens=1).take(TRIED_SECONDS)
        except (GenerationFailed, queue.Empty) as error:
            hint = getattr(error, "hint", "")
            raise ModelError(
                f"{self.name} cannot be run: {error or 'its first token did not come'}", hint=hint or ELSEWHERE
            ) from error
        return batcher


def _ends(model: Any, chat: Chat) -> tuple[int, ...]:
    """Return the tokens that end an answer: those of the model's own settings, and its tokenizer's."""
    told = getattr(model.generation_config, "eos_token_id", None)
    told = told if isinstance(told, list) else [told]
    return tuple(dict.fromkeys(token for token in (*told, chat.end) if token is not None))
