"""What the embedder reads of a chunk: its text, and before it where it stands. The span of the chunk stays its text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from rag.ports import Embedder, Matrix
from rag.types import Chunk, Document

SEPARATOR = "\n"


def passage_text(
    title: str,
    chunk: Chunk,
    text: str,
    *,
    token_starts: Callable[[str], Sequence[int]],
    max_tokens: int,
) -> str:
    """Return title, headings and the chunk's text, the first two cut to the tokens that the text leaves free.

    An embedder cuts off what is too long at its end, and that would be the chunk's own words.
    """
    path = [part for part in (title, *chunk.headings) if part.strip()]
    context = " > ".join(dict.fromkeys(path))
    if not context:
        return text
    room = max_tokens - len(token_starts(text)) - len(token_starts(SEPARATOR))
    starts = token_starts(context)
    if len(starts) > room:
        # The last heading says most about the chunk, so the cut falls at the front.
        context = context[starts[len(starts) - room] :] if room > 0 else ""
    return f"{context}{SEPARATOR}{text}" if context else text


def passage_texts(document: Document, chunks: Sequence[Chunk], embedder: Embedder) -> Iterator[str]:
    for chunk in chunks:
        yield passage_text(
            document.title,
            chunk,
            document.text[chunk.start : chunk.end],
            token_starts=embedder.token_starts,
            max_tokens=embedder.max_tokens,
        )


def embed_once(texts: Sequence[str], embed: Callable[[Sequence[str]], Matrix]) -> Matrix:
    """Return a row for each text, with equal texts embedded once: a licence, or a disclaimer below every mail."""
    rows: dict[str, int] = {}
    places = [rows.setdefault(text, len(rows)) for text in texts]
    vectors = embed(list(rows))
    return vectors if len(rows) == len(texts) else vectors[np.array(places)]
