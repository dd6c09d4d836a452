"""A service on a real port, and answerers that do what a test tells them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ingest.worker import Worker
from rag import build
from rag.api import create_app
from rag.config import ServerSettings, Settings
from rag.plan import Retrieval
from rag.types import Answer, Delta, Event, Finished, Retrieved, Status
from rag.wire import ProblemOut
from tests.fakes import HashEmbedder

PATIENCE_SECONDS = 10.0
Ask = Callable[[str], Iterator[Event]]


class ScriptedBuild:
    """rag.build with answers from a script and no library: for tests of how answers travel."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.closed = 0

    def build_embedder(self, settings: Settings) -> Any:
        return HashEmbedder()

    def open_library(self, settings: Settings, collection: str | None = None, *, embedder: Any) -> Any:
        return SimpleNamespace(close=self._close)

    def build_retriever(self, settings: Settings, library: Any, embedder: Any) -> Any:
        return SimpleNamespace(run=lambda query, **options: Retrieval(query, (), ()))

    def build_answerer(self, settings: Settings, library: Any, embedder: Any) -> Any:
        return SimpleNamespace(ask=self._ask)

    def build_language_model(self, settings: Settings) -> None:
        return None

    def _ask(self, question: str, **options: Any) -> Iterator[Event]:
        self.asked.append((question, options))
        return self.ask(question)

    def _close(self) -> None:
        self.closed += 1


def answer_to(question: str, text: str = "Yes.") -> Answer:
    return Answer(
        question=question,
        text=text,
        citations=(),
        passages=(),
        refused=False,
        reason=None,
        confidence=0.9,
        model="scripted",
    )


def plain_script(question: str) -> Iterator[Event]:
    yield Status("retrieving")
    yield Retrieved(())
    yield Status("answering")
    yield Delta("Ye")
    yield Delta("s.")
    yield Finished(answer_to(question))


@contextmanager
def serving(app: FastAPI) -> Iterator[httpx.Client]:
    """Run the app in uvicorn on a free loopback port, and yield a client of it."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=2, ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            thread.join(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_SECONDS, trust_env=False) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)


@pytest.fixture
def scripted_app(tmp_path: Path) -> Callable[..., FastAPI]:
    """Make a service whose answers come from a script."""

    def make(ask: Ask = plain_script, *, heartbeat_seconds: float = 10.0, **server: Any) -> FastAPI:
        settings = Settings(data=tmp_path / "data", server=ServerSettings(**server))
        scripted = ScriptedBuild(ask)
        app = create_app(settings, build=scripted, heartbeat_seconds=heartbeat_seconds)
        app.state.build = scripted
        return app

    return make


class HashBuild:
    """rag.build with an embedder that needs no weights."""

    open_library = staticmethod(build.open_library)
    build_retriever = staticmethod(build.build_retriever)
    build_answerer = staticmethod(build.build_answerer)
    build_language_model = staticmethod(build.build_language_model)

    def __init__(self) -> None:
        self.embedder = HashEmbedder()

    def build_embedder(self, settings: Settings) -> HashEmbedder:
        return self.embedder


@dataclass
class Service:
    """A service over a real library, and a worker that runs when it is told to."""

    settings: Settings
    client: TestClient
    app: FastAPI
    worker: Worker

    def upload(self, *files: tuple[str, bytes], collection: str = "default") -> Any:
        parts = [("files", file) for file in files]
        response = self.client.post("/documents", params={"collection": collection}, files=parts)
        assert response.status_code == 202, response.text
        return response.json()["job"]

    def ingest(self, *files: tuple[str, bytes], collection: str = "default") -> list[str]:
        """Upload, work, and return the ids of the documents."""
        job = self.upload(*files, collection=collection)
        assert self.worker.run_one()
        done = self.client.get(f"/jobs/{job['id']}", params={"collection": collection}).json()
        assert done["state"] == "done", done
        return [row["document_id"] for row in done["report"]["files"]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "readable").mkdir()
    server = ServerSettings(ingest_roots=(tmp_path / "readable",), max_upload_mb=1)
    return Settings(data=tmp_path / "data", server=server)


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    app = create_app(settings, build=HashBuild())
    with (
        Worker(settings, HashEmbedder(), threading.Event()) as worker,
        TestClient(app, base_url="http://127.0.0.1") as client,
    ):
        yield Service(settings, client, app, worker)


@pytest.fixture
def client(service: Service) -> TestClient:
    return service.client


def problem(response: Any, status: int) -> ProblemOut:
    """Check that the response is a problem of this status, and return it."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    told = ProblemOut.model_validate_json(response.content)
    assert told.status == status
    return told
