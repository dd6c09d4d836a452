"""Makers of the things that flow, for the tests of rag."""

import hashlib
from itertools import accumulate
from pathlib import Path

from rag.library.library import FileFacts, Library, Manifest
from rag.marks import guard_marks
from rag.text import search_terms
from rag.types import Block, Chunk, Document, Passage, Verdict
from tests.fakes import HashEmbedder


def make_passage(text: str, *, document_id: str = "doc", start: int = 0, key: int = 1, score: float = 1.0) -> Passage:
    end = start + len(text)
    return Passage(
        chunk=Chunk(key, document_id, start, end),
        start=start,
        end=end,
        text=text,
        title=f"Title of {document_id}",
        source=f"{document_id}.txt",
        version=1,
        score=score,
    )


def word_check(claim: str, quote: str) -> Verdict:
    """A check that stays as it is while ours learns: the quote has six in ten of the claim's words, and its numbers."""
    wanted, held = (set(search_terms(guard_marks(text))) for text in (claim, quote))
    cover = len(wanted & held) / len(wanted) if wanted else 0.0
    numbers = {term for term in wanted if term.isdigit()} - held
    problems = ("number",) * bool(numbers) + ("cover",) * (cover < 0.6)
    return Verdict(not problems, cover, problems)


EMBEDDER = HashEmbedder()
MANIFEST = Manifest(EMBEDDER.name, EMBEDDER.fingerprint, EMBEDDER.dimension, chunker="lines", reader="lines")


def open_library(folder: Path) -> Library:
    return Library.open(folder, MANIFEST)


def shelve(library: Library, text: str, name: str, *, title: str = "", blocks: tuple[Block, ...] = ()) -> Document:
    """Store a text of which every line is a chunk."""
    digest = hashlib.sha256(f"{name} {text}".encode()).hexdigest()
    document = Document(digest, title or name, name, "text/plain", text, blocks or (Block(0, len(text)),))
    starts = accumulate((len(line) + 1 for line in text.split("\n")), initial=0)
    spans = [(start, start + len(line)) for start, line in zip(starts, text.split("\n"), strict=False) if line]
    chunks = [Chunk(0, digest, start, end) for start, end in spans]
    return put(library, document, chunks)


def put(library: Library, document: Document, chunks: list[Chunk]) -> Document:
    data = document.text.encode()
    facts = FileFacts(f"file:///{document.source}", document.source, library.keep_original(data), len(data), 1)
    vectors = EMBEDDER.embed_passages([document.text[chunk.start : chunk.end] for chunk in chunks])
    return library.put(document, chunks, vectors, facts)
