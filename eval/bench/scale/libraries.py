"""Make a library of any size, once: the truth through Library.put, the indexes by Library.catch_up.

A run that was stopped goes on where it was. Knows nothing of measuring.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence

import numpy as np

from eval.bench.scale import copies
from eval.bench.scale.originals import Pool
from rag.build import build_retriever, library_folder, manifest_of
from rag.config import Settings
from rag.library.library import Library
from rag.library.records import Manifest
from rag.ports import Embedder, Keys, Matrix

SAY_EVERY = 200  # documents
BLOCK = 20_000  # vectors compared at once


def collection_name(chunks: int, pools: Sequence[Pool], embedder: Embedder) -> str:
    """Name a library for all that decides what is in it."""
    content = [
        copies.VERSION,
        embedder.fingerprint,
        [[pool.name, len(pool.words), len(pool.vectors)] for pool in pools],
    ]
    return f"scale-{chunks}-{hashlib.sha256(json.dumps(content).encode()).hexdigest()[:12]}"


def manifest_for(embedder: Embedder) -> Manifest:
    """The cuts and the texts are this benchmark's, so a new chunker or reader takes nothing from them."""
    return manifest_of(embedder, chunker=f"scale {copies.VERSION}", reader=f"scale {copies.VERSION}")


def make_truth(
    settings: Settings, name: str, chunks: int, pools: Sequence[Pool], embedder: Embedder, say: Callable[[str], None]
) -> float:
    """Put the documents that are not there yet; return the seconds that took."""
    begun = time.monotonic()
    with Library.open(library_folder(settings, name), manifest_for(embedder)) as library, library.lease():
        there = library.count_documents()
        done = 0
        for number, copy in enumerate(copies.copies(pools, chunks)):
            done += len(copy.chunks)
            if number < there:
                continue
            library.keep_original(copy.data)
            library.put(copy.document, copy.chunks, copy.vectors, copy.facts)
            if number % SAY_EVERY == 0:
                say(f"{name}: {done} of {chunks} chunks, {time.monotonic() - begun:.0f} s")
    return time.monotonic() - begun


def make_indexes(settings: Settings, name: str, embedder: Embedder) -> float:
    """Bring both indexes to the end of the log; return the seconds that took: hardly any where they stand there."""
    begun = time.monotonic()
    with Library.open(library_folder(settings, name), manifest_for(embedder)) as library:
        library.catch_up()
    return time.monotonic() - begun


def exact_neighbours(settings: Settings, name: str, embedder: Embedder, queries: Matrix, k: int) -> Keys:
    """Compare each query with every vector of the truth; return the keys of the k nearest, best first, (n, k)."""
    keys = np.zeros((len(queries), 0), dtype=np.int64)
    scores = np.zeros((len(queries), 0), dtype=np.float32)
    with Library.open(library_folder(settings, name), manifest_for(embedder)) as library:
        for first in range(1, len(library) + 1, BLOCK):  # nothing was ever removed: the keys are a run from 1
            some = np.arange(first, min(first + BLOCK, len(library) + 1))
            keys = np.hstack([keys, np.tile(some, (len(queries), 1))])
            scores = np.hstack([scores, queries @ library.vectors(some.tolist()).T])
            best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
            keys, scores = np.take_along_axis(keys, best, 1), np.take_along_axis(scores, best, 1)
    return keys


def ask_all(settings: Settings, name: str, embedder: Embedder, texts: Sequence[str]) -> None:
    """Ask each question once: a remembering embedder has then seen all that its parts ask for."""
    with Library.open(library_folder(settings, name), manifest_for(embedder)) as library:
        retriever = build_retriever(settings, library, embedder)
        for text in texts:
            retriever.retrieve(text)
