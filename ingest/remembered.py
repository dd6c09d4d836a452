"""Files that gave no document, and archives: while they stay as they are, their rows are told again without reading.

What may pass (a file being written to, a full disk, a fault of Footnote's own) is never remembered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.util import find_spec
from shutil import which

from ingest.examine import within
from ingest.read import READER_VERSION, Limits
from ingest.report import unchanged
from ingest.standing import Standing
from ingest.walk import Found, Walk
from rag.library.library import Library
from rag.library.records import FileFacts
from rag.library.settled import SettledFile
from rag.wire import FileOut

LASTING = frozenset("Unsupported Encrypted Malformed TooLarge NoText Empty LowQuality Hidden Link NotAFile".split())


def manner_of(limits: Limits) -> str:
    """Name all that reading depends on: with another limit, password or program a file may be read after all."""
    programs = (find_spec("rapidocr") is not None, which("soffice"))
    return hashlib.sha256(repr((READER_VERSION, limits, programs)).encode()).hexdigest()[:16]


class Remembered:
    def __init__(self, library: Library | None, limits: Limits, standing: Standing) -> None:
        self._library = library
        self._manner = manner_of(limits)
        self._standing = standing
        self._known: dict[str, SettledFile] = {}
        self._new: list[SettledFile] = []
        self._stale: set[str] = set()

    def look_at(self, found: Walk) -> None:
        """Ask the library, once a folder, what it remembers of them."""
        self._known, self._new, self._stale = {}, [], set()
        if self._library is not None:
            for prefix in found.complete:
                self._known |= self._library.settled.under(prefix)
        self._stale = self._known.keys() - found.locations

    def rows(self, entry: Found) -> tuple[FileOut, ...]:
        """Return the rows that it had, if nothing has changed since; none where it must be read."""
        known = self._known.get(entry.location)
        if known is None or (known.size, known.mtime_ns, known.manner) != (entry.size, entry.mtime_ns, self._manner):
            return ()
        rows = tuple(FileOut.model_validate(row) for row in known.rows)
        told = tuple(self._still(entry, row) for row in rows)
        return tuple(row for row in told if row is not None) if None not in told else ()

    def note(self, facts: FileFacts, row: FileOut) -> None:
        """Remember a file that gave no document, if that will not be otherwise next time."""
        if facts.mtime_ns and row.error in LASTING:
            self._add(facts.location, facts.size, facts.mtime_ns, [row])

    def note_archive(self, found: Found, rows: Sequence[FileOut]) -> None:
        if found.mtime_ns and all(row.error is None or row.error in LASTING for row in rows):
            self._add(found.location, found.size, found.mtime_ns, rows)

    def store(self) -> None:
        if self._library is not None and (self._new or self._stale):
            self._library.settled.remember(self._new, forget=self._stale)

    def _add(self, location: str, size: int, mtime_ns: int, rows: Sequence[FileOut]) -> None:
        shown = tuple(row.model_dump(mode="json", exclude_none=True) for row in rows)
        self._new.append(SettledFile(location, size, mtime_ns, self._manner, shown))

    def _still(self, entry: Found, row: FileOut) -> FileOut | None:
        """Return the row as it is told again; None where its document is no longer where it was."""
        if row.document_id is None:
            return row
        location, _ = within(entry, row.path.removeprefix(f"{entry.source}/"))
        stands = self._standing.at(location)
        if stands is None or stands.document_id != row.document_id:
            return None
        self._standing.saw(location)
        return unchanged(row.path, row.document_id)
