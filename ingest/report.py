"""Count what became of each file. Every file has one place, and the counts are those of the places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from rag.errors import FootnoteError
from rag.wire import FileOut, ReportOut

LONGEST_DETAIL = 2000  # a parser's message may quote half the file


class Tally:
    """One slot for each file found, in the order of the walk."""

    def __init__(self, sources: Sequence[str]) -> None:
        self._sources = list(sources)
        self._rows: list[FileOut | None] = [None] * len(sources)
        self._counts: Counter[str] = Counter()
        self._chunks = 0
        self.removed = 0
        self.current: str | None = None

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def settled(self) -> int:
        return self._counts.total()

    def settle(self, slot: int, row: FileOut) -> None:
        """Say what became of a file; a slot is settled once."""
        if self._rows[slot] is not None:
            raise ValueError(f"{row.path}: settled twice, as {self._rows[slot]} and as {row}")
        self._rows[slot] = row
        self._counts[row.outcome] += 1
        self._chunks += (row.chunks or 0) if row.outcome == "indexed" else 0

    def settle_rest(self, error: str, detail: str) -> None:
        for slot, row in enumerate(self._rows):
            if row is None:
                source = self._sources[slot]
                self.settle(slot, bad(source, "skipped", error, detail))

    def counts(self, seconds: float) -> ReportOut:
        """The report so far, without its rows: small enough for every heartbeat."""
        return ReportOut(
            discovered=self.settled,
            indexed=self._counts["indexed"],
            unchanged=self._counts["unchanged"],
            duplicate=self._counts["duplicate"],
            skipped=self._counts["skipped"],
            failed=self._counts["failed"],
            removed=self.removed,
            chunks=self._chunks,
            seconds=round(seconds, 3),
        )

    def report(self, seconds: float) -> ReportOut:
        """Raises ValueError while a file has no row."""
        rows = [row for row in self._rows if row is not None]
        if len(rows) != len(self._rows):
            raise ValueError(f"{len(self._rows) - len(rows)} files have no row yet")
        return self.counts(seconds).model_copy(update={"files": rows})


def indexed(source: str, document_id: str, chunks: int) -> FileOut:
    return FileOut(path=source, outcome="indexed", document_id=document_id, chunks=chunks)


def unchanged(source: str, document_id: str) -> FileOut:
    return FileOut(path=source, outcome="unchanged", document_id=document_id)


def duplicate(source: str, document_id: str) -> FileOut:
    return FileOut(path=source, outcome="duplicate", document_id=document_id, duplicate_of=document_id)


def bad(source: str, outcome: Literal["skipped", "failed"], error: str, detail: str) -> FileOut:
    """detail is cut to a bounded length, and what no encoding can write is taken out of it."""
    writable = detail.encode("utf-8", "replace").decode("utf-8")
    if len(writable) > LONGEST_DETAIL:
        writable = writable[: LONGEST_DETAIL - 1] + "…"
    return FileOut(path=source, outcome=outcome, error=error, detail=writable)


def describe(error: FootnoteError) -> str:
    """Say what went wrong and what to do about it."""
    return f"{error}; {error.hint}" if error.hint else str(error)
