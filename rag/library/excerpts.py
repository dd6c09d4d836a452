"""What is said in chunks, and above them: for those who look at many chunks and read none of them on. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from rag.types import Chunk, Document


def excerpts_of(chunks: Mapping[int, Chunk], documents: Mapping[str, Document]) -> dict[int, str]:
    """Return title, headings and text of each chunk whose document is there, a line each."""
    found: dict[int, str] = {}
    for key, chunk in chunks.items():
        document = documents.get(chunk.document_id)
        if document is not None:
            above = dict.fromkeys(part for part in (document.title, *chunk.headings) if part)
            found[key] = "\n".join([*above, document.text[chunk.start : chunk.end]])
    return found
