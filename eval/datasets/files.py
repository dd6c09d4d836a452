"""The files that a set asks about: a folder's, or a collection's. Knows nothing of what stands in them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rag.errors import NotFound
from rag.library.catalogue import Catalogue
from rag.library.database import Database
from rag.library.jobs import FILE_NAME


@dataclass(frozen=True, slots=True)
class Files:
    """One of folder and library is given. A file's key is its path below the folder, or its location in the library.

    ends: what a label may end with, "b.txt" of "a/b.txt" -> the keys of the files that do.
    """

    folder: Path | None
    library: Path | None
    ends: Mapping[str, frozenset[str]]

    def find(self, name: str) -> str | None:
        """Return the key of the file that is called so; None where there is none, or there are several.

        Folders before the name may be left out, or be others: a citation's "seeds/003.txt" is 003.txt of any folder.
        """
        parts = _parts(name)
        for first in range(len(parts)):
            keys = self.ends.get("/".join(parts[first:]))
            if keys is not None:
                return next(iter(keys)) if len(keys) == 1 else None
        return None

    def lacking(self, names: Iterable[str]) -> str:
        """Say which of these are no file's name, or several files'; "" where each is one's."""
        gone = sorted({name for name in names if self.find(name) is None})
        where = self.folder or self.library
        return f"it rests on {', '.join(gone)}: {where} holds no such file, or several" if gone else ""


def files_in(folder: Path) -> Files:
    """Raises NotFound."""
    if not folder.is_dir():
        raise NotFound(
            f"{folder} is not a folder", hint="say with --documents where the files are that the questions ask about"
        )
    paths = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
    return Files(folder, None, _ends({path: path for path in paths}))


def files_of(library: Path) -> Files:
    """library: a collection's folder. Raises NotFound."""
    if not (library / FILE_NAME).is_file():
        raise NotFound(f"{library} holds no library", hint="`footnote collections list` names the collections")
    database = Database(library / FILE_NAME)
    try:
        rows = Catalogue(database).sources()
    finally:
        database.close()
    return Files(None, library, _ends({row.location: row.source for row in rows}))


def _ends(labels: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """labels: of each key what people see."""
    found: dict[str, set[str]] = {}
    for key, label in labels.items():
        parts = _parts(label)
        for first in range(len(parts)):
            found.setdefault("/".join(parts[first:]), set()).add(key)
    return {end: frozenset(keys) for end, keys in found.items()}


def _parts(name: str) -> list[str]:
    return [part for part in unicodedata.normalize("NFC", name).split("/") if part not in ("", ".")]
