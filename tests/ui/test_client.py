"""The client against the API's shapes over real HTTP, and against what no API should send."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.wire import ProblemOut
from tests.ui.fake_api import FakeApi, document
from ui.client import ApiDown, ApiError, Client, _stream_lines, server_events


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with FakeApi() as running:
        running.add(document("d1", "Handbook"), "Line one.\nThe quote stands here.\n")
        running.answers["q"] = [("The quote stands here.", "d1", "The quote stands here.")]
        yield running


@pytest.fixture
def client(api: FakeApi) -> Iterator[Client]:
    made = Client(api.address)
    yield made
    made.close()


def answering(status: int, body: bytes) -> Client:
    return Client("http://api", transport=httpx.MockTransport(lambda _: httpx.Response(status, content=body)))


def test_an_answer_comes_as_events_that_end_in_finished(client: Client) -> None:
    events = list(client.ask("q", collection="default"))
    assert [event.name for event in events][:2] == ["status", "retrieved"]
    assert events[-1].name == "finished"
    text = "".join(event.data["text"] for event in events if event.name == "delta")
    assert text == events[-1].data["answer"]


def test_closing_an_answer_hangs_up(api: FakeApi, client: Client) -> None:
    events = client.ask("q", collection="default")
    next(events)
    events.close()
    assert client.collections()[0].documents == 1


def test_a_file_sent_up_becomes_a_job(api: FakeApi, client: Client) -> None:
    job = client.upload([("说明.txt", "你好".encode())], collection="default")
    assert job.sources == ["说明.txt"]
    assert client.document_text("up-说明.txt", collection="default") == "你好"


def test_a_problem_is_told_with_its_detail_and_hint(api: FakeApi, client: Client) -> None:
    api.problem = ProblemOut(type="urn:x", title="Library busy", status=503, detail="pid 7 writes", hint="wait")
    with pytest.raises(ApiError) as raised:
        client.collections()
    assert (raised.value.title, raised.value.detail, raised.value.hint) == ("Library busy", "pid 7 writes", "wait")
    with pytest.raises(ApiError, match="Library busy"):
        list(client.ask("q", collection="default"))


def test_an_api_that_is_not_there_is_told_apart(api: FakeApi, client: Client) -> None:
    api.close()
    with pytest.raises(ApiDown):
        client.collections()
    with pytest.raises(ApiDown):
        list(client.ask("q", collection="default"))


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"collections": 3}', b"\xff"])
def test_what_is_not_the_api_is_an_error_and_no_crash(body: bytes) -> None:
    with pytest.raises(ApiError):
        answering(200, body).collections()
    with pytest.raises(ApiError, match="HTTP 502"):
        answering(502, body).collections()


def test_a_stream_that_is_not_json_is_an_error() -> None:
    with pytest.raises(ApiError):
        list(answering(200, b"event: delta\ndata: {oops\n\n").ask("q", collection="default"))


def test_an_id_from_a_link_cannot_climb_out_of_its_path() -> None:
    paths = []

    def note(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.raw_path)
        return httpx.Response(404)

    with pytest.raises(ApiError):
        Client("http://api", transport=httpx.MockTransport(note)).document("../jobs?x=1#", collection="default")
    assert paths == [b"/documents/..%2Fjobs%3Fx%3D1%23?collection=default"]


@given(st.text(), st.integers(1, 7))
def test_events_are_the_same_wherever_the_stream_is_cut(text: str, size: int) -> None:
    import json

    stream = f": heartbeat\r\n\r\nevent: delta\ndata: {json.dumps({'text': text}, ensure_ascii=False)}\n\n"
    pieces = [stream[start : start + size] for start in range(0, len(stream), size)]
    events = list(server_events(_stream_lines(pieces)))
    assert [(event.name, event.data) for event in events] == [("delta", {"text": text})]
