"""Open a folder for a run: a new one, or one that was stopped and goes on. Knows nothing of questions or figures.

Only a run that everything agrees with is gone on with: half of it measured otherwise would be a figure of nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import Enum, auto
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from eval.folder.differ import differences
from eval.folder.names import ANSWERS, CONFIG, HTML, JUNIT, LOCK, MARKDOWN, QRELS, QUESTIONS, SUMMARY, run_file
from eval.folder.read import read_config
from eval.folder.write import write_json
from rag.errors import Conflict, InvalidRequest

NAMED = 6  # of what differs, in an error
WAY_OUT = "give another --out, or begin this one anew with --fresh"
NAMES = (SUMMARY, QUESTIONS, ANSWERS, QRELS, JUNIT, MARKDOWN, HTML, CONFIG)


class Start(Enum):
    GO_ON = auto()  # where the folder holds this run already; another's is refused
    ANEW = auto()  # what the folder holds of a run goes
    AS_FITS = auto()  # goes on with this run, and puts this one in the place of another


@contextmanager
def open_folder(folder: Path, config: Mapping[str, Any], start: Start) -> Iterator[dict[str, Any]]:
    """Hold the folder, and yield the run's config: the one that it began with, where it goes on.

    Raises InvalidRequest for a file, Conflict where the folder holds something else or another run writes to it.
    """
    if folder.exists() and not folder.is_dir():
        raise InvalidRequest(f"{folder} is a file, and a run needs a folder", hint="give another --out")
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise Conflict(f"another run is writing to {folder}", hint="wait for it, or give another --out") from error
    try:
        yield _begun(folder, dict(config), start)
    finally:
        lock.release()


def _begun(folder: Path, config: dict[str, Any], start: Start) -> dict[str, Any]:
    file = folder / CONFIG
    others = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    if others and not file.is_file():
        raise Conflict(f"{folder} holds {others[0]} and no run of this version", hint="give another --out")
    before = read_config(folder) if file.is_file() and start is not Start.ANEW else None
    differ = differences(before, config) if before is not None else []
    if start is Start.ANEW or (start is Start.AS_FITS and differ):
        for path in (*(folder / name for name in NAMES), *folder.glob(run_file("*"))):
            path.unlink(missing_ok=True)
    elif differ:
        more = f"; and {len(differ) - NAMED} more" if len(differ) > NAMED else ""
        raise Conflict(f"{folder} holds a run that differs in {'; '.join(differ[:NAMED])}{more}", hint=WAY_OUT)
    elif before is not None:
        resumed = [*before.get("resumed_at", ()), datetime.now(UTC).isoformat(timespec="seconds")]
        config = before if (folder / SUMMARY).is_file() else {**before, "resumed_at": resumed}
    write_json(file, config)
    return config
