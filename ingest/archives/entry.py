"""What the walk over an archive and the formats hand each other, and which members are never read."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.read.limits import Limits


@dataclass(frozen=True, slots=True)
class Entry:
    """A member as its archive names it: its bytes, or why there are none."""

    name: str
    data: bytes | None = None
    error: str = ""
    detail: str = ""
    outcome: str = ""  # "skipped" or "failed"
    is_left: bool = False  # for want of budget


@dataclass(frozen=True, slots=True)
class Tail:
    """The archive ends here before its time: it is damaged, or unpacks to more than it may."""

    detail: str = ""
    is_bomb: bool = False


@dataclass(slots=True)
class Budget:
    """How much may still be unpacked, of an archive and of all within it."""

    all_bytes: int
    members: int
    bytes: int = field(init=False)

    def __post_init__(self) -> None:
        self.bytes = self.all_bytes

    def allows(self, size: int) -> bool:
        return self.members > 0 and size <= self.bytes

    def spend(self, size: int) -> None:
        self.bytes -= size


def skipped(name: str, error: str, detail: str) -> Entry:
    return Entry(name, None, error, detail, "skipped")


def failed(name: str, error: str, detail: str) -> Entry:
    return Entry(name, None, error, detail, "failed")


def unwanted(name: str, size: int, limits: Limits) -> Entry | None:
    """Return the row of a member that is not to be read, whatever it holds."""
    parts = name.replace("\\", "/").split("/")
    if any(part.startswith(".") and part not in {".", ".."} for part in parts) or "__MACOSX" in parts:
        return skipped(name, "Hidden", "a hidden file")
    if size > limits.max_bytes:
        most = limits.max_bytes / 2**20
        detail = (
            f"{size / 2**20:.1f} MiB, over the limit of {most:.0f} MiB; raise ingest.max_file_mb, or split the file"
        )
        return skipped(name, "TooLarge", detail)
    return None
