"""Is this text in the library already? By its bytes, then by its canonical text. Near duplicates are not looked for."""

from __future__ import annotations

import hashlib
from typing import Protocol


class Stored(Protocol):
    """What is asked of a library."""

    def document_with_bytes(self, sha256: str, reader: str) -> str | None: ...

    def document_with_text(self, text: str) -> str | None: ...


class Known:
    """The library's documents, and those of this run that it does not hold yet."""

    def __init__(self, stored: Stored | None, reader: str) -> None:
        self._stored = stored
        self._reader = reader
        self._by_bytes: dict[str, str] = {}
        self._by_text: dict[bytes, str] = {}

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

    def waits(self, document_id: str) -> bool:
        return document_id in self._by_bytes.values()

    def add(self, document_id: str, sha256: str, text: str) -> None:
        """Remember a document that is about to be stored."""
        self._by_bytes[sha256] = document_id
        self._by_text[_digest(text)] = document_id

    def all_stored(self) -> None:
        """Forget what waited: the library knows it from here on."""
        self._by_bytes.clear()
        self._by_text.clear()


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
