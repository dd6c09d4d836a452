"""What a PDF says about itself: metadata and outline, by pypdf. Never fails: a broken part is left out."""

from __future__ import annotations

import io
import logging
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import Destination

from ingest.read.characters import safe_text

logger = logging.getLogger(__name__)

MAX_OUTLINE_ENTRIES = 5000
MAX_FIELD_CHARACTERS = 500
# Seen from pypdf on files that pdfium opens well: it trusts that objects are of the type they should be.
BROKEN = (
    PyPdfError, ValueError, KeyError, IndexError, TypeError, AttributeError, AssertionError, RecursionError,
    OverflowError, NotImplementedError, OSError, EOFError, ImportError, zlib.error, struct.error,
)  # fmt: skip
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PdfFacts:
    title: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    outline: Mapping[str, int] = field(default_factory=dict)  # folded heading -> its level, from 1


def read_facts(data: bytes, password: str = "") -> PdfFacts:
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # it warns of every broken object; nobody can act on that
    reader = _attempt(lambda: _reader(data, password))
    if reader is None:
        return PdfFacts()
    found = _attempt(lambda: _information(reader)) or {}
    outline = _attempt(lambda: _outline(reader)) or {}
    title = found.pop("title", None)
    return PdfFacts(title, found, outline)


def fold_heading(text: str) -> str:
    """Return what is left of a heading when numbers, spaces and signs at its ends are put aside."""
    return "".join(character for character in text.casefold() if character.isalpha())


def _attempt(action: Callable[[], T]) -> T | None:
    try:
        return action()
    except BROKEN as error:
        logger.debug("pypdf gave up: %r", error)
        return None


def _reader(data: bytes, password: str) -> PdfReader:
    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted:
        reader.decrypt(password)
    return reader


def _information(reader: PdfReader) -> dict[str, str]:
    information = reader.metadata
    if information is None:
        return {}
    found: dict[str, str] = {}
    for key in ("title", "author", "subject", "keywords", "creator", "producer"):
        value = _attempt(lambda key=key: getattr(information, key))  # type: ignore[misc]
        if isinstance(value, str) and (text := " ".join(safe_text(value).split())):
            found[key] = text[:MAX_FIELD_CHARACTERS]
    for key, attribute in (("date", "creation_date"), ("modified", "modification_date")):
        value = _attempt(lambda attribute=attribute: getattr(information, attribute))  # type: ignore[misc]
        if isinstance(value, datetime):
            found[key] = value.isoformat()
    return found


def _outline(reader: PdfReader) -> dict[str, int]:
    levels: dict[str, int] = {}
    waiting: list[tuple[Any, int]] = [(reader.outline, 1)]
    while waiting and len(levels) < MAX_OUTLINE_ENTRIES:
        entry, level = waiting.pop()
        if isinstance(entry, list):
            # pypdf puts the children of an entry into a list that follows it.
            waiting += ((child, level + isinstance(child, list)) for child in reversed(entry))
        elif isinstance(entry, Destination) and isinstance(entry.title, str) and (key := fold_heading(entry.title)):
            levels.setdefault(key, min(level, 6))
    return levels
