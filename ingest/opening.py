"""Open a collection for writing, and build an Ingest from settings: what rag.build, which knows no chunker, cannot."""

from __future__ import annotations

from collections.abc import Callable

from ingest.chunk import CHUNKER_VERSION
from ingest.pipeline import Ingest, Progress
from ingest.read import READER_VERSION, Limits
from ingest.read_apart import ReadApart
from rag.build import library_folder, manifest_of
from rag.config import Settings
from rag.library.library import Library
from rag.library.records import Manifest
from rag.ports import Embedder


def max_tokens(settings: Settings, embedder: Embedder) -> int:
    return min(settings.chunk.max_tokens, embedder.max_tokens)


def writing_manifest(settings: Settings, embedder: Embedder) -> Manifest:
    """Describe a library down to how its documents are cut: two cuts in one library would answer unevenly."""
    chunker = f"{CHUNKER_VERSION}/{max_tokens(settings, embedder)}/{settings.chunk.overlap_sentences}"
    return manifest_of(embedder, chunker=chunker, reader=READER_VERSION)


def open_for_writing(settings: Settings, collection: str, embedder: Embedder) -> Library:
    """Open a collection, made when absent. Raises LibraryMismatch, LibraryDamaged, InvalidRequest for its name."""
    return Library.open(library_folder(settings, collection), writing_manifest(settings, embedder))


def build_ingest(
    settings: Settings,
    library: Library | None,
    embedder: Embedder,
    *,
    progress: Callable[[Progress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Ingest:
    return Ingest(
        library,
        embedder,
        data=settings.data,
        limits=Limits(
            max_bytes=settings.ingest.max_file_mb * 2**20,
            max_pages=settings.ingest.max_pages,
            max_seconds=settings.ingest.max_seconds,
            max_memory_bytes=settings.ingest.max_memory_mb * 2**20,
        ),
        apart=ReadApart(),
        max_tokens=settings.chunk.max_tokens,
        overlap_sentences=settings.chunk.overlap_sentences,
        progress=progress,
        cancelled=cancelled,
    )
