"""What the library holds of the folders at hand: what stands where, what has moved, what is gone. Writes nothing."""

from __future__ import annotations

import logging
from collections import defaultdict

from ingest.report import moved
from ingest.walk import Found, Walk
from rag.library.library import Library
from rag.library.records import FileFacts, SourceRow
from rag.wire import FileOut

log = logging.getLogger(__name__)

IN_ARCHIVE = "!/"  # between an archive's location and a file's name in it
MISSING_MOUNT = (
    "%s holds no file at all, and the library knows %d from there: none was removed, for its disk may not be mounted. "
    "If they are gone for good, ingest the folder above it, or name them to `footnote documents remove`"
)


class Standing:
    def __init__(self, library: Library | None) -> None:
        self._library = library
        self._rows: dict[str, SourceRow] = {}
        self._covered: tuple[str, ...] = ()
        self._kept: set[str] = set()
        self._seen: set[str] = set()
        self._moved: set[str] = set()
        self._leaving: defaultdict[str, list[SourceRow]] = defaultdict(list)

    def look_at(self, found: Walk) -> None:
        """Ask the library, once a folder, what it holds of them.

        A folder without a single file is taken for a disk that is not mounted, not for one that somebody emptied.
        """
        self._rows, self._kept, self._seen, self._moved = {}, set(), found.locations, set()
        self._covered = tuple(found.complete)
        self._leaving.clear()
        if self._library is None:
            return
        for prefix in self._covered:
            rows = {row.location: row for row in self._library.sources(under=prefix)}
            self._rows |= rows
            if prefix in found.empty and len(rows) > 1:
                self._kept |= rows.keys()
                log.warning(MISSING_MOUNT, prefix, len(rows))
        for location, row in self._rows.items():
            if location.split(IN_ARCHIVE)[0] not in self._seen and location not in self._kept:
                self._leaving[row.document_id].append(row)

    def at(self, location: str) -> SourceRow | None:
        if self._library is None or location.startswith(self._covered):
            return self._rows.get(location)
        return self._library.source_at(location)

    def saw(self, location: str) -> None:
        """Say that there is a file in an archive."""
        self._seen.add(location)

    def saw_archive(self, archive: Found, *, whole: bool) -> None:
        """Say that there is no more to see in it; where it was not seen whole, what it held before is kept."""
        if not whole:
            inside = archive.location + IN_ARCHIVE
            self._kept |= {location for location in self._rows if location.startswith(inside)}

    def as_moved(self, row: FileOut, facts: FileFacts | None) -> FileOut:
        """Return the row of a file that is a duplicate of nothing but what has just gone from elsewhere as a move."""
        if self._library is None or facts is None or row.duplicate_of is None:
            return row
        leaving = [old for old in self._leaving.get(row.duplicate_of, ()) if old.sha256 == facts.sha256]
        if not leaving or len(leaving) != 1 + len(self._library.document_row(row.duplicate_of).also_at):
            return row
        self._moved.update(old.location for old in leaving)
        return moved(row.path, row.duplicate_of, leaving[0].source)

    def gone(self) -> list[str]:
        """Return the locations under the folders that were seen whole where there is no file any more."""
        return sorted(self._rows.keys() - self._seen - self._kept)

    def removed(self) -> int:
        """Count those that are gone for good, and not to another place."""
        return len(set(self.gone()) - self._moved)
