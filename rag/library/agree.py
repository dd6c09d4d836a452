"""Whether a library may be opened with what is at hand: an embedder, a chunker and a reader. Fails closed."""

from __future__ import annotations

from pathlib import Path

from rag.errors import LibraryMismatch
from rag.library import writing
from rag.library.catalogue import Catalogue
from rag.library.database import Database
from rag.library.lease import Lease
from rag.library.records import Manifest
from rag.library.store import Store

REBUILD_HINT = "`footnote library rebuild` makes its chunks and vectors anew; the old ones answer until it is done"


def agree(folder: Path, database: Database, wanted: Manifest, lease: Lease) -> None:
    """Fill what the stored manifest leaves blank; an empty library takes any; else raise LibraryMismatch."""
    store = Store(database)
    stored = store.manifest()
    differing = [
        f"{name} {getattr(stored, name)!r}, not {getattr(wanted, name)!r}"
        for name in ("fingerprint", "dimension", "chunker", "reader")
        if getattr(stored, name) and getattr(wanted, name) and getattr(stored, name) != getattr(wanted, name)
    ]
    if differing and Catalogue(database).count_documents():
        raise LibraryMismatch(f"{folder}: built by {stored.embedder}, with {'; '.join(differing)}", hint=REBUILD_HINT)
    if differing:
        with lease.hold():
            writing.flip_generation(database, store.state().generation + 1, wanted)
    elif any(getattr(wanted, name) and not getattr(stored, name) for name in ("fingerprint", "chunker", "reader")):
        writing.fill_manifest(database, wanted)
        agree(folder, database, wanted, lease)  # with what another process may have filled in before
