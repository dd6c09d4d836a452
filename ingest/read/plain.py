"""Plain text: decoded, its lines unwrapped, its structure read off them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

from ingest.read.characters import safe_text
from ingest.read.encoding import decode
from ingest.read.limits import Limits
from ingest.read.media import TEXT
from ingest.read.wrapped import unwrap
from ingest.read.writer import check_length, title_of
from ingest.structure import structure
from rag.errors import NoText, Unsupported
from rag.text import language_of
from rag.types import Document

_LINE_BY_LINE = frozenset({".csv", ".tsv", ".log"})  # no line goes on in the next


def read_plain(data: bytes, name: str, limits: Limits) -> Document:
    """Raises Unsupported where the bytes are in no encoding, NoText where they are nothing but space."""
    decoded = decode(data)
    if decoded is None:
        raise Unsupported(f"{name}: not text in any known encoding", hint="convert it to UTF-8 text, HTML or PDF")
    text, encoding = decoded
    check_length(name, len(text), limits)
    text = safe_text(text)
    if PurePath(name).suffix.lower() not in _LINE_BY_LINE:
        text = unwrap(text)
    text = text.strip("\n")
    if not text.strip():
        raise NoText(f"{name}: there is no text in it")
    document = Document(
        id="",
        title="",
        source=name,
        mime=TEXT,
        text=text,
        blocks=structure(text),
        language=language_of(text),
        metadata={"encoding": encoding},
    )
    return replace(document, title=title_of(document, None))
