"""Start the HTTP service in a process of its own, or find one that runs, and ask it as the page does: streamed.

Standard library only on the asking side: many askers share this process, and a client that is slow would be measured.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote, urlsplit

from rag.errors import FootnoteError

ADDRESS = re.compile(r"answers on (http://\S+)")
START_SECONDS = 120.0
STOP_SECONDS = 30.0
LOOK_SECONDS = 0.1
TIMEOUT_SECONDS = 120.0
HEADERS = {"Content-Type": "application/json", "Accept": "text/event-stream"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for one question, once.

    first_token: seconds from asking to the first words. retry_after: what a 503 asks for; None where it does not say.
    """

    status: int
    answer: Mapping[str, Any] | None = None
    first_token: float | None = None
    retry_after: float | None = None
    error: str = ""


class Client:
    """A connection for each thread that asks, kept between questions. To be closed, as by `with`."""

    def __init__(self, address: str, collection: str | None = None) -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._collection = collection
        self._local = threading.local()
        self._lock = threading.Lock()
        self._open: set[http.client.HTTPConnection] = set()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.hang_up()

    def hang_up(self) -> None:
        """Close what threads that have ended left open. None may be asking."""
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()

    def ask(self, question: str) -> Reply:
        """Ask, and read the events to their end. What goes wrong on the way is a Reply with an error."""
        start = time.perf_counter()
        try:
            response = self._post(question)
            if response.status != http.client.OK:
                body, after = response.read(), response.headers.get("Retry-After")
                retry_after = float(after) if after and after.isdecimal() else None
                return Reply(response.status, retry_after=retry_after, error=body.decode(errors="replace")[:200])
            reply = read_events(response, start)
            response.read()  # nothing; but without it the connection cannot be asked again
            return reply
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._drop()
            return Reply(0, error=f"{type(error).__name__}: {error}")

    def leave(self, question: str) -> bool:
        """Ask, and hang up at the first bytes of the answer; say whether there were any."""
        connection = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("POST", "/ask", self._body(question), HEADERS)
            response = connection.getresponse()
            return response.status == http.client.OK and bool(response.read(1))
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def text(self, document_id: str) -> str:
        """Return a document's canonical text."""
        chosen = f"?collection={quote(self._collection)}" if self._collection else ""
        connection = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("GET", f"/documents/{quote(document_id)}/text{chosen}")
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        if response.status != http.client.OK:
            raise FootnoteError(f"the text of {document_id}: the server answered {response.status}")
        return body.decode()

    def _post(self, question: str) -> http.client.HTTPResponse:
        try:
            return self._sent(question)
        except ConnectionError:  # the server hangs up on who was silent for some seconds
            self._drop()
            return self._sent(question)

    def _sent(self, question: str) -> http.client.HTTPResponse:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_SECONDS)
            self._local.connection = connection
            with self._lock:
                self._open.add(connection)
        connection.request("POST", "/ask", self._body(question), HEADERS)
        response: http.client.HTTPResponse = connection.getresponse()
        return response

    def _drop(self) -> None:
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            with self._lock:
                self._open.discard(connection)
        self._local.connection = None

    def _body(self, question: str) -> bytes:
        return json.dumps({"question": question, "collection": self._collection, "stream": True}).encode()


def read_events(lines: Iterator[bytes] | http.client.HTTPResponse, start: float) -> Reply:
    """Read server-sent events to their end. start: when it was asked, by time.perf_counter."""
    name, reply = "", Reply(http.client.OK, error="the events ended without an answer")
    for line in lines:
        if line.startswith(b"event: "):
            name = line[7:].strip().decode()
            if name == "delta" and reply.first_token is None:
                reply = replace(reply, first_token=time.perf_counter() - start)
        elif line.startswith(b"data: ") and name == "finished":
            reply = replace(reply, answer=json.loads(line[6:]), error="")
        elif line.startswith(b"data: ") and name == "failed":
            reply = replace(reply, error=line[6:].strip().decode(errors="replace")[:200])
    return reply


@dataclass(frozen=True, slots=True)
class Served:
    address: str
    process: int
    log: Path

    def errors(self) -> int:
        """Count the lines that the server has logged as errors."""
        return sum(" ERROR " in line for line in self.log.read_text(encoding="utf-8", errors="replace").splitlines())


@contextmanager
def serving(data: Path, collection: str) -> Iterator[Served]:
    """Start `footnote serve` on a free port, by the settings of this folder; it ends with the block.

    Raises FootnoteError where it does not answer.
    """
    with TemporaryDirectory() as name:
        log = Path(name) / "server.log"
        command = [sys.executable, "-m", "footnote", "serve", "--port", "0", "--data", str(data)]
        with log.open("wb") as said:
            process = subprocess.Popen(
                command,
                env=os.environ | {"FOOTNOTE_COLLECTION": collection},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
            )
        try:
            yield Served(_address(process, log), process.pid, log)
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        found = ADDRESS.search(log.read_text(encoding="utf-8", errors="replace"))
        if found:
            return found.group(1)
        time.sleep(LOOK_SECONDS)
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    raise FootnoteError("the server did not start", hint=(said or ["it said nothing"])[-1])
