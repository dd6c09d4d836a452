"""Documents, files and libraries for the tests of the library."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from rag.library.library import FileFacts, Library, Manifest
from rag.ports import Matrix
from rag.types import Block, BlockKind, Box, Chunk, Document
from tests.fakes import HashEmbedder

EMBEDDER = HashEmbedder(32)
MANIFEST = Manifest(EMBEDDER.name, EMBEDDER.fingerprint, EMBEDDER.dimension, chunker="chunker 1", reader="reader 1")
CHUNK_CHARACTERS = 24


def document_of(text: str, *, title: str = "", blocks: tuple[Block, ...] = ()) -> Document:
    digest = hashlib.sha256(b"reader 1" + text.encode()).hexdigest()
    return Document(digest, title or "untitled", "", "text/plain", text, blocks or (Block(0, len(text)),), "en")


def chunked(document: Document, size: int = CHUNK_CHARACTERS) -> tuple[list[Chunk], Matrix]:
    spans = [(start, min(start + size, len(document.text))) for start in range(0, len(document.text), size)]
    chunks = [Chunk(0, document.id, start, end, ("Heading",)) for start, end in spans]
    return chunks, EMBEDDER.embed_passages([document.text[start:end] for start, end in spans])


def facts_of(text: str, name: str) -> FileFacts:
    data = text.encode()
    return FileFacts(f"file:///shelf/{name}", f"shelf/{name}", hashlib.sha256(data).hexdigest(), len(data), 1)


def place(library: Library, text: str, name: str, *, title: str = "") -> Document:
    """Do what ingestion does with a text file."""
    document = document_of(text, title=title)
    library.keep_original(text.encode())
    return library.put(document, *chunked(document), facts_of(text, name))


def place_again(library: Library, text: str, name: str) -> None:
    library.put_duplicate(facts_of(text, name), document_of(text).id)


def open_shelf(folder: Path, manifest: Manifest = MANIFEST) -> Library:
    return Library.open(folder, manifest)


def found(library: Library, query: str, k: int = 5) -> set[str]:
    """The ids of the documents that each index finds, which had better be the same ones."""
    library.refresh()
    dense = library.dense(EMBEDDER.embed_queries([query]), k)[0]
    lexical = library.lexical(query, k)
    keys = {hit.key for hit in dense if hit.score > 0.5} | {hit.key for hit in lexical}
    return {chunk.document_id for chunk in library.chunks(keys).values()}


def printed(text: str, line: int = 10) -> Document:
    """A document of one paragraph, printed in lines of so many characters, two lines a page."""
    lines = tuple(
        Block(
            start,
            min(start + line, len(text)),
            BlockKind.LINE,
            Box(number // 2 + 1, 10, number * 12, 90, number * 12 + 10),
        )
        for number, start in enumerate(range(0, len(text), line))
    )
    return replace(document_of(text), blocks=(Block(0, len(text)), *lines))
