"""Open what a verb speaks of, and close it again. Knows nothing of what is done with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rag.build import build_embedder, open_library
from rag.config import Settings, check_collection_name
from rag.library.library import Library
from rag.ports import Embedder


@contextmanager
def opened(settings: Settings, collection: str | None) -> Iterator[tuple[Library, Embedder]]:
    """Yield the collection and the embedder that its vectors need. Raises what rag.build's functions raise."""
    if collection is not None:
        check_collection_name(collection)
    embedder = build_embedder(settings)
    library = open_library(settings, collection, embedder=embedder)
    try:
        yield library, embedder
    finally:
        library.close()
