"""Walk archives within limits: zip, tar, and single compressed files. One member at a time; nothing is written to disk.

Knows nothing of what the members mean. 7z and RAR are no archives here: their readers are not free or not small.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count

from ingest.archives.entry import Budget, Entry, Tail
from ingest.archives.tar import compressed_entries, tar_entries
from ingest.archives.zip import zip_entries
from ingest.read.limits import Limits
from ingest.read.media import BZIP2, GZIP, TAR, XZ, ZIP
from ingest.read.sniff import sniff
from rag.errors import TooLarge

READS = frozenset({ZIP, TAR, GZIP, BZIP2, XZ})
MAX_NAMED = 5  # of the members that were not read, in one detail
_HINT = "unpack it, or raise the limits of ingest if you trust it"


def is_archive(mime: str) -> bool:
    return mime in READS


@dataclass(frozen=True, slots=True)
class Member:
    """A file within an archive: its bytes, or why there are none.

    name: its path within, "/" between, NFC, "inner.zip/a.txt" in an archive within; one that stands twice is
    "a.txt#2". "" (or "inner.zip") is the archive itself: it is empty, damaged, or there is more in it than was read.
    """

    name: str
    data: bytes | None
    error: str = ""  # a class of rag.errors, or "Hidden", "Link", "NotAFile"
    detail: str = ""  # without the name
    outcome: str = ""  # "skipped" or "failed" where there are no bytes
    depth: int = 1  # archives around it: its reader has limits.max_nesting - depth left


@dataclass(slots=True)
class _Walk:
    limits: Limits
    budget: Budget
    unread: list[str] = field(default_factory=list)  # for want of budget
    unread_more: bool = False  # a stream was left before its end: nobody knows what else is in it


def members(data: bytes, name: str, limits: Limits) -> Iterator[Member]:
    """Yield what is in an archive, in its own order; archives within are opened too.

    Of all that is unpacked, nested archives with it, no more than limits.expanded_bytes(len(data)) is handed out, and
    no more than limits.max_members; what is left is named in one last member. Raises nothing.
    """
    walk = _Walk(limits, Budget(limits.expanded_bytes(len(data)), limits.max_members))
    outermost: Member | None = None
    for member in _archive(walk, data, name, "", limits, 1):
        if member.name:
            yield member
        else:
            outermost = member
    if walk.unread or walk.unread_more:
        detail = _unread_detail(walk)
        if outermost is None:
            outermost = Member("", None, "TooLarge", detail, "failed")
        else:
            outermost = replace(outermost, detail=f"{outermost.detail}; {detail}")
    if outermost is not None:
        yield outermost


def _archive(walk: _Walk, data: bytes, name: str, path: str, limits: Limits, depth: int) -> Iterator[Member]:
    """path: of this archive within the outermost, "" for that."""
    outer = max(depth - 1, 1)  # the row of an archive stands among its neighbours
    try:
        inner = limits.inner(path or name)
    except TooLarge as error:
        yield Member(path, None, error.name, f"archives are nested too deeply; {error.hint}", "failed", outer)
        return
    seen: set[str] = set()
    anything = False
    for entry in _entries(data, path or name, walk):
        anything = True
        if isinstance(entry, Tail):
            if entry.is_bomb:
                walk.unread_more = True
            else:
                yield Member(path, None, "Malformed", entry.detail, "failed", outer)
            continue
        within = _apart(f"{path}/{clean_path(entry.name)}".lstrip("/"), seen)
        if entry.is_left:
            walk.unread.append(within)
        elif entry.data is None:
            yield Member(within, None, entry.error, entry.detail, entry.outcome, depth)
        elif is_archive(sniff(entry.data, within)):
            yield from _archive(walk, entry.data, name, within, inner, depth + 1)
        else:
            yield Member(within, entry.data, depth=depth)
    if not anything:
        yield Member(path, None, "NoText", "there is nothing in the archive", "failed", outer)


def _entries(data: bytes, name: str, walk: _Walk) -> Iterator[Entry | Tail]:
    mime = sniff(data, name)
    if mime in {GZIP, BZIP2, XZ}:
        return compressed_entries(data, mime, name, walk.limits, walk.budget)
    if mime == TAR:
        return tar_entries(data, walk.limits, walk.budget)
    return zip_entries(data, walk.limits, walk.budget)  # also one behind a program that unpacks it


def clean_path(path: str) -> str:
    """Return a member's path made harmless: relative, without "..", drives and controls, NFC."""
    parts: list[str] = []
    for part in path.replace("\\", "/").split("/"):
        kept = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in part if unicodedata.category(c) != "Cc")
        kept = kept.strip()
        if kept in {"", ".", ".."} or (not parts and len(kept) == 2 and kept[1] == ":"):
            continue
        parts.append(kept[:255])
    return unicodedata.normalize("NFC", "/".join(parts[-64:])) or "unnamed"


def _apart(path: str, seen: set[str]) -> str:
    """Return the path, with a number behind it where it stands in the archive already."""
    found = path
    if path in seen:
        found = next(numbered for n in count(2) if (numbered := f"{path}#{n}") not in seen)
    seen.add(found)
    return found


def _unread_detail(walk: _Walk) -> str:
    named = ", ".join(walk.unread[:MAX_NAMED])
    more = len(walk.unread) - MAX_NAMED
    rest = f" and {more:,} more" if more > 0 else ""
    what = f"not all of it was read (left out: {named}{rest})" if named else "it was not read to its end"
    most = walk.budget.all_bytes / 2**20
    return f"{what}; it holds more than {most:,.0f} MiB or {walk.limits.max_members:,} members; {_HINT}"
