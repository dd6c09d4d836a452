"""What comes back under load is held against the documents' texts."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from eval.bench.load import Checker, loaded, table
from eval.bench.rounds import Asked
from eval.bench.served import Client, Reply, read_events

TEXT = "水獭住在河边。它们吃鱼。"


def answer(quote: str = TEXT[:7], start: int = 0, document: str = "d") -> dict[str, Any]:
    citation = {"document_id": document, "start": start, "end": start + len(quote), "quote": quote}
    return {"answer": "水獭住在河边。[1]", "citations": [citation], "passages": [{"document_id": "d"}]}


def asked(reply: dict[str, Any]) -> Asked:
    return Asked("水獭住在哪里？", Reply(200, reply), 0.1, 0, 0)


@pytest.mark.parametrize(
    "wrong", [answer("水獭住在河里。"), answer(start=1), answer("", start=3), answer(document="other")]
)
def test_a_quote_that_is_not_the_slice_of_a_retrieved_document_is_seen(wrong: dict[str, Any]) -> None:
    checker = Checker(lambda _: TEXT)
    assert checker.check([asked(answer())])["invalid"] == 0
    assert checker.check([asked(wrong)])["invalid"] == 1


def test_a_text_is_fetched_once_and_another_answer_to_the_same_question_is_seen() -> None:
    fetched: list[str] = []

    def text_of(document: str) -> str:
        fetched.append(document)
        return TEXT

    checker = Checker(text_of)
    other = {**answer(), "answer": "河边。[1]"}
    assert checker.check([asked(answer()), asked(answer()), asked(other)]) == {
        "citations": 3,
        "invalid": 0,
        "changed": 1,
    }
    assert fetched == ["d"]


def test_events_are_read_to_their_end() -> None:
    finished = json.dumps(answer(), ensure_ascii=False).encode()
    lines = [b"event: delta\n", b'data: {"text": "x"}\n', b"\n", b": heartbeat\n", b"event: finished\n", b"data: "]
    lines[-1] += finished + b"\n"
    reply = read_events(iter(lines), 0.0)
    assert reply.answer == answer()
    assert reply.first_token is not None
    assert not reply.error


@pytest.mark.parametrize("lines", [[], [b"event: failed\n", b'data: {"error": "GenerationFailed"}\n']])
def test_events_without_an_answer_are_an_error(lines: list[bytes]) -> None:
    reply = read_events(iter(lines), 0.0)
    assert reply.answer is None
    assert reply.error


class Otters(BaseHTTPRequestHandler):
    """Sends every third asker away, and answers the others."""

    protocol_version = "HTTP/1.1"
    turn = 0
    lock = threading.Lock()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        with Otters.lock:
            Otters.turn += 1
            sent_away = Otters.turn % 3 == 0
        body = b"event: delta\ndata: {}\n\nevent: finished\ndata: " + json.dumps(answer()).encode() + b"\n\n"
        self._send(503 if sent_away else 200, b"busy" if sent_away else body, {"Retry-After": "0"} if sent_away else {})

    def do_GET(self) -> None:
        self._send(200, TEXT.encode(), {})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None: ...


class Quiet(ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, *_: Any) -> None:
        """Those who hang up are meant to."""


@pytest.fixture
def client() -> Iterator[Client]:
    with Quiet(("127.0.0.1", 0), Otters) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        with Client(f"http://127.0.0.1:{server.server_address[1]}", "河") as client:
            yield client
        server.shutdown()
        thread.join()


def test_every_round_is_told_and_who_was_sent_away_is_answered_in_the_end(client: Client) -> None:
    report = loaded(client, None, ["水獭住在哪里？"], [1, 4], 0.05, [50.0], 6, 3)
    assert [row["round"] for row in report["rounds"]] == [
        "1 in turn",
        "4 in turn",
        "50.0 a second",
        "6 at once",
        "16 after 3 hung up",
    ]
    assert [row["first_errors"] for row in report["rounds"]] == [[]] * 5
    assert sum(row["busy"] for row in report["rounds"]) > 0
    assert report["broken"] == []
    assert table({**report, "processors": 2}).endswith("nothing was broken")


def test_a_service_that_is_not_there_is_an_error_of_each_question() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Otters) as server:
        port = server.server_address[1]
    reply = Client(f"http://127.0.0.1:{port}").ask("?")
    assert reply.status == 0
    assert "ConnectionRefusedError" in reply.error
    assert not Client(f"http://127.0.0.1:{port}").leave("?")


def test_promises_that_are_not_kept_are_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "text", lambda _: "别的文字，与引文不同。")
    report = loaded(client, None, ["水獭住在哪里？"], [1], 0.02, [50.0], 0, 0)
    assert any("citations whose quote is not the slice" in one for one in report["broken"])


def test_a_text_that_is_refused_is_an_error(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    monkeypatch.setattr(Otters, "do_GET", lambda self: self._send(http.client.NOT_FOUND, b"", {}))
    with pytest.raises(Exception, match="404"):
        client.text("d")
