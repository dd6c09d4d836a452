"""Remember what became of files that are no document of their own. Knows nothing of what the rows say."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, delete, select

from rag.library.database import Database
from rag.library.store import VARIABLES, in_batches
from rag.library.tables import settled


@dataclass(frozen=True, slots=True)
class SettledFile:
    """A file as it was, how it was read, and the rows of its report; several for an archive."""

    location: str
    size: int
    mtime_ns: int
    manner: str
    rows: tuple[Mapping[str, Any], ...]


class SettledFiles:
    def __init__(self, database: Database) -> None:
        self._database = database

    def under(self, prefix: str) -> dict[str, SettledFile]:
        """Return those below a folder, by location. prefix ends in "/"."""
        last = prefix[:-1] + "0"  # the character after "/"
        query = select(settled).where(and_(settled.c.location >= prefix, settled.c.location < last))
        with self._database.reading() as connection:
            return {row.location: _file(row) for row in connection.execute(query)}

    def remember(self, files: Iterable[SettledFile], *, forget: Collection[str] = ()) -> None:
        """Write them in the place of what was known of their locations; drop others."""
        files = list(files)
        stale = [*forget, *(file.location for file in files)]
        if not stale:
            return
        with self._database.writing() as connection:
            for some in in_batches(stale, VARIABLES):
                connection.execute(delete(settled).where(settled.c.location.in_(some)))
            if files:
                connection.execute(settled.insert(), [_values(file) for file in files])


def _values(file: SettledFile) -> dict[str, Any]:
    return {
        "location": file.location,
        "size": file.size,
        "mtime_ns": file.mtime_ns,
        "manner": file.manner,
        "rows": json.dumps([dict(row) for row in file.rows], ensure_ascii=False),
    }


def _file(row: Row[Any]) -> SettledFile:
    return SettledFile(row.location, row.size, row.mtime_ns, row.manner, tuple(json.loads(row.rows)))
