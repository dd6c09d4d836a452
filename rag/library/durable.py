"""Files that are whole or absent: temporary name, fsync, rename, fsync of the folder. Knows nothing of their use."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

TEMPORARY = ".tmp-"


def write_durably(path: Path, write: Callable[[Path], None]) -> None:
    """Let write() fill a temporary file beside path, then put it in path's place for good."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=TEMPORARY, dir=path.parent)
    os.close(descriptor)
    temporary = Path(name)
    try:
        write(temporary)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_json_durably(path: Path, value: dict[str, Any]) -> None:
    write_durably(path, lambda temporary: _write_text(temporary, json.dumps(value)))


def read_json(path: Path) -> dict[str, Any] | None:
    """Return the object in the file, or None where it is absent or no JSON object."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder_bytes(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:  # another process replaced it meanwhile
            continue
    return total


def drop_leftovers(folder: Path) -> None:
    """Delete the temporary files of writers that were killed; only the lease's holder may call this."""
    for path in folder.glob(f"{TEMPORARY}*"):
        path.unlink(missing_ok=True)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
