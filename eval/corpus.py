"""A dataset's documents as a library of Footnote's own, made once and kept. Knows nothing of questions.

The folder is named for everything that decides what is in it (texts, embedder, chunker, reader), so a change of any
makes another library, and a run that was stopped half way goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import unquote

from eval.questions import Dataset, Paragraph
from ingest.chunk import chunk
from ingest.opening import build_ingest, max_tokens, open_for_writing, writing_manifest
from ingest.passage import passage_text
from rag.build import manifest_of
from rag.config import Settings
from rag.library.library import Library
from rag.library.records import FileFacts, SourceRow
from rag.ports import Embedder
from rag.types import Block, Chunk, Document

BATCH_PARAGRAPHS = 64  # embedded together, then put one by one
LEASE_SECONDS = 1800.0  # two runs may want the same library: the second waits for the first to make it
Progress = Callable[[int, int], None]  # done, of how many


@dataclass(frozen=True, slots=True)
class Corpus:
    """A library that holds a dataset's documents. documents: a Support's document name -> the library's id."""

    library: Library
    documents: dict[str, str]


@contextmanager
def open_corpus(dataset: Dataset, settings: Settings, embedder: Embedder, progress: Progress) -> Iterator[Corpus]:
    """Open the dataset's library below settings.data, making what is missing of it; or that which is there already."""
    if dataset.library is not None:
        with Library.open(dataset.library, manifest_of(embedder)) as library:
            yield Corpus(library, {row.location: row.document_id for row in library.sources()})
        return
    name = collection_name(dataset, settings, embedder)
    with open_for_writing(settings, name, embedder) as library:
        if dataset.folder is None:
            _put_paragraphs(dataset.paragraphs, library, settings, embedder, progress)
            documents = {paragraph.id: paragraph.id for paragraph in dataset.paragraphs}
        else:
            reading = build_ingest(settings, library, embedder, progress=lambda step: progress(step.done, step.total))
            reading.run([dataset.folder])
            documents = _by_path(library.sources(), dataset.folder)
        yield Corpus(library, documents)


def _by_path(rows: Iterable[SourceRow], folder: Path) -> dict[str, str]:
    """Return the id of each document by its file's path below the folder."""
    root = folder.resolve().as_uri().rstrip("/") + "/"
    inside = (row for row in rows if row.location.startswith(root))
    return {unquote(row.location.removeprefix(root)): row.document_id for row in inside}


def collection_name(dataset: Dataset, settings: Settings, embedder: Embedder) -> str:
    """Return a name that people can read, with a hash of all that decides the content."""
    if dataset.folder is None:
        content = sorted(paragraph.id for paragraph in dataset.paragraphs)
    else:
        files = sorted(path for path in dataset.folder.rglob("*") if path.is_file())
        content = [f"{path}:{hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files]
    made_by = asdict(writing_manifest(settings, embedder))
    digest = hashlib.sha256(json.dumps([content, made_by]).encode()).hexdigest()
    stem = re.sub(r"[^a-z0-9]+", "-", Path(dataset.spec.partition(":")[2]).stem.lower()).strip("-")
    return f"{stem[:40] or 'set'}-{digest[:12]}"


def _put_paragraphs(
    paragraphs: Sequence[Paragraph], library: Library, settings: Settings, embedder: Embedder, progress: Progress
) -> None:
    """Put each paragraph as a document of its own: chunked, embedded and stored as any file's text is."""
    if not _missing(paragraphs, library):
        return
    with library.lease(timeout_seconds=LEASE_SECONDS):
        missing = _missing(paragraphs, library)  # another run may have put them while this one waited
        for first in range(0, len(missing), BATCH_PARAGRAPHS):
            progress(first, len(missing))
            _put_batch(missing[first : first + BATCH_PARAGRAPHS], library, settings, embedder)
        library.catch_up()


def _missing(paragraphs: Sequence[Paragraph], library: Library) -> list[Paragraph]:
    there = {row.location for row in library.sources()}
    return [paragraph for paragraph in paragraphs if _location(paragraph) not in there]


def _put_batch(paragraphs: Sequence[Paragraph], library: Library, settings: Settings, embedder: Embedder) -> None:
    documents = [_document(paragraph) for paragraph in paragraphs]
    chunked = [_chunks(document, settings, embedder) for document in documents]
    vectors = embedder.embed_passages(
        [
            _embedded(document, item, embedder)
            for document, chunks in zip(documents, chunked, strict=True)
            for item in chunks
        ]
    )
    first = 0
    for paragraph, document, chunks in zip(paragraphs, documents, chunked, strict=True):
        data = paragraph.text.encode()
        facts = FileFacts(
            location=_location(paragraph),
            source=document.source,
            sha256=library.keep_original(data),
            size=len(data),
            mtime_ns=0,
        )
        library.put(document, chunks, vectors[first : first + len(chunks)], facts)
        first += len(chunks)


def _chunks(document: Document, settings: Settings, embedder: Embedder) -> list[Chunk]:
    return chunk(
        document,
        embedder.token_starts,
        max_tokens=max_tokens(settings, embedder),
        overlap_sentences=settings.chunk.overlap_sentences,
    )


def _embedded(document: Document, item: Chunk, embedder: Embedder) -> str:
    text = document.text[item.start : item.end]
    return passage_text(document.title, item, text, token_starts=embedder.token_starts, max_tokens=embedder.max_tokens)


def _document(paragraph: Paragraph) -> Document:
    return Document(
        id=paragraph.id,
        title=paragraph.title,
        source=f"{paragraph.id[:12]}.txt",
        mime="text/plain",
        text=paragraph.text,
        blocks=(Block(0, len(paragraph.text)),),
        language=paragraph.language,
    )


def _location(paragraph: Paragraph) -> str:
    return f"upload:{paragraph.id}.txt"
