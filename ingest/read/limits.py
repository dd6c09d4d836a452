"""How much of a file a reader takes on. Knows nothing of formats."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Past any of these a reader raises TooLarge."""

    max_bytes: int = 200 * 1024 * 1024
    max_pages: int = 5000
    max_characters: int = 50_000_000
    max_seconds: float = 600.0  # these two where a file is read apart
    max_memory_bytes: int = 4 * 1024**3
