"""How much of a file a reader takes on, and what it may try. Knows nothing of formats."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rag.errors import TooLarge

EXPANSION_FLOOR_BYTES = 64 * 2**20  # a small file may unpack to this much, whatever its own size
MEMORY_FLOOR_BYTES = 256 * 2**20  # what the parsers themselves need


@dataclass(frozen=True, slots=True)
class Limits:
    """Past any of these a reader raises TooLarge."""

    max_bytes: int = 200 * 1024 * 1024
    max_pages: int = 5000
    max_characters: int = 50_000_000
    max_expansion: int = 100  # unpacked bytes, and bytes of memory, to one byte of the file; above a floor
    max_nesting: int = 3  # files within files: a mail's attachment in an archive is at depth 2
    max_members: int = 10_000  # of one archive
    max_seconds: float = 600.0  # these two where a file is read apart
    max_memory_bytes: int = 4 * 1024**3
    passwords: tuple[str, ...] = ()  # tried on encrypted files
    ocr: bool = True  # read pages and pictures that have no text layer
    plugins: tuple[tuple[str, str], ...] = ()  # suffix or media type, and the LlamaIndex reader that reads such files
    privacy: str = "off"  # what is done about personal data once a file is read: see ingest/privacy

    def expanded_bytes(self, size: int) -> int:
        """How many bytes a file of this size may unpack to."""
        return max(EXPANSION_FLOOR_BYTES, size * self.max_expansion)

    def memory_bytes(self, size: int) -> int:
        """How much memory reading a file of this size may take."""
        return min(self.max_memory_bytes, MEMORY_FLOOR_BYTES + size * self.max_expansion)

    def plugin(self, suffix: str, mime: str) -> str | None:
        """Return the import path of the reader that is named for such files, None where there is none."""
        named = {key.lower(): path for key, path in self.plugins}
        return named.get(suffix) or named.get(suffix.removeprefix(".")) or named.get(mime)

    def within(self, depth: int) -> Limits:
        """Return the limits for a file that so many archives are around."""
        return replace(self, max_nesting=max(0, self.max_nesting - depth))

    def inner(self, name: str) -> Limits:
        """Return the limits for a file within this one. Raises TooLarge where that is one too deep."""
        if self.max_nesting < 1:
            raise TooLarge(f"{name}: files are nested too deeply", hint="unpack it, or raise ingest.max_nesting")
        return replace(self, max_nesting=self.max_nesting - 1)
