"""Write the files of a run's folder, whole or not at all. Knows nothing of what stands in them.

Where the disk is full, the error names the file, as errors on opening one do.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

LONE_SURROGATE = "backslashreplace"  # \udc80, which is its escape in JSON


def write_text(path: Path, text: str) -> None:
    """Half of a surrogate pair, which has no UTF-8, is written as its escape. Raises OSError that names the file."""
    fresh = path.with_name(f".{path.name}")
    with _naming(path):
        fresh.write_bytes(text.encode("utf-8", LONE_SURROGATE))
        fresh.replace(path)


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Raises OSError that names the file, ValueError for what is not a number."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def append_line(file: BinaryIO, path: Path, value: Mapping[str, Any]) -> None:
    """Write the whole line, or raise as write_json does: where a disk fills up, a part of the line may be written."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n"
    left = text.encode("utf-8", LONE_SURROGATE)
    with _naming(path):
        while left:
            left = left[os.write(file.fileno(), left) :]


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.filename is not None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error
