"""What happens to a file before the library is asked about it: read, clean, protect. Runs in the reading process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

from ingest.clean import clean
from ingest.quality import refuse_noise
from ingest.read import Limits, read
from rag.errors import NoText
from rag.text import language_of
from rag.types import Document


def as_read(data: bytes, name: str, limits: Limits) -> Document:
    """Return a file as its reader gives it, before anything is cleaned. Raises the Unreadable family."""
    return read(data, name, limits=limits)


def prepare(data: bytes, name: str, limits: Limits) -> Document:
    """Return the canonical text of a file and its structure; id is "" yet. Raises the Unreadable family."""
    document = clean(read(data, name, limits=limits))
    if not document.text.strip():
        raise NoText(f"{name}: nothing is left of it once page furniture is taken away")
    refuse_noise(document)
    document = replace(
        document,
        title=document.title.strip() or PurePath(name).stem,
        language=language_of(document.text) if document.language == "und" else document.language,
    )
    if limits.privacy == "off":
        return document
    from ingest.privacy import Privacy, protect  # its tables take a moment to load

    return protect(document, Privacy(limits.privacy))
