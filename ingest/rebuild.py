"""Make a collection's chunks and vectors anew, with the embedder and the chunker that the settings name now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ingest.chunk import chunk
from ingest.opening import max_tokens, writing_manifest
from ingest.passage import passage_texts
from rag.build import runtime_of
from rag.config import Settings
from rag.library.library import Library
from rag.ports import Embedder, Matrix
from rag.types import Chunk, Document

BATCH_PASSAGES = 256


def rebuild(folder: Path, settings: Settings, embedder: Embedder, progress: Callable[[int, int], None]) -> None:
    """Rebuild the library in this folder; the old chunks answer until the new ones are whole.

    progress: documents done, of all. Raises LibraryBusy, LibraryDamaged, ModelError.
    """

    def rechunk(document: Document) -> tuple[Sequence[Chunk], Matrix]:
        chunks = chunk(
            document,
            embedder.token_starts,
            max_tokens=max_tokens(settings, embedder),
            overlap_sentences=settings.chunk.overlap_sentences,
        )
        texts = list(passage_texts(document, chunks, embedder))
        slices = [
            embedder.embed_passages(texts[first : first + BATCH_PASSAGES])
            for first in range(0, len(texts), BATCH_PASSAGES)
        ]
        return chunks, np.concatenate(slices) if slices else embedder.embed_passages([])

    manifest = writing_manifest(settings, embedder)
    Library.rebuild(folder, manifest, rechunk, progress)
    with Library.open(folder, manifest) as library:
        library.note_runtime(runtime_of(embedder))
