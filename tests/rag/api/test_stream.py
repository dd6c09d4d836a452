from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fastapi import FastAPI

from rag.errors import GenerationFailed
from rag.filters import Filters
from rag.types import Delta, Event, Failed, Finished, Status, Turn
from tests.rag.api.conftest import PATIENCE_SECONDS, answer_to, plain_script, serving

MakeApp = Callable[..., FastAPI]
QUESTION = {"question": "Is it so?"}
STREAMED = {**QUESTION, "stream": True}


def events_of(text: str) -> list[tuple[str, dict[str, object]]]:
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


class Patient:
    """An answer that waits to be let go, and records what became of it."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.go = threading.Event()
        self.ended = threading.Event()

    def __call__(self, question: str) -> Iterator[Event]:
        try:
            self.begun.release()
            yield Status("retrieving")
            assert self.go.wait(PATIENCE_SECONDS)
            yield Finished(answer_to(question))
        finally:
            self.ended.set()

    def has_begun(self) -> bool:
        return self.begun.acquire(timeout=PATIENCE_SECONDS)


def endless(ended: threading.Event) -> Callable[[str], Iterator[Event]]:
    def ask(question: str) -> Iterator[Event]:
        try:
            while True:
                yield Delta("and ")
        finally:
            ended.set()

    return ask


def test_the_stream_carries_every_event_in_order(scripted_app: MakeApp) -> None:
    with serving(scripted_app()) as client:
        response = client.post("/ask", json=STREAMED)
    assert response.headers["content-type"].startswith("text/event-stream")
    names = [name for name, _ in events_of(response.text)]
    assert names == ["status", "retrieved", "status", "delta", "delta", "finished"]


def test_the_plain_answer_is_the_last_event_of_the_stream(scripted_app: MakeApp) -> None:
    with serving(scripted_app()) as client:
        streamed = client.post("/ask", json=QUESTION, headers={"Accept": "text/event-stream"})
        plain = client.post("/ask", json=QUESTION)
    assert events_of(streamed.text)[-1] == ("finished", plain.json())


def test_line_ends_of_an_answer_do_not_cut_its_event(scripted_app: MakeApp) -> None:
    text = "one\ntwo\r\nthree\n\ndata: four\u2028 五"

    def ask(question: str) -> Iterator[Event]:
        yield Finished(answer_to(question, text))

    with serving(scripted_app(ask)) as client:
        body = client.post("/ask", json=STREAMED).content.decode()
    assert json.loads(body.removeprefix("event: finished\ndata: ").removesuffix("\n\n"))["answer"] == text


def test_a_client_that_goes_away_ends_the_answer(scripted_app: MakeApp) -> None:
    ended = threading.Event()
    with serving(scripted_app(endless(ended))) as client:
        with client.stream("POST", "/ask", json=STREAMED) as response:
            next(response.iter_bytes())
            assert not ended.is_set()
        assert ended.wait(PATIENCE_SECONDS), "the generator's finally has not run"


def test_a_client_that_goes_away_while_nothing_comes_ends_the_answer_at_its_next_event(scripted_app: MakeApp) -> None:
    script = Patient()
    with serving(scripted_app(script)) as client:
        with client.stream("POST", "/ask", json=STREAMED) as response:
            next(response.iter_bytes())
        script.go.set()
        assert script.ended.wait(PATIENCE_SECONDS)
        app_is_free = client.get("/healthz")
        assert app_is_free.status_code == 200


def test_a_client_that_goes_away_from_a_plain_answer_ends_it_too(scripted_app: MakeApp) -> None:
    ended = threading.Event()
    with serving(scripted_app(endless(ended))) as client:
        with pytest.raises(httpx.ReadTimeout):
            client.post("/ask", json=QUESTION, timeout=0.3)
        assert ended.wait(PATIENCE_SECONDS)


def test_a_silent_stream_is_kept_alive_by_comments(scripted_app: MakeApp) -> None:
    script = Patient()
    with (
        serving(scripted_app(script, heartbeat_seconds=0.02)) as client,
        client.stream("POST", "/ask", json=STREAMED) as response,
    ):
        seen = ""
        for piece in response.iter_text():
            seen += piece
            if seen.count(": heartbeat\n\n") >= 2:
                script.go.set()
    assert events_of(seen)[-1][0] == "finished"


def test_one_asker_too_many_is_told_when_to_come_back(scripted_app: MakeApp) -> None:
    script = Patient()
    app = scripted_app(script, concurrent_answers=1, waiting_answers=1)
    with serving(app) as client, ThreadPoolExecutor(2) as askers:
        first = askers.submit(client.post, "/ask", json=QUESTION)
        assert script.has_begun()
        second = askers.submit(client.post, "/ask", json=STREAMED)
        while app.state.service.gate.inside < 2:
            assert not second.done()
        for body in (QUESTION, STREAMED):
            refused = client.post("/ask", json=body)
            assert refused.status_code == 503
            assert int(refused.headers["retry-after"]) > 0
            assert refused.headers["content-type"] == "application/problem+json"
        assert client.post("/search", json={"query": "x"}).status_code == 503
        script.go.set()
        assert first.result().status_code == second.result().status_code == 200
        assert client.post("/ask", json=QUESTION).status_code == 200
    assert app.state.service.gate.inside == 0


def test_an_asker_who_leaves_the_line_makes_room(scripted_app: MakeApp) -> None:
    script = Patient()
    app = scripted_app(script, concurrent_answers=1, waiting_answers=1)
    with serving(app) as client, ThreadPoolExecutor(1) as askers:
        first = askers.submit(client.post, "/ask", json=QUESTION)
        assert script.has_begun()
        with pytest.raises(httpx.ReadTimeout):
            client.post("/ask", json=QUESTION, timeout=0.2)
        while app.state.service.gate.inside > 1:
            assert not first.done()
        script.go.set()
        assert first.result().status_code == 200
    assert len(app.state.build.asked) == 1


def test_an_error_in_the_middle_of_a_stream_becomes_its_last_event(scripted_app: MakeApp) -> None:
    def ask(question: str) -> Iterator[Event]:
        yield Status("retrieving")
        raise GenerationFailed("the model stopped", hint="try again")

    with serving(scripted_app(ask)) as client:
        name, data = events_of(client.post("/ask", json=STREAMED).text)[-1]
    assert (name, data) == ("failed", {"error": "GenerationFailed", "detail": "the model stopped", "hint": "try again"})


def test_an_unforeseen_error_tells_only_its_id(scripted_app: MakeApp, caplog: pytest.LogCaptureFixture) -> None:
    def ask(question: str) -> Iterator[Event]:
        yield Status("retrieving")
        raise ZeroDivisionError("secret")

    with serving(scripted_app(ask)) as client:
        streamed = client.post("/ask", json=STREAMED)
        plain = client.post("/ask", json=QUESTION)
    assert plain.status_code == 500
    for text in (streamed.text, plain.text):
        assert "secret" not in text
        assert "Traceback" not in text
    name = plain.json()["detail"].split()[-1]
    assert any(name in record.getMessage() and record.exc_info for record in caplog.records)


def test_a_failed_answer_is_a_problem_when_it_was_not_streamed(scripted_app: MakeApp) -> None:
    def ask(question: str) -> Iterator[Event]:
        yield Failed("LibraryMismatch", "another embedder", "rebuild it")

    with serving(scripted_app(ask)) as client:
        response = client.post("/ask", json=QUESTION)
    assert response.status_code == 503
    assert response.json()["hint"] == "rebuild it"


def test_an_answer_without_an_end_is_not_taken_for_one(scripted_app: MakeApp) -> None:
    def ask(question: str) -> Iterator[Event]:
        yield Delta("half an")

    with serving(scripted_app(ask)) as client:
        assert client.post("/ask", json=QUESTION).status_code == 502
        assert events_of(client.post("/ask", json=STREAMED).text)[-1][0] == "failed"


def test_what_cannot_be_written_in_utf8_does_not_break_the_stream_off(scripted_app: MakeApp) -> None:
    def ask(question: str) -> Iterator[Event]:
        yield Delta("\ud800")
        yield Finished(answer_to(question))

    with serving(scripted_app(ask)) as client:
        assert events_of(client.post("/ask", json=STREAMED).text)[-1][0] == "failed"


def test_the_question_and_its_options_reach_the_answerer(scripted_app: MakeApp) -> None:
    app = scripted_app(plain_script)
    body = {"question": "备份\u0000吗？", "keep": 3, "filters": {"document_ids": ["a"]}, "history": ["为什么？"]}
    with serving(app) as client:
        assert client.post("/ask", json=body).status_code == 200
    earlier = [Turn("为什么？")]
    assert app.state.build.asked == [
        ("备份 吗？", {"keep": 3, "filters": Filters(document_ids=("a",)), "earlier": earlier, "conversation_id": None})
    ]


def test_libraries_are_closed_with_the_server(scripted_app: MakeApp) -> None:
    app = scripted_app()
    with serving(app) as client:
        client.post("/ask", json=QUESTION)
        assert app.state.build.closed == 0
    assert app.state.build.closed == 1
