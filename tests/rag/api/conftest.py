"""A service on a real port, and answerers that do what a test tells them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from rag.api import create_app
from rag.config import ServerSettings, Settings
from rag.types import Answer, Delta, Event, Finished, Retrieved, Status
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

    def open_library(self, settings: Settings, collection: str | None = None, *, embedder: Any = None) -> Any:
        return SimpleNamespace(close=self._close)

    def build_retriever(self, settings: Settings, library: Any, embedder: Any) -> Any:
        return SimpleNamespace(retrieve=lambda query, **options: ())

    def build_answerer(self, settings: Settings, library: Any, embedder: Any) -> Any:
        return SimpleNamespace(ask=self._ask)

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
        build = ScriptedBuild(ask)
        app = create_app(settings, build=build, heartbeat_seconds=heartbeat_seconds)
        app.state.build = build
        return app

    return make
