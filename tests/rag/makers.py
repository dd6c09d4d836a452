"""Makers of the things that flow, for the tests of rag."""

from rag.types import Chunk, Passage


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
