"""The bytes of every accepted file, named by their sha256. Knows nothing of what they hold."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

from rag.errors import NotFound
from rag.library.durable import sha256_of, write_durably

YOUNG_SECONDS = 3600
SHA256 = re.compile(r"[0-9a-f]{64}")


class Originals:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, data: bytes) -> str:
        """Store the bytes for good and return their sha256."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.folder / sha256
        # The name appears only once the bytes are whole, so the size is check enough here; verify() reads them all.
        if not (path.is_file() and path.stat().st_size == len(data)):
            write_durably(path, lambda temporary: _write(temporary, data))
        else:
            os.utime(path)  # young again: a sweep must leave it to the document that is on its way
        return sha256

    def path(self, sha256: str) -> Path:
        path = self.folder / sha256
        if not SHA256.fullmatch(sha256) or not path.is_file():
            raise NotFound(f"no original {sha256}", hint="ingest the file again to bring its bytes back")
        return path

    def drop(self, sha256: str) -> None:
        (self.folder / sha256).unlink(missing_ok=True)

    def sweep(self, referenced: Callable[[], set[str]]) -> None:
        """Drop what nothing refers to: a crash between a commit and the deletion it asks for leaves such files.

        Young ones stay: their document may be on its way.
        """
        if not self.folder.is_dir():
            return
        before = time.time() - YOUNG_SECONDS
        old = [path for path in self.folder.iterdir() if path.stat().st_mtime < before]
        kept = referenced()
        for path in old:
            if path.name not in kept:
                path.unlink(missing_ok=True)

    def __contains__(self, sha256: str) -> bool:
        return (self.folder / sha256).is_file()

    def is_whole(self, sha256: str) -> bool:
        return sha256_of(self.folder / sha256) == sha256


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
