"""A real HTTP server that plays an OpenAI-compatible one: each request is answered by the next of its scripts."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.fakes import Streams

WAIT_SECONDS = 20.0  # for what comes at once, on a machine that is busy


class LlmServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.scripts: list[Script] = [say("Otters eat crabs [1].")]
        self.offers: Script = models("tiny", "other")
        self.asked: list[dict[str, Any]] = []  # the bodies of the requests
        self.heads: list[dict[str, str]] = []
        self.looked = 0  # how often its models were asked for
        self.released = threading.Event()  # what stalls goes on
        self.deserted = threading.Event()  # a client went while it was answered
        self.streams = Streams()  # answers that are being given
        self._turn = threading.Lock()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that go: it is what the tests make them do."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def next_script(self, body: dict[str, Any], head: dict[str, str]) -> Script:
        with self._turn:
            self.asked.append(body)
            self.heads.append(head)
            return self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: LlmServer

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002  (its name in the standard library)

    def do_GET(self) -> None:
        self.server.looked += 1
        if self.path == "/v1/models":
            self.server.offers(self)
        else:
            status(404, {"error": {"message": "Not Found"}})(self)

    def do_POST(self) -> None:
        self.body: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["content-length"])))
        script = self.server.next_script(self.body, {name.lower(): value for name, value in self.headers.items()})
        with self.server.streams.one():
            (script if self.path == "/v1/chat/completions" else status(404, {"detail": "Not Found"}))(self)

    def begin(self, kind: str = "text/event-stream", *, chunked: bool = True) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header(*(("Transfer-Encoding", "chunked") if chunked else ("Connection", "close")))
        self.end_headers()
        self.chunked = chunked

    def put(self, data: bytes | str) -> None:
        raw = data.encode() if isinstance(data, str) else data
        self.wfile.write(b"%x\r\n%s\r\n" % (len(raw), raw) if self.chunked else raw)
        self.wfile.flush()

    def end(self) -> None:
        if self.chunked:
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.close_connection = True

    def drop(self) -> None:
        """Close the connection as a process that dies does."""
        self.close_connection = True
        self.wfile.flush()

    def wait(self) -> None:
        """Say nothing until the client goes or the test is over."""
        self.connection.settimeout(0.02)
        while not self.server.released.is_set():
            try:
                if not self.connection.recv(1):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        else:
            self.close_connection = True
            return
        self.close_connection = True
        self.server.deserted.set()


Script = Callable[[_Handler], None]


def event(value: Any) -> str:
    return f"data: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}\n\n"


def chunk(text: str | None = None, *, end: str | None = None, **delta: Any) -> str:
    said = {**({} if text is None else {"content": text}), **delta}
    return event({"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": said, "finish_reason": end}]})


def usage(prompt: int, completion: int) -> str:
    counts = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    return event({"choices": [], "usage": counts})


def words(text: str) -> list[str]:
    return [chunk(role="assistant"), *(chunk(word) for word in text.split(" ") for word in (word, " "))][:-1]


def say(text: str, *, end: str = "stop") -> Script:
    """Answer as such servers do, word by word."""
    return stream(*words(text), chunk(end=end), usage(7, len(text.split())), event("[DONE]"))


def echo(handler: _Handler) -> None:
    """Say what was asked last."""
    say(handler.body["messages"][-1]["content"])(handler)


def stream(*parts: bytes | str, chunked: bool = True, kind: str = "text/event-stream") -> Script:
    def script(handler: _Handler) -> None:
        handler.begin(kind, chunked=chunked)
        for part in parts:
            handler.put(part)
        handler.end()

    return script


def die_after(*parts: bytes | str, chunked: bool = True) -> Script:
    def script(handler: _Handler) -> None:
        handler.begin(chunked=chunked)
        for part in parts:
            handler.put(part)
        handler.drop()

    return script


def stall_after(*parts: bytes | str) -> Script:
    def script(handler: _Handler) -> None:
        handler.begin()
        try:
            for part in parts:
                handler.put(part)
        except OSError:  # the client went while it was still being told
            handler.close_connection = True
            handler.server.deserted.set()
            return
        handler.wait()

    return script


def silence(handler: _Handler) -> None:
    """Take the question, and not even begin to answer."""
    handler.wait()


def hang_up(handler: _Handler) -> None:
    """Take the question, and close the connection."""
    handler.close_connection = True


def babble(part: str, *, first: Sequence[str] = ()) -> Script:
    """Say the same for ever."""

    def script(handler: _Handler) -> None:
        handler.begin()
        for one in first:
            handler.put(one)
        try:
            while not handler.server.released.wait(0.01):
                handler.put(part)
        except OSError:
            handler.server.deserted.set()
        handler.close_connection = True

    return script


def status(code: int, body: Any = None, **headers: str) -> Script:
    raw = body.encode() if isinstance(body, str) else json.dumps(body or {}).encode()

    def script(handler: _Handler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(raw)))
        handler.end_headers()
        handler.wfile.write(raw)

    return script


def models(*names: str) -> Script:
    return status(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in names]})


@contextmanager
def llm_server() -> Iterator[LlmServer]:
    with LlmServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
            thread.join(WAIT_SECONDS)
