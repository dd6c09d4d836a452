"""Mask what names a file: its label, and the location that it is known by for good."""

from __future__ import annotations

import hashlib
from urllib.parse import unquote

from ingest.privacy.mask import Masker

ARCHIVE_SIGN = "!"  # ends the name of an archive in the location of a file within it
DIGEST_BYTES = 8


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
    return f"{masked}~{digest}{name[len(bare) :]}"
