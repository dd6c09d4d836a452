"""Open a collection for writing, and build an Ingest from settings: what rag.build, which knows no chunker, cannot."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence

from ingest.ahead import ReadAhead
from ingest.chunk import CHUNKER_VERSION
from ingest.patterns import Patterns
from ingest.pipeline import Ingest, Progress
from ingest.privacy import Privacy, mask_logs
from ingest.read import Limits, reader_version
from rag.build import library_folder, manifest_of
from rag.config import Settings
from rag.library.library import Library
from rag.library.records import Manifest
from rag.library.tagging import checked_tags
from rag.ports import Embedder


def max_tokens(settings: Settings, embedder: Embedder) -> int:
    return min(settings.chunk.max_tokens, embedder.max_tokens)


def writing_manifest(settings: Settings, embedder: Embedder) -> Manifest:
    """Describe a library down to how its documents are cut: two cuts in one library would answer unevenly."""
    chunker = f"{CHUNKER_VERSION}/{max_tokens(settings, embedder)}/{settings.chunk.overlap_sentences}"
    return manifest_of(embedder, chunker=chunker, reader=reader_version(limits_of(settings)))


def open_for_writing(settings: Settings, collection: str, embedder: Embedder) -> Library:
    """Open a collection, made when absent. Raises LibraryMismatch, LibraryDamaged, InvalidRequest for its name."""
    return Library.open(library_folder(settings, collection), writing_manifest(settings, embedder))


def limits_of(settings: Settings) -> Limits:
    chosen = settings.ingest
    return Limits(
        max_bytes=chosen.max_file_mb * 2**20,
        max_pages=chosen.max_pages,
        max_expansion=chosen.max_expansion,
        max_nesting=chosen.max_nesting,
        max_members=chosen.max_members,
        max_seconds=chosen.max_seconds,
        max_memory_bytes=chosen.max_memory_mb * 2**20,
        passwords=tuple(password.get_secret_value() for password in chosen.passwords),
        ocr=chosen.ocr,
        plugins=tuple(chosen.readers.items()),
        privacy=chosen.privacy,
    )


def build_ingest(
    settings: Settings,
    library: Library | None,
    embedder: Embedder,
    *,
    avoid: Collection[str] = (),
    tags: Sequence[str] = (),
    progress: Callable[[Progress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Ingest:
    """Raises InvalidRequest for what cannot be a tag, or is no pattern."""
    if Privacy(settings.ingest.privacy) is Privacy.MASK:
        mask_logs()
    return Ingest(
        library,
        embedder,
        data=settings.data,
        limits=limits_of(settings),
        patterns=Patterns.of(ignore=settings.ingest.ignore, include=settings.ingest.include),
        reading=ReadAhead(settings.ingest.processes or os.cpu_count() or 1),
        max_tokens=settings.chunk.max_tokens,
        overlap_sentences=settings.chunk.overlap_sentences,
        avoid=avoid,
        tags=checked_tags(tags),
        progress=progress,
        cancelled=cancelled,
    )
