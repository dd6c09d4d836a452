"""Find and mask personal data. Pure: nothing is stored, asked over a network, or kept from one document to the next.

What is found are forms: addresses of mail, numbers, keys. Names of people, street addresses and birthdays are not.
The finders and their number plans are imported with the first text that is looked at: most libraries never need them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from rag.types import Document

if TYPE_CHECKING:
    from ingest.archives.walk import Member
    from ingest.walk import Found, Passed, Walk
    from rag.wire import FileOut

__all__ = ["Names", "Privacy", "mask_location", "mask_logs", "mask_text", "names_of", "protect"]


class Privacy(StrEnum):
    OFF = "off"
    FLAG = "flag"
    MASK = "mask"


def protect(document: Document, mode: Privacy) -> Document:
    """Return a read and cleaned document with its personal data left (off), counted (flag) or replaced (mask).

    flag: metadata["personal"] = {"mail": 3, ...}, the number of places by kind; absent where there is none.
    mask: the same, and every value in text, title, places and metadata is written [MAIL-1], the same value always with
    the same number; metadata["masked"] is True, found or not: the file's own bytes must not be kept.
    """
    if mode is Privacy.OFF:
        return document
    from ingest.privacy.mask import flagged, masked

    return flagged(document) if mode is Privacy.FLAG else masked(document)


def mask_text(text: str) -> str:
    """Return a string that is no document, a file's name or a line of a log, with its personal data masked."""
    from ingest.privacy.mask import Masker

    return Masker().text(text)


class Names(Protocol):
    """How files are named in the library, in reports and in the log."""

    def walk(self, found: Walk) -> Walk: ...

    def entry(self, entry: Found | Passed) -> Found | Passed: ...

    def member(self, member: Member) -> Member: ...

    def row(self, row: FileOut) -> FileOut:
        """What went wrong with a file may quote it."""


class _NamesAsTheyAre:
    def walk(self, found: Walk) -> Walk:
        return found

    def entry(self, entry: Found | Passed) -> Found | Passed:
        return entry

    def member(self, member: Member) -> Member:
        return member

    def row(self, row: FileOut) -> FileOut:
        return row


def names_of(mode: Privacy) -> Names:
    """Return what names files: where documents are masked, so are the labels and locations of their files."""
    if mode is not Privacy.MASK:
        return _NamesAsTheyAre()
    from ingest.privacy.names import MaskedNames

    return MaskedNames()


def mask_location(location: str) -> str:
    """Return the location of a file with its names masked; two files keep two locations, and folders their files."""
    from ingest.privacy.names import masked_location

    return masked_location(location)


def mask_logs() -> None:
    """Mask what goes through the root logger's handlers from now on."""
    from ingest.privacy import logs

    logs.mask_logs()
