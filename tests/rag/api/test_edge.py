from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from rag.api.edge import MAX_BODY_BYTES, check_address, is_loopback
from rag.errors import Misconfigured
from tests.rag.api.conftest import serving

MakeApp = Callable[..., FastAPI]
HERE = "http://127.0.0.1:8000"


@pytest.fixture
def client(scripted_app: MakeApp) -> Iterator[TestClient]:
    with TestClient(scripted_app(), base_url=HERE, raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "localhost", "LOCALHOST", "::1", "[::1]", "localhost."])
def test_loopback_is_known_by_all_its_names(host: str) -> None:
    assert is_loopback(host)
    check_address(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "10.0.0.1", "127.0.0.1.evil.example", "localhost.evil.example"])
def test_the_server_refuses_to_listen_beyond_this_machine(host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(Misconfigured, match="no keys") as caught:
        check_address(host)
    assert "127.0.0.1" in caught.value.hint


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "[::ffff:10.0.0.1]", "", "[", "localhost@evil"],
)
def test_a_name_rebound_to_this_machine_is_not_answered(client: TestClient, host: str) -> None:
    response = client.get("/healthz", headers={"Host": host})
    assert response.status_code == 421
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:9"])
def test_this_machine_is_answered_by_any_of_its_names(client: TestClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://localhost.evil.example", "http://["])
def test_a_page_from_the_web_changes_nothing(client: TestClient, origin: str) -> None:
    response = client.post("/documents", files={"files": ("a.txt", b"planted")}, headers={"Origin": origin})
    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers


def test_a_page_of_this_machine_may_call(client: TestClient) -> None:
    headers = {"Origin": "http://localhost:8501"}
    assert client.post("/ask", json={"question": "so?"}, headers=headers).status_code == 200


def test_another_machine_is_not_answered(scripted_app: MakeApp) -> None:
    with TestClient(scripted_app(), base_url=HERE, client=("10.1.2.3", 5)) as client:
        assert client.get("/healthz").status_code == 403


def test_a_body_that_announces_its_size_is_refused_unread(client: TestClient) -> None:
    response = client.post("/ask", content=b"x" * (MAX_BODY_BYTES + 1), headers={"Content-Type": "application/json"})
    assert response.status_code == 413
    assert response.json()["hint"]


def test_a_body_that_does_not_announce_its_size_is_refused_on_the_way(client: TestClient) -> None:
    pieces = (b" " * 100_000 for _ in range(MAX_BODY_BYTES // 100_000 + 1))
    response = client.post("/ask", content=pieces, headers={"Content-Type": "application/json"})
    assert response.status_code == 413


def test_an_endless_body_is_cut_off_by_a_real_server(scripted_app: MakeApp) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b" " * 65536

    with serving(scripted_app()) as client:
        try:
            status = client.post("/ask", content=endless(), headers={"Content-Type": "application/json"}).status_code
        except httpx.TransportError:
            status = 413  # the connection was closed on us, as it may be
        assert status == 413
        assert client.get("/healthz").status_code == 200


def test_no_answer_is_sniffed_or_stored_by_a_browser(client: TestClient) -> None:
    for path in ("/healthz", "/nowhere"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
