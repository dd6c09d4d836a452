"""One streamed answer of a server, from its first byte to its end, within its time. Asks for nothing itself."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.errors import GenerationFailed
from rag.models.completion import BROKEN_OFF, Complaint, Nonsense, Told, read_line, read_lines
from rag.models.server_faults import Faults, Passing
from rag.models.watch import Watch
from rag.types import Usage

if TYPE_CHECKING:
    import httpx2

MAX_BODY_BYTES = 65_536  # read of what is no stream
NOT_STREAMS = ("text/html", "application/json", "application/problem+json")


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for a first word and for the whole, from when the question was put, in time.monotonic()."""

    started: float
    first_seconds: float
    whole_seconds: float

    @property
    def first(self) -> float:
        return self.started + min(self.first_seconds, self.whole_seconds)

    @property
    def whole(self) -> float:
        return self.started + self.whole_seconds

    def left(self) -> float:
        """Return how long a first word may still take."""
        return self.first - time.monotonic()

    def passed(self, faults: Faults, *, written: bool) -> GenerationFailed:
        """Return the error for whichever of the two is over."""
        if written or self.whole_seconds <= self.first_seconds:
            return faults.too_slow(self.whole_seconds)
        return faults.no_first_word(self.first_seconds)


def read_reply(response: httpx2.Response, limits: Limits, faults: Faults) -> Generator[str, None, Usage | None]:
    """Yield the text as it comes; return the usage where the server tells it.

    Raises GenerationFailed, or Passing where no text has come. Closing it closes the connection.
    """
    import httpx2

    if response.headers.get("content-type", "").lower().startswith(NOT_STREAMS):
        with closing(response):
            raise _no_stream(response, faults)
    fault: GenerationFailed | Passing
    cause: Exception | None = None
    usage: Usage | None = None
    end, done, written = "", False, False
    connection = response.extensions["network_stream"].get_extra_info("socket")
    with closing(response), Watch(connection, until=limits.first) as watch:
        try:
            spoke = time.monotonic()
            for line in read_lines(response.iter_bytes()):
                told = read_line(line) or Told()
                end, usage = told.end or end, told.usage or usage
                if told.text:
                    watch.put_off(limits.whole)
                    written = True
                    yield told.text
                    spoke = time.monotonic()
                elif written and time.monotonic() - spoke > limits.first_seconds:  # it only thinks, or says it is there
                    raise faults.stalled(limits.first_seconds)
                done = told.done
                if done:
                    break
            fault = faults.cut() if written else Passing(faults.cut())
        except Complaint as error:
            fault, cause = faults.complained(str(error)), error
        except Nonsense as error:
            fault, cause = faults.nonsense(str(error)), error
        except httpx2.ReadTimeout as error:
            silent = faults.stalled(limits.first_seconds)
            fault, cause = silent if written else limits.passed(faults, written=False), error
        except (httpx2.HTTPError, httpx2.StreamError, OSError) as error:
            fault, cause = faults.cut(str(error)) if written else faults.unreachable(error), error
    if end in BROKEN_OFF:
        raise faults.broken_off(end)
    if end or done:
        return usage
    if watch.rang:
        raise limits.passed(faults, written=written)
    raise fault from cause


def _no_stream(response: httpx2.Response, faults: Faults) -> GenerationFailed:
    """It did answer, but with a page, or in one piece."""
    import httpx2

    body = b""
    try:
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                break
    except (httpx2.HTTPError, httpx2.StreamError, OSError) as error:
        return faults.cut(str(error))
    try:
        read_line(" ".join(body.decode("utf-8", "replace").split()))
    except Complaint as error:
        return faults.complained(str(error))
    except Nonsense as error:
        return faults.nonsense(str(error))
    return faults.nonsense("an empty answer")
