"""Mask what names a file: its label, and the location that it is known by for good. The path to open stays."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from urllib.parse import unquote

from ingest.archives.walk import Member
from ingest.privacy.mask import Masker
from ingest.walk import Found, Passed, Walk
from rag.wire import FileOut

ARCHIVE_SIGN = "!"  # ends the name of an archive in the location of a file within it
DIGEST_BYTES = 8


class MaskedNames:
    """Stands in for Names where documents are masked."""

    def walk(self, found: Walk) -> Walk:
        complete, empty = ([masked_location(prefix) for prefix in some] for some in (found.complete, found.empty))
        return Walk([self.entry(entry) for entry in found.entries], complete, empty)

    def entry(self, entry: Found | Passed) -> Found | Passed:
        source, location = Masker().text(entry.source), masked_location(entry.location)
        if isinstance(entry, Passed):
            return replace(entry, source=source, location=location, detail=Masker().text(entry.detail))
        return replace(entry, source=source, location=location)

    def member(self, member: Member) -> Member:
        return replace(member, name=masked_location(member.name), detail=Masker().text(member.detail))

    def row(self, row: FileOut) -> FileOut:
        return row.model_copy(update={"detail": Masker().text(row.detail)}) if row.detail else row


def masked_location(location: str) -> str:
    """Return a location with its names masked one by one, so that what lies in a folder begins with it as before.

    Two files stay two: a masked name ends in a digest of the whole one. Who knows the form and tries every number can
    tell from the digest whether he has found it; that is what it costs to know a file again.
    """
    return "/".join(_masked(name) for name in location.split("/"))


def _masked(name: str) -> str:
    bare = name.removesuffix(ARCHIVE_SIGN)
    plain = unquote(bare)
    masked = Masker().text(plain)
    if masked == plain:
        return name
    digest = hashlib.blake2b(bare.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).hexdigest()
    stem, dot, ending = masked.rpartition(".")
    if dot and stem and ending.isalnum():  # its ending says what a file is
        return f"{stem}~{digest}.{ending}{name[len(bare) :]}"
    return f"{masked}~{digest}{name[len(bare) :]}"
