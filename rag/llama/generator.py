"""Any LLM of LlamaIndex's as our generator and writer, and in its time. Knows nothing of how it is found or made."""

from __future__ import annotations

import time
from collections.abc import Generator as Stream
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any

from llama_index.core.base.llms.base import BaseLLM
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, MessageRole

from rag.errors import GenerationFailed
from rag.llama.apart import Apart
from rag.models.estimate import estimate_messages, estimate_tokens
from rag.ports import Message, Prompt
from rag.types import Usage

CHARACTERS_PER_TOKEN = 4  # of English, the longest of what a writer is asked for
LEAST_TOKENS = 512  # of a prompt; fewer hold no passage
# What providers call the tokens of a prompt and of an answer.
_COUNTS = (
    ("prompt_tokens", "completion_tokens"),
    ("input_tokens", "output_tokens"),
    ("prompt_eval_count", "eval_count"),
    ("prompt_token_count", "candidates_token_count"),
)


class LlamaGenerator:
    """Implements ports.Generator and ports.Writer.

    What the LLM is told (its temperature, its longest answer) is said to the LLM itself, when it is made.
    """

    def __init__(
        self,
        llm: BaseLLM,
        *,
        context_tokens: int | None = None,
        deadline_seconds: float = 120.0,
        first_token_seconds: float = 60.0,
    ) -> None:
        """context_tokens: prompt and answer together; None: what the LLM says of itself.

        first_token_seconds: a silence as long, later on, ends the answer too.
        """
        self._llm = llm
        self._context_tokens = context_tokens
        self._deadline_seconds = deadline_seconds
        self._first_token_seconds = first_token_seconds

    @property
    def name(self) -> str:
        model = self._llm.metadata.model_name
        return model if model != "unknown" else type(self._llm).__name__

    def load(self) -> None:
        """Nothing is left to do: the LLM was made ready where it was made."""

    @property
    def context_tokens(self) -> int | None:
        metadata = self._llm.metadata
        window = self._context_tokens or metadata.context_window
        return max(window - max(metadata.num_output, 0), LEAST_TOKENS)

    def count_tokens(self, messages: Sequence[Message]) -> int:
        return estimate_messages(messages)

    def generate(self, prompt: Prompt) -> Stream[str, None, Usage]:
        """Raises GenerationFailed for whatever the LLM raises, and when its time is over."""
        return (yield from self._pieces(prompt.messages))

    def complete(self, messages: Sequence[Message], *, max_tokens: int) -> str:
        """Return what the LLM writes, about so many tokens at most.

        Each LLM names its limit otherwise, so that the stream is closed instead. Raises GenerationFailed.
        """
        written, room = [], max_tokens * CHARACTERS_PER_TOKEN
        with closing(self._pieces(messages)) as pieces:
            for piece in pieces:
                written.append(piece)
                room -= len(piece)
                if room <= 0:
                    break
        return "".join(written)[: max_tokens * CHARACTERS_PER_TOKEN]

    def _pieces(self, messages: Sequence[Message]) -> Stream[str, None, Usage]:
        asked = [ChatMessage(role=MessageRole(message.role), content=message.content) for message in messages]
        started = time.monotonic()
        written: list[str] = []
        usage: Usage | None = None
        with closing(Apart(lambda: self._responses(asked))) as responses:
            while True:
                left = self._deadline_seconds - (time.monotonic() - started)
                response = self._next(responses, min(left, self._first_token_seconds), bool(written))
                if response is None:
                    break
                usage = usage_of(response) or usage
                if response.delta:
                    written.append(response.delta)
                    yield response.delta
        return usage or Usage(self.count_tokens(messages), estimate_tokens("".join(written)))

    def _responses(self, asked: Sequence[ChatMessage]) -> Iterable[ChatResponse]:
        try:
            return self._llm.stream_chat(asked)
        except NotImplementedError:  # not every one of them streams
            whole = self._llm.chat(asked)
            return [whole.model_copy(update={"delta": whole.message.content})]

    def _next(self, responses: Apart[ChatResponse], seconds: float, begun: bool) -> ChatResponse | None:
        try:
            return responses.next(seconds)
        except TimeoutError as error:
            if seconds >= self._first_token_seconds:
                what = "fell silent in the middle" if begun else "gave no word of an answer"
                message = f"{self.name} {what} for {seconds:g} s"
                raise GenerationFailed(message, hint="raise llm.first_token_seconds, or see to the model") from error
            message = f"{self.name}: the answer was not whole after {self._deadline_seconds:g} s"
            raise GenerationFailed(message, hint="raise llm.deadline_seconds, or take a faster model") from error
        except Exception as error:  # the edge: somebody else's code, and often a network behind it
            message = f"{self.name} failed: {type(error).__name__}: {error}"
            raise GenerationFailed(message, hint="see whether the model answers by itself") from error


def usage_of(response: ChatResponse) -> Usage | None:
    """Return what the LLM says that it read and wrote; None where it does not."""
    raw = response.raw
    places = (response.additional_kwargs, _field(raw, "usage"), _field(raw, "usage_metadata"), raw)
    for place in places:
        for prompt, completion in _COUNTS:
            counts = (_field(place, prompt), _field(place, completion))
            if all(isinstance(count, int) and count >= 0 for count in counts):
                return Usage(*counts)
    return None


def _field(of: Any, name: str) -> Any:
    return of.get(name) if isinstance(of, Mapping) else getattr(of, name, None)
