"""Collections are folders of the data folder: listing, finding, making and removing them."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import uuid4

from rag.config import COLLECTION_NAME, RESERVED_NAMES, check_collection_name
from rag.errors import Conflict, NotFound
from rag.library.jobs import FILE_NAME
from rag.library.lease import Lease

LOCK_NAME = "library.lock"
REMOVED = ".removed-"  # no collection's name begins with a dot


def collection_folder(data: Path, name: str) -> Path:
    """Raises InvalidRequest where the name cannot be a collection's."""
    return data / check_collection_name(name)


def list_collections(data: Path) -> list[str]:
    if not data.is_dir():
        return []
    return sorted(
        path.name
        for path in data.iterdir()
        if COLLECTION_NAME.fullmatch(path.name) and path.name not in RESERVED_NAMES and (path / FILE_NAME).is_file()
    )


def create_collection(data: Path, name: str) -> Path:
    """Make an empty collection; the embedder is settled when it is first opened. Raises Conflict, InvalidRequest."""
    from rag.library.database import Database

    folder = collection_folder(data, name)
    if (folder / FILE_NAME).exists():
        raise Conflict(f"collection {name!r} exists already")
    Database(folder / FILE_NAME).close()
    return folder


def remove_collection(data: Path, name: str) -> None:
    """Delete a collection with everything in it. Raises NotFound, LibraryBusy, InvalidRequest."""
    folder = collection_folder(data, name)
    if not (folder / FILE_NAME).exists():
        raise NotFound(f"no collection named {name!r}", hint="`footnote collections list` shows those there are")
    with Lease(folder / LOCK_NAME).hold():
        # Renamed first: it is gone at once, and a kill in the middle leaves no half of it behind under its name.
        gone = folder.with_name(f"{REMOVED}{name}-{uuid4().hex[:8]}")
        folder.rename(gone)
    shutil.rmtree(gone)
