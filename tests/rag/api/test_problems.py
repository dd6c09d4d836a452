from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag import errors
from rag.api.problems import problem_of
from rag.errors import FootnoteError
from rag.wire import ProblemOut
from tests.rag.api.conftest import problem

MakeApp = Callable[..., FastAPI]
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def client(scripted_app: MakeApp) -> Iterator[TestClient]:
    app = scripted_app()

    @app.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError("the password is hunter2")

    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=True) as client:
        yield client


def all_errors(kind: type[FootnoteError] = FootnoteError) -> list[type[FootnoteError]]:
    return [kind, *(found for below in kind.__subclasses__() for found in all_errors(below))]


@pytest.mark.parametrize("kind", all_errors(), ids=lambda kind: kind.__name__)
def test_every_error_of_the_tree_is_a_problem(kind: type[FootnoteError]) -> None:
    response = problem_of(kind("what is wrong", hint="what to do"))
    told = ProblemOut.model_validate_json(bytes(response.body))
    assert (told.detail, told.hint) == ("what is wrong", "what to do")
    assert 400 <= told.status < 600


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.NotFound, 404),
        (errors.Conflict, 409),
        (errors.InvalidRequest, 422),
        (errors.TooLarge, 413),
        (errors.Encrypted, 422),
        (errors.LibraryBusy, 503),
        (errors.LibraryMismatch, 503),
        (errors.LibraryDamaged, 500),
        (errors.ModelNotFound, 503),
    ],
)
def test_the_status_says_whose_turn_it_is(kind: type[FootnoteError], status: int) -> None:
    assert problem_of(kind("x")).status_code == status


def test_a_busy_library_says_when_to_come_back() -> None:
    assert int(problem_of(errors.LibraryBusy("x")).headers["retry-after"]) > 0


def test_a_message_with_half_a_character_can_still_be_sent() -> None:
    assert json.loads(bytes(problem_of(errors.NotFound("\ud800 \x00")).body))["status"] == 404


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PUT", "PATCH"])
def test_what_is_not_there_is_a_problem(client: TestClient, method: str) -> None:
    told = problem(client.request(method, "/no/such/route"), 404)
    assert "openapi" in told.hint


def test_a_wrong_method_is_a_problem_that_names_the_right_ones(client: TestClient) -> None:
    response = client.put("/ask")
    problem(response, 405)
    assert response.headers["allow"] == "POST"


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 100_000, b'{"question": ' + b"9" * 5000 + b"}", b"nul"])
def test_what_is_not_json_is_a_problem(client: TestClient, body: bytes) -> None:
    problem(client.post("/ask", content=body, headers=JSON), 400)


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        None,
        "question",
        {"question": ""},
        {"question": " \t\u3000\n"},
        {"question": "\x00\x07"},
        {"question": "x" * 4001},
        {"question": 7},
        {"question": "\ud800"},
        {"question": "x", "keep": 0},
        {"question": "x", "keep": 10**30},
        {"question": "x", "surprise": 1},
        {"question": "x", "collection": "../other"},
        {"question": "x", "collection": "\ud800"},
        {"question": "x", "collection": "models"},
        {"question": "x", "filters": {"title": "y"}},
        {"question": "x", "filters": {"document_ids": "y"}},
        {"question": "x", "filters": {"document_ids": ["y"] * 1001}},
    ],
    ids=lambda body: json.dumps(body)[:40],
)
def test_a_question_that_cannot_be_used_is_a_problem_with_a_hint(client: TestClient, body: Any) -> None:
    told = problem(client.post("/ask", content=json.dumps(body), headers=JSON), 422)
    assert told.detail
    assert told.hint


def test_json_without_its_content_type_is_told_so(client: TestClient) -> None:
    told = problem(client.post("/ask", content=b'{"question": "x"}'), 422)
    assert "Content-Type" in told.hint


def test_what_was_sent_is_not_echoed(client: TestClient) -> None:
    response = client.post("/ask", json={"question": ["my secret"]})
    assert "secret" not in response.text


def test_a_surprise_is_logged_under_the_id_that_is_told(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    told = problem(client.get("/broken"), 500)
    assert "hunter2" not in told.model_dump_json()
    name = told.detail.split()[-1]
    [record] = [record for record in caplog.records if name in record.getMessage()]
    assert record.exc_info


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=5))
@pytest.mark.parametrize("path", ["/ask", "/search"])
def test_no_value_of_a_field_breaks_the_server(client: TestClient, path: str, body: Any) -> None:
    for field in ("question", "query", "collection", "filters", "keep", "stream", "conversation_id"):
        sent = json.dumps({"question": "x", field: body} if path == "/ask" else {"query": "x", field: body})
        response = client.post(path, content=sent, headers=JSON)
        assert response.status_code in (200, 400, 404, 422), response.text


def test_openapi_documents_every_error_as_a_problem(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()
    assert "HTTPValidationError" not in schema["components"]["schemas"]
    assert set(schema["components"]["schemas"]["ProblemOut"]["properties"]) == {
        "type",
        "title",
        "status",
        "detail",
        "hint",
    }
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    assert list(response["content"]) == ["application/problem+json"], (method, path, status)
    ask = schema["paths"]["/ask"]["post"]
    assert {"400", "404", "422", "503"} <= set(ask["responses"])
    assert set(ask["responses"]["200"]["content"]) == {"application/json", "text/event-stream"}
