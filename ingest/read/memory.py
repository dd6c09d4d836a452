"""Bound the memory of this process, a reader's own. Knows nothing of what is read in it."""

from __future__ import annotations

import resource
from pathlib import Path

_DATA_PAGES = 5  # field of /proc/self/statm: data and stack, which RLIMIT_DATA counts


def limit_growth(more_bytes: int) -> None:
    """Let this process grow by so much and no further: what passes it ends in MemoryError."""
    _set(_held_bytes() + more_bytes)


def make_room(bytes_needed: int) -> None:
    """Raise a limit that limit_growth() has set as far as this needs, from what is held now."""
    soft, _ = resource.getrlimit(resource.RLIMIT_DATA)
    if soft != resource.RLIM_INFINITY:
        _set(max(soft, _held_bytes() + bytes_needed))


def _set(soft: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)  # what the administrator allows stands above what is asked for
    resource.setrlimit(resource.RLIMIT_DATA, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _held_bytes() -> int:
    fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return int(fields[_DATA_PAGES]) * resource.getpagesize()
