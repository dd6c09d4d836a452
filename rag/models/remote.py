"""Answers of a language model behind an OpenAI-compatible server: vLLM, llama.cpp, Ollama, SGLang and their like.

Tokens are estimated, since its tokenizer is elsewhere (rag/models/estimate.py). Nothing is sent before the first
question; openai is imported then, which takes half a second. Redirects are not followed: they could carry the
documents, and the key, to another host.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from rag.errors import GenerationFailed
from rag.models.address import checked_address, checked_key, is_loopback
from rag.models.estimate import estimate_messages, estimate_tokens
from rag.models.reply import Limits, read_reply
from rag.models.server_faults import Faults, Passing
from rag.ports import Message, Prompt
from rag.types import Usage

if TYPE_CHECKING:
    import httpx2
    from openai import OpenAI

CONTEXT_TOKENS = 8192  # where the settings do not say; a server does not tell it in any common way
CONNECT_SECONDS = 5.0
LOOK_SECONDS = 2.0  # to ask which models there are
BACK_OFF_SECONDS = 0.5  # before the second try; twice that before the third
MAX_BACK_OFF_SECONDS = 8.0
NO_KEY = "none"  # sent where no key is set: openai wants one, and servers without keys do not look

Pieces = Generator[str, None, Usage]


class RemoteGenerator:
    """Implements ports.Generator and ports.Writer. May be used from many threads; each answer is a request."""

    def __init__(
        self,
        model: str,
        *,
        base_url: str,
        api_key: str | None = None,
        context_tokens: int | None = None,
        max_tokens: int = 512,
        temperature: float = 0.0,
        top_p: float = 1.0,
        seed: int = 0,
        stop: Sequence[str] = (),
        options: Mapping[str, Any] | None = None,
        deadline_seconds: float = 120.0,
        first_token_seconds: float = 60.0,
        retries: int = 2,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """base_url: as http://127.0.0.1:11434/v1. options: further fields of each request.

        first_token_seconds: retries included; a silence as long, later on, ends the answer too.
        Raises Misconfigured for what is no address, and no key.
        """
        self.name = model
        self.address = checked_address(base_url)
        self._key = checked_key(api_key)
        self._context_tokens = context_tokens or CONTEXT_TOKENS
        self._max_tokens = max_tokens
        self._sampling: dict[str, Any] = {"temperature": temperature, "top_p": top_p, "seed": seed}
        if stop:
            self._sampling["stop"] = list(stop)
        self._options = dict(options or {})
        self._deadline_seconds = deadline_seconds
        self._first_token_seconds = first_token_seconds
        self._retries = retries
        self._pause = pause
        self._faults = Faults(self.address, model, key=self._key, offered=self._offered)
        self._turn = threading.Lock()
        self._made: OpenAI | None = None

    @property
    def window(self) -> int:
        """Tokens of prompt and answer that it is taken to have."""
        return self._context_tokens

    @property
    def context_tokens(self) -> int:
        return max(self._context_tokens - self._max_tokens, 1)

    def count_tokens(self, messages: Sequence[Message]) -> int:
        return estimate_messages(messages)

    def generate(self, prompt: Prompt) -> Pieces:
        """Raises GenerationFailed, also in the middle. Closing it closes the connection."""
        return (yield from self._answer(prompt.messages, self._max_tokens))

    def complete(self, messages: Sequence[Message], *, max_tokens: int) -> str:
        """Raises GenerationFailed."""
        return "".join(self._answer(messages, max_tokens))

    def models(self) -> dict[str, int | None]:
        """Return the models that the server offers, and the tokens each reads and writes where it tells them.

        Raises GenerationFailed.
        """
        import openai

        faults = Faults(self.address, self.name, key=self._key, offered=list)
        try:
            try:
                page = self._client().models.list(timeout=LOOK_SECONDS)
                return {str(model.id): _window(model) for model in page.data}
            except openai.APITimeoutError as error:
                raise faults.does_not_list(LOOK_SECONDS) from error
            except openai.APIConnectionError as error:
                raise faults.unreachable(error) from error
            except openai.APIStatusError as error:
                raise faults.answered(error.status_code, error.response.headers, error.response.text) from error
            except (openai.OpenAIError, AttributeError, TypeError, ValueError) as error:
                raise faults.nonsense("no list of models") from error
        except Passing as passing:
            raise passing.fault from passing.__cause__

    def load(self) -> None:
        """Make ready, which takes half a second the first time. Asks the server nothing."""
        self._client()

    def close(self) -> None:
        """Close the idle connections."""
        with self._turn:
            client, self._made = self._made, None
        if client is not None:
            client.close()

    def _answer(self, messages: Sequence[Message], max_tokens: int) -> Pieces:
        limits = Limits(time.monotonic(), self._first_token_seconds, self._deadline_seconds)
        tries = 0
        while True:
            try:
                return (yield from self._try(messages, max_tokens, limits))
            except Passing as passing:
                wait = _back_off(tries) if passing.after_seconds is None else passing.after_seconds
                if tries >= self._retries or wait >= limits.left():
                    raise passing.fault from passing.__cause__
            tries += 1
            self._pause(wait)

    def _try(self, messages: Sequence[Message], max_tokens: int, limits: Limits) -> Pieces:
        """Raises Passing only as long as no text has come."""
        written: list[str] = []
        usage: Usage | None = None
        with closing(read_reply(self._open(messages, max_tokens, limits), limits, self._faults)) as pieces:
            while True:
                try:
                    piece = next(pieces)
                except StopIteration as done:
                    usage = done.value
                    break
                written.append(piece)
                yield piece
        return usage or Usage(estimate_messages(messages), estimate_tokens("".join(written)))

    def _open(self, messages: Sequence[Message], max_tokens: int, limits: Limits) -> httpx2.Response:
        """Put the question, and return when the server begins to answer. Raises GenerationFailed, Passing."""
        import httpx2
        import openai

        completions: Any = self._client().chat.completions  # its fields are those of OpenAI's own models alone
        seconds = limits.left()
        if seconds <= 0:
            raise limits.passed(self._faults, written=False)
        connect = min(CONNECT_SECONDS, seconds)
        try:
            stream = completions.create(
                model=self.name,
                messages=[{"role": message.role, "content": message.content} for message in messages],
                max_tokens=max_tokens,
                stream=True,
                stream_options={"include_usage": True},
                extra_body=self._options,
                timeout=httpx2.Timeout(seconds, connect=connect),
                **self._sampling,
            )
        except openai.APITimeoutError as error:
            if isinstance(error.__cause__, httpx2.ConnectTimeout):
                raise self._faults.no_connection(connect) from error
            raise limits.passed(self._faults, written=False) from error
        except openai.APIConnectionError as error:
            raise self._faults.unreachable(error) from error
        except openai.APIStatusError as error:
            raise self._faults.answered(error.status_code, error.response.headers, error.response.text) from error
        except httpx2.HTTPError as error:  # in the middle of what it says to an error
            raise self._faults.unreachable(error) from error
        response: httpx2.Response = stream.response
        return response

    def _client(self) -> OpenAI:
        import httpx2
        import openai

        with self._turn:
            if self._made is None:
                try:
                    # A proxy of the machine must not stand between us and a server on it.
                    http = openai.DefaultHttpxClient(follow_redirects=False, trust_env=not is_loopback(self.address))
                except (ImportError, ValueError, OSError, httpx2.InvalidURL) as error:
                    raise self._faults.environment(error) from error
                made = openai.OpenAI(
                    api_key=self._key or NO_KEY, base_url=self.address, max_retries=0, http_client=http
                )
                made.organization = made.project = None  # which it takes from the environment, for OpenAI's own service
                self._made = made
            return self._made

    def _offered(self) -> list[str]:
        try:
            return sorted(self.models())
        except GenerationFailed:
            return []


def _window(model: object) -> int | None:
    """Return what vLLM and SGLang tell beside a model's name."""
    told = getattr(model, "max_model_len", None)
    return told if isinstance(told, int) and told > 0 else None


def _back_off(tries: int) -> float:
    """Wait longer each time, and not all askers alike, so that a server that comes back is not run over."""
    return min(BACK_OFF_SECONDS * 2.0**tries, MAX_BACK_OFF_SECONDS) * random.uniform(0.75, 1.25)
