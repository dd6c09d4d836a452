"""What the routes share, handed to them by FastAPI. Made once, in app.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request

from rag.api.shelf import Shelf
from rag.api.stream import HEARTBEAT_SECONDS, Gate
from rag.api.warmup import Warmup
from rag.config import Settings


@dataclass(frozen=True, slots=True)
class Service:
    settings: Settings
    shelf: Shelf
    gate: Gate
    warmup: Warmup
    heartbeat_seconds: float = HEARTBEAT_SECONDS


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def _collection(
    service: Annotated[Service, Depends(_service)],
    collection: Annotated[
        str | None, Query(description="the collection; without it, the default one", examples=["handbook"])
    ] = None,
) -> str:
    return service.shelf.name_of(collection)


TheService = Annotated[Service, Depends(_service)]
CollectionName = Annotated[str, Depends(_collection)]
