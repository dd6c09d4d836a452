"""GET /healthz: the process lives. GET /readyz: it can answer, or why not."""

from __future__ import annotations

from fastapi import APIRouter, Request

from rag.api.problems import responses
from rag.api.service import TheService
from rag.wire import HealthOut, ReadyOut

router = APIRouter(tags=["health"])


@router.get("/healthz", responses=responses())
def healthz(request: Request) -> HealthOut:
    """Answer without touching anything."""
    return HealthOut(status="alive", version=request.app.version)


@router.get("/readyz", responses=responses(503))
def readyz(service: TheService) -> ReadyOut:
    """Open the default collection, or answer 503 with what stands in the way.

    The embedder may still be warming up: a question asked now waits for it.
    """
    service.warmup.check()
    with service.shelf.use(service.settings.collection) as opened:
        return ReadyOut(status="ready", collection=opened.name, embedder=service.warmup.state)
