"""Put the service together: settings in, an ASGI application out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any, cast

from fastapi import FastAPI

from rag.api import (
    asking,
    collections,
    conversations,
    documents,
    facets,
    feedback,
    health,
    jobs,
    pages,
    problems,
    rating,
    uploading,
)
from rag.api.edge import Edge
from rag.api.service import Service
from rag.api.shelf import Build, Shelf
from rag.api.stream import HEARTBEAT_SECONDS, Gate
from rag.api.warmup import Warmup
from rag.config import Settings

EXTRACTED_AT_ONCE = 4  # answers that no language model writes: more would only share the processor
DESCRIPTION = "Answers from your own documents, with a checked footnote under every sentence."


def create_app(
    settings: Settings, *, build: Build | None = None, heartbeat_seconds: float = HEARTBEAT_SECONDS
) -> FastAPI:
    """Return the HTTP service over settings.data. Serve it on loopback only: see edge.check_address.

    build: rag.build, or a test's stand-in for it.
    """
    shelf = Shelf(settings, build or _build())
    service = Service(
        settings=settings,
        shelf=shelf,
        gate=Gate(running=_running(settings), waiting=settings.server.waiting_answers),
        warmup=Warmup(shelf),
        heartbeat_seconds=heartbeat_seconds,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.warmup.start()
        try:
            yield
        finally:
            shelf.close()

    # docs_url, redoc_url: their pages load scripts from the web
    app = FastAPI(
        title="Footnote",
        version=installed_version(),
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    for room in (
        asking,
        conversations,
        feedback,
        rating,
        facets,
        collections,
        documents,
        uploading,
        pages,
        jobs,
        health,
    ):
        app.include_router(room.router)
    problems.install(app)
    app.add_middleware(Edge)
    _describe_problems(app)
    return app


def installed_version() -> str:
    try:
        return version("footnote")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"


def _build() -> Build:
    from rag import build  # heavy: SQL, FAISS and tantivy

    return cast(Build, build)


def _describe_problems(app: FastAPI) -> None:
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        return app.openapi_schema if app.openapi_schema else problems.describe(plain())

    app.openapi = openapi  # type: ignore[method-assign]


def _running(settings: Settings) -> int:
    """How many answers run at a time: those of a language model wait for it, and it takes many at once."""
    if settings.server.concurrent_answers is not None:
        return settings.server.concurrent_answers
    return EXTRACTED_AT_ONCE if settings.answer.generator == "extractive" else settings.llm.concurrent
