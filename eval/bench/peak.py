"""Prepare a file as an ingest does, and say what memory that took. Runs in the reading process."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ingest.prepare import prepare
from ingest.read.limits import Limits
from rag.errors import Unreadable

_RESET_PEAK = "5"


@dataclass(frozen=True, slots=True)
class Measured:
    """peak_mb: the most that this process held, the libraries that it had loaded for other files included."""

    characters: int
    peak_mb: int | None
    error: Unreadable | None = None


def prepared(data: bytes, name: str, limits: Limits) -> Measured:
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text(_RESET_PEAK, encoding="ascii")
    error: Unreadable | None = None
    characters = 0
    try:
        characters = len(prepare(data, name, limits).text)
    except Unreadable as raised:
        error = raised
    return Measured(characters, _peak_mb(), error)


def _peak_mb() -> int | None:
    """None where the system does not say."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
    return None
