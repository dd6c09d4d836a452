"""Where a cache of the truth stands: the note beside it, and whether the truth still goes on from there.

Knows nothing of what the cache holds.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path

from rag.library.durable import read_json, write_json_durably
from rag.library.records import Operation, State

NOTE = "head.json"


@dataclass(frozen=True, slots=True)
class Head:
    """What a cache on disk holds, and of which truth: written after the cache itself, so it never promises too much."""

    library_id: str
    generation: int
    fingerprint: str
    applied_seq: int
    mark: str  # of the operation applied last: a restored backup may have another history of the same length
    schema: int
    name: str  # of the file or folder that holds it
    sha256: str = ""  # of the file
    layout: str = ""  # which training of the index this is, or which words it was cut by
    judged_to: int = 0  # the highest key when it was last seen that this training serves what is there

    @classmethod
    def read(cls, folder: Path) -> Head | None:
        """None where there is none, or where it cannot be understood: the cache is then made anew."""
        found = read_json(folder / NOTE)
        if found is None:
            return None
        found = {"judged_to": 0} | found  # a note of before there was such a number
        if set(found) != {field.name for field in fields(cls)}:
            return None
        numbers = ("generation", "applied_seq", "schema", "judged_to")
        if not all(isinstance(found[name], int if name in numbers else str) for name in found):
            return None
        if Path(found["name"]).name != found["name"]:
            return None
        return cls(**found)

    def write(self, folder: Path) -> None:
        write_json_durably(folder / NOTE, asdict(self))

    def belongs_to(self, state: State) -> bool:
        return (self.library_id, self.generation, self.fingerprint) == (
            state.library_id,
            state.generation,
            state.fingerprint,
        )


@dataclass(frozen=True, slots=True)
class Run:
    """A contiguous run of chunk keys, both ends included."""

    first: int
    last: int


def net_changes(operations: list[Operation]) -> tuple[list[Run], list[Run]]:
    """The runs to remove and then the runs to add; what was added and removed again is only removed.

    Neighbouring runs are joined, so that a long replay reads the truth in long strides.
    """
    added: dict[Run, None] = {}
    removed: list[Run] = []
    for operation in operations:
        if operation.first_key is None or operation.last_key is None:
            continue
        run = Run(operation.first_key, operation.last_key)
        if operation.kind == "add":
            added[run] = None
        elif operation.kind == "remove":
            added.pop(run, None)
            removed.append(run)
    return _joined(removed), _joined(list(added))


def _joined(runs: list[Run]) -> list[Run]:
    joined: list[Run] = []
    for run in sorted(runs, key=lambda run: run.first):
        if joined and joined[-1].last + 1 == run.first:
            joined[-1] = Run(joined[-1].first, run.last)
        else:
            joined.append(run)
    return joined
