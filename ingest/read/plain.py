"""Plain text: decoded, its lines unwrapped, its structure read off them."""

from __future__ import annotations

import re
from dataclasses import replace

from ingest.read.characters import safe_text
from ingest.read.encoding import decode
from ingest.read.limits import Limits
from ingest.read.sniff import TEXT
from ingest.read.writer import check_length, title_of
from ingest.structure import structure
from rag.errors import NoText, Unsupported
from rag.text import language_of
from rag.types import Document

_NUMBERED = re.compile(r"\s*(?:\d{1,3}[.)、]|[（(]\d)")


def read_plain(data: bytes, name: str, limits: Limits) -> Document:
    """Raises Unsupported where the bytes are in no encoding, NoText where they are nothing but space."""
    decoded = decode(data)
    if decoded is None:
        raise Unsupported(f"{name}: not text in any known encoding", hint="convert it to UTF-8 text, HTML or PDF")
    text, encoding = decoded
    check_length(name, len(text), limits)
    text = unwrap(safe_text(text)).strip("\n")
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


def unwrap(text: str) -> str:
    """Join the lines of paragraphs that were broken to a fixed width; all other line ends stay."""
    return "\n".join(_unwrapped(paragraph) for paragraph in text.split("\n"))


def _unwrapped(paragraph: str) -> str:
    return paragraph
