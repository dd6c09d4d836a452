"""A server that does as a test says, and the model behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag.models.remote import RemoteGenerator
from tests.rag.models.asking import KEY, Make
from tests.rag.models.llm_server import LlmServer, llm_server


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with llm_server() as server:
        yield server


@pytest.fixture
def make(server: LlmServer) -> Iterator[Make]:
    made: list[RemoteGenerator] = []

    def build(**options: object) -> RemoteGenerator:
        chosen = {"base_url": server.address, "api_key": KEY, "pause": lambda seconds: None, **options}
        made.append(RemoteGenerator("tiny", **chosen))  # type: ignore[arg-type]
        return made[-1]

    yield build
    for one in made:
        one.close()
