"""Count what became of each file. Every file has one place, and the counts are those of the places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from ingest.dedup import Near
from rag.errors import FootnoteError
from rag.wire import FileOut, ReportOut

LONGEST_DETAIL = 2000  # a parser's message may quote half the file


Slot = tuple[int, ...]  # a file's place in the report: (7,), or (7, 0) for the first one in the archive at 7


class Tally:
    """One slot for each file found, in the order of the walk; an archive's slot gives way to those of its files."""

    def __init__(self, sources: Sequence[str]) -> None:
        self._sources: dict[Slot, str] = {(place,): source for place, source in enumerate(sources)}
        self._rows: dict[Slot, FileOut] = {}
        self._within: Counter[int] = Counter()
        self._counts: Counter[str] = Counter()
        self._chunks = 0
        self.removed = 0
        self.current: str | None = None

    def __len__(self) -> int:
        return len(self._sources)

    @property
    def settled(self) -> int:
        return self._counts.total()

    def slots(self) -> list[Slot]:
        return list(self._sources)

    def is_open(self, slot: Slot) -> bool:
        return slot in self._sources and slot not in self._rows

    def open_within(self, archive: Slot, source: str) -> Slot:
        """Return a slot for a file in an archive, the own slot of which is gone from then on."""
        place = archive[0]
        slot = (place, self._within[place])
        self._within[place] += 1
        if slot[1] == 0:
            del self._sources[archive]
        self._sources[slot] = source
        return slot

    def settle(self, slot: Slot, row: FileOut) -> None:
        """Say what became of a file; a slot is settled once."""
        if slot in self._rows:
            raise ValueError(f"{row.path}: settled twice, as {self._rows[slot]} and as {row}")
        self._sources.setdefault(slot, row.path)  # a broken archive has a row beside those of its files
        self._rows[slot] = row
        self._counts[row.outcome] += 1
        self._chunks += (row.chunks or 0) if row.outcome in ("indexed", "duplicate") else 0

    def rows_at(self, slot: Slot) -> list[FileOut]:
        """Return the row of a file, or those of the files in an archive."""
        return [row for other, row in self._rows.items() if other[: len(slot)] == slot]

    def settle_rest(self, error: str, detail: str) -> None:
        for slot, source in self._sources.items():
            if slot not in self._rows:
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
        missing = len(self._sources) - len(self._rows)
        if missing:
            raise ValueError(f"{missing} files have no row yet")
        rows = [self._rows[slot] for slot in sorted(self._rows)]
        return self.counts(seconds).model_copy(update={"files": rows})


def indexed(source: str, document_id: str, chunks: int) -> FileOut:
    return FileOut(path=source, outcome="indexed", document_id=document_id, chunks=chunks)


def unchanged(source: str, document_id: str) -> FileOut:
    return FileOut(path=source, outcome="unchanged", document_id=document_id)


def moved(source: str, document_id: str, before: str) -> FileOut:
    return FileOut(path=source, outcome="unchanged", document_id=document_id, detail=f"moved from {before}")


def duplicate(source: str, document_id: str) -> FileOut:
    return FileOut(path=source, outcome="duplicate", document_id=document_id, duplicate_of=document_id)


def near_duplicate(source: str, document_id: str, chunks: int, near: Near) -> FileOut:
    """It is stored and found all the same: what differs may be the very answer."""
    return FileOut(
        path=source,
        outcome="duplicate",
        document_id=document_id,
        chunks=chunks,
        duplicate_of=near.document_id,
        similarity=near.shown,
        detail=f"nearly the same as {near.source}; kept, for what differs may matter",
    )


def bad(source: str, outcome: Literal["skipped", "failed"], error: str, detail: str) -> FileOut:
    """detail is cut to a bounded length, and what no encoding can write is taken out of it."""
    writable = detail.encode("utf-8", "replace").decode("utf-8")
    if len(writable) > LONGEST_DETAIL:
        writable = writable[: LONGEST_DETAIL - 1] + "…"
    return FileOut(path=source, outcome=outcome, error=error, detail=writable)


def describe(error: FootnoteError) -> str:
    """Say what went wrong and what to do about it."""
    return f"{error}; {error.hint}" if error.hint else str(error)
