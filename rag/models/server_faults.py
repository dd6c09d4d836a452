"""What went wrong with an OpenAI-compatible server, in words: where it is, and what to do. Sends nothing itself.

Whatever the server said is shortened, and the key is never in it.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from rag.errors import GenerationFailed
from rag.models.completion import complaint_of, is_page

_TOO_LONG = re.compile(
    r"context[ _](?:length|size|window)|exceed_context|maximum (?:context|model) len|max_model_len|too many tokens|"
    r"longer than the model|input is too long|prompt is too long",
    re.IGNORECASE,
)
_UNKNOWN_MODEL = re.compile(
    r"model.{0,120}(?:not found|does not exist|not exist|is not available|not loaded)|"
    r"(?:no such|unknown|invalid) model|model_not_found",
    re.IGNORECASE | re.DOTALL,
)
_NO_CREDIT = re.compile(r"insufficient_quota|exceeded your current quota", re.IGNORECASE)
BUSY = frozenset({408, 425, 429})  # beside 5xx: it may do later
NAMES_SHOWN = 12  # of the models that a server offers
SHOWN_CHARACTERS = 300  # of what a server says


class Passing(Exception):
    """Nothing has been shown yet, and it may be gone in a moment. after_seconds: as the server wishes."""

    def __init__(self, fault: GenerationFailed, after_seconds: float | None = None) -> None:
        super().__init__(str(fault))
        self.fault = fault
        self.after_seconds = after_seconds


class Faults:
    """The errors of one server."""

    def __init__(self, address: str, model: str, *, key: str | None, offered: Callable[[], Sequence[str]]) -> None:
        """address: without user and password. offered: asks the server for its models; empty where it does not say."""
        self._address = address
        self._model = model
        self._key = key
        self._offered = offered

    def unreachable(self, error: BaseException) -> GenerationFailed | Passing:
        """The connection could not be made, or broke before anything came."""
        host = urlsplit(self._address).hostname
        for cause in _causes(error):
            if isinstance(cause, socket.gaierror):
                fault = self._fault(f"the name {host!r} cannot be resolved", "see llm.base_url, and the name service")
                return Passing(fault) if cause.errno == socket.EAI_AGAIN else fault
            if isinstance(cause, ssl.SSLError):
                hint = "http:// where it speaks no TLS; else give its certificate in SSL_CERT_FILE"
                return self._fault(f"no secure connection: {self._said(str(cause))}", hint)
            if isinstance(cause, ConnectionRefusedError):
                hint = "start it, or see llm.base_url; `footnote doctor` tells when it is there"
                return Passing(self._fault("nothing listens there: the connection was refused", hint))
        said = self._said(str(error)) or type(error).__name__
        return Passing(self._fault(f"the connection failed: {said}", "see whether it runs, and its log"))

    def environment(self, error: Exception) -> GenerationFailed:
        """What the environment says of proxies and certificates cannot be used."""
        host = urlsplit(self._address).hostname
        hint = f"NO_PROXY={host} leaves the proxy out; else mend HTTP_PROXY, HTTPS_PROXY, ALL_PROXY or SSL_CERT_FILE"
        return self._fault(f"no connection can be made: {self._said(str(error))}", hint)

    def no_connection(self, seconds: float) -> Passing:
        hint = "see llm.base_url, and whether a firewall stands between"
        return Passing(self._fault(f"no connection within {seconds:g} s", hint))

    def does_not_list(self, seconds: float) -> GenerationFailed:
        return self._fault(
            f"it does not say within {seconds:g} s which models it has", "see whether it runs, and its log"
        )

    def no_first_word(self, seconds: float) -> GenerationFailed:
        hint = "it may be loading, or busy, or thinking; raise llm.first_token_seconds, or take a smaller model"
        return self._fault(f"no word of an answer within {seconds:g} s", hint)

    def stalled(self, seconds: float) -> GenerationFailed:
        return self._fault(f"it fell silent in the middle of an answer for {seconds:g} s", "see its log; ask again")

    def too_slow(self, seconds: float) -> GenerationFailed:
        hint = "raise llm.deadline_seconds, lower llm.max_tokens, or take a smaller model"
        return self._fault(f"the answer was not whole after {seconds:g} s", hint)

    def cut(self, reason: str = "") -> GenerationFailed:
        """The connection ended before the answer did."""
        why = f": {self._said(reason)}" if reason else ""
        return self._fault(f"the answer was cut off in the middle{why}", "see its log; ask again")

    def broken_off(self, reason: str) -> GenerationFailed:
        hint = "its filter held back the answer" if reason == "content_filter" else "see its log; ask again"
        return self._fault(f"it broke off its answer: {self._said(reason)}", hint)

    def complained(self, said: str) -> GenerationFailed:
        """It told of an error in the stream."""
        if _TOO_LONG.search(said):
            return self._too_long(said)
        return self._fault(f"it failed: {self._said(said)}", "see its log")

    def nonsense(self, what: str) -> GenerationFailed:
        return self._fault(f"it sent {self._said(what)}", self._hint_path("is it an OpenAI-compatible server?"))

    def answered(self, status: int, headers: Mapping[str, str], body: str) -> GenerationFailed | Passing:
        """It answered with another status than 200."""
        said = complaint_of(body)
        told = self._said(f"{status} {said}")
        if 300 <= status < 400:
            target = self._said(headers.get("location", "elsewhere"))
            return self._fault(
                f"it redirects to {target}", "redirects are not followed: set llm.base_url to where it is"
            )
        if _TOO_LONG.search(said):
            return self._too_long(told)
        if status in (401, 403):
            hint = "set llm.api_key" if self._key is None else "see llm.api_key"
            return self._fault(f"it does not let us in: {told}", f"{hint} (FOOTNOTE_LLM__API_KEY)")
        if status in (400, 404, 422) and _UNKNOWN_MODEL.search(said):
            return self._unknown_model(told)
        if status in (404, 405):
            return self._fault(f"there is no chat at this path: {told}", self._hint_path("see llm.base_url"))
        if status in BUSY or status >= 500:
            hint = "it has too much to do: ask again later" if status == 429 else "see its log"
            fault = self._fault(f"it answered {told}", hint)
            return fault if _NO_CREDIT.search(said) else Passing(fault, _retry_after(headers))
        hint = self._hint_path("see its log") if is_page(body) else "see its log, and llm.options"
        return self._fault(f"it refused the request: {told}", hint)

    def _too_long(self, said: str) -> GenerationFailed:
        hint = (
            "set llm.context_tokens to what the server was started with, or somewhat less: tokens are only estimated "
            "here"
        )
        return self._fault(f"the prompt is longer than the model reads: {self._said(said)}", hint)

    def _unknown_model(self, told: str) -> GenerationFailed:
        names = self._offered()
        hint = "set llm.model to the server's name for it"
        if names:
            more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
            hint = f"set llm.model to one that it offers: {', '.join(map(self._said, names[:NAMES_SHOWN]))}{more}"
        return self._fault(f"it has no model {self._model!r}: {told}", hint)

    def _hint_path(self, otherwise: str) -> str:
        path = urlsplit(self._address).path.rstrip("/")
        return otherwise if path.endswith("/v1") else f"llm.base_url ends in /v1 as a rule: try {self._address}/v1"

    def _fault(self, what: str, hint: str) -> GenerationFailed:
        return GenerationFailed(f"the language model at {self._address}: {what}", hint=hint)

    def _said(self, text: str) -> str:
        """Return text of a server as it may stand in an error; the key goes before it is cut, lest half of it stays."""
        text = text.replace(self._key, "***") if self._key else text
        words = " ".join("".join(character if character.isprintable() else " " for character in text).split())
        return words if len(words) <= SHOWN_CHARACTERS else words[: SHOWN_CHARACTERS - 1] + "…"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a server asks for. One that names a day is too far off to wait for here."""
    found = re.fullmatch(r"\d{1,9}(?:\.\d+)?", headers.get("retry-after", "").strip())
    return float(found[0]) if found else None
