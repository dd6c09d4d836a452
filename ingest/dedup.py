"""Is this text in the library already? By its bytes, by its canonical text, or nearly: by what it shares."""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from ingest.near import NEAR, Signature, signature, similarity, tokens
from rag.errors import NotFound
from rag.types import Document, Span

METADATA_KEY = "near_duplicate_of"
COMPARED = 24  # documents, those with most bands in common: of a thousand letters on one form, not each is read
LEAST_LENGTH = 0.6  # of one text to the other's, in characters: a little less than NEAR, which counts tokens
WAITING_CHARACTERS = 50_000_000  # of texts held for comparison; a dry run stores none of what it reads


class Stored(Protocol):
    """What is asked of a library."""

    def document_with_bytes(self, sha256: str, reader: str) -> str | None: ...

    def document_with_text(self, text: str) -> str | None: ...

    def documents_sharing(self, bands: tuple[int, ...], reader: str, characters: Span, limit: int) -> list[str]: ...

    def document(self, document_id: str) -> Document: ...


@dataclass(frozen=True, slots=True)
class Near:
    """The document that another nearly repeats. similarity: the share of the longer text that both have."""

    document_id: str
    source: str
    similarity: float

    @property
    def shown(self) -> float:
        """Rounded down: only what nothing is missing from is alike to 1."""
        return math.floor(self.similarity * 1000) / 1000


@dataclass(frozen=True, slots=True)
class _Waiting:
    source: str
    text: str


class Known:
    """The library's documents, and those of this run that it does not hold yet."""

    def __init__(self, stored: Stored | None, reader: str) -> None:
        self._stored = stored
        self._reader = reader
        self._by_bytes: dict[str, str] = {}
        self._by_text: dict[bytes, str] = {}
        self._signed: dict[str, tuple[str, Signature]] = {}  # source and signature of what near() was asked about
        self._by_band: defaultdict[int, list[str]] = defaultdict(list)
        self._waiting: dict[str, _Waiting] = {}
        self._characters = 0

    def with_bytes(self, sha256: str) -> str | None:
        """Return the id of the document that was read from these bytes."""
        waiting = self._by_bytes.get(sha256)
        if waiting is not None or self._stored is None:
            return waiting
        return self._stored.document_with_bytes(sha256, self._reader)

    def with_text(self, text: str) -> str | None:
        """Return the id of a document with exactly this canonical text."""
        waiting = self._by_text.get(_digest(text))
        if waiting is not None or self._stored is None:
            return waiting
        return self._stored.document_with_text(text)

    def near(self, document: Document, *, replaces: str | None = None, signed: Signature | None = None) -> Near | None:
        """Return the document that this one nearly repeats, the most similar one; the oldest of equals.

        replaces: the id of the version that goes when this one is stored, which does not count.
        signed: the text's signature, where it is at hand.
        """
        signed = signed or signature(document.text)
        self._signed[document.id] = (document.source, signed)
        if not signed.bands:
            return None
        mine: list[int] = []  # a list as long as the text: made where there is something to compare it with
        best: Near | None = None
        for other_id, source, text in self._sharing(document, signed):
            if other_id in (document.id, replaces):
                continue
            mine = mine or tokens(document.text)
            alike = similarity(mine, tokens(text))
            if alike >= NEAR and (best is None or alike > best.similarity):
                best = Near(other_id, source, alike)
        return best

    def bands(self, document_id: str) -> tuple[int, ...]:
        """Return what the library must be given with a document that near() was asked about; else nothing."""
        _, signed = self._signed.get(document_id, ("", Signature()))
        return signed.bands

    def waits(self, document_id: str) -> bool:
        return document_id in self._by_bytes.values()

    def add(self, document_id: str, sha256: str, text: str) -> None:
        """Remember a document that is about to be stored."""
        self._by_bytes[sha256] = document_id
        self._by_text[_digest(text)] = document_id
        source, signed = self._signed.get(document_id, ("", Signature()))
        if not signed.bands or document_id in self._waiting:
            return
        for band in signed.bands:
            self._by_band[band].append(document_id)
        self._waiting[document_id] = _Waiting(source, text)
        self._characters += len(text)
        while self._characters > WAITING_CHARACTERS and len(self._waiting) > 1:
            oldest = next(iter(self._waiting))
            self._characters -= len(self._waiting.pop(oldest).text)

    def all_stored(self) -> None:
        """Forget what waited: the library knows it from here on."""
        self._by_bytes.clear()
        self._by_text.clear()
        self._signed.clear()
        self._by_band.clear()
        self._waiting.clear()
        self._characters = 0

    def _sharing(self, document: Document, signed: Signature) -> list[tuple[str, str, str]]:
        """Return id, source and text of the documents that share bands: those stored first, for they are older."""
        found: list[tuple[str, str, str]] = []
        length = len(document.text)
        characters = Span(int(length * LEAST_LENGTH), int(length / LEAST_LENGTH) + 1)
        if self._stored is not None:
            for document_id in self._stored.documents_sharing(signed.bands, self._reader, characters, COMPARED):
                with suppress(NotFound):  # removed a moment ago
                    other = self._stored.document(document_id)
                    found.append((other.id, other.source, other.text))
        shared = Counter(other for band in signed.bands for other in self._by_band.get(band, ()))
        for document_id, _ in shared.most_common(COMPARED):
            waiting = self._waiting.get(document_id)
            if waiting is not None and characters.start <= len(waiting.text) < characters.end:
                found.append((document_id, waiting.source, waiting.text))
        return found


def marked(document: Document, near: Near | None) -> Document:
    """Return the document with a note of what it nearly repeats, for those who list and show it."""
    if near is None:
        return document
    note = {"document_id": near.document_id, "source": near.source, "similarity": near.shown}
    return replace(document, metadata={**document.metadata, METADATA_KEY: note})


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
