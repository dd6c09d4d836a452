"""Have one system read files and answer questions, and say what it took. Runs in that system's own environment.

Standard library only: it is imported beside packages of which this project knows nothing.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

WARM_UP = (
    "Where does the river end?",
    "谁写了这本书？",
    "How many were there in 1990?",
)  # asked before the clock starts


@dataclass(frozen=True, slots=True)
class Task:
    """chunks: how many are asked for at a question, so that ten documents are among them."""

    files: Path
    model: Path
    scratch: Path
    chunks: int
    questions: tuple[str, ...]
    options: Mapping[str, Any]


class System(Protocol):
    def load(self) -> None:
        """Load the model and embed a text: what a service does once, and no clock counts."""

    def ingest(self) -> int:
        """Read the folder of files until it can be searched; return the number of chunks."""

    def ask(self, question: str) -> Any:
        """Search as an application would: the passages, best first."""

    def files_of(self, found: Any) -> list[str]:
        """Return the name of each passage's file. Off the clock."""


def run(make: Callable[[Task], System], packages: Sequence[str]) -> None:
    """Do the task that the first argument names, and write what came of it to the file that the second names."""
    task = _read(Path(sys.argv[1]))
    system = make(task)
    clock = _Clock()
    system.load()
    report: dict[str, Any] = {"versions": {name: version(name) for name in packages}, "load": clock.took()}
    clock = _Clock()
    chunks = system.ingest()
    report["ingest"] = {"chunks": chunks, **clock.took()}
    for text in WARM_UP:
        system.ask(text)
    milliseconds, rankings = [], []
    cpu = 0.0
    for question in task.questions:
        clock = _Clock()
        found = system.ask(question)
        took = clock.took()
        milliseconds.append(1000 * took["seconds"])
        cpu += took["cpu_seconds"]
        rankings.append(list(dict.fromkeys(system.files_of(found))))
    report["query"] = {"milliseconds": milliseconds, "cpu_seconds": cpu}
    report |= {"rankings": rankings, "peak_bytes": peak_bytes("self")}
    Path(sys.argv[2]).write_text(json.dumps(report), encoding="utf-8")


def peak_bytes(process: str) -> int:
    """Return the most that a process held at once (VmHWM); 0 where the system does not say."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:  # it has ended, or this is no Linux
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


def _read(path: Path) -> Task:
    row = json.loads(path.read_text(encoding="utf-8"))
    folders = {name: Path(row[name]) for name in ("files", "model", "scratch")}
    return Task(chunks=row["chunks"], questions=tuple(row["questions"]), options=row["options"], **folders)


class _Clock:
    def __init__(self) -> None:
        self._cpu, self._start = _cpu_seconds(), time.perf_counter()

    def took(self) -> dict[str, float]:
        """Return the seconds that passed, and that the process and its children worked."""
        return {"seconds": time.perf_counter() - self._start, "cpu_seconds": _cpu_seconds() - self._cpu}


def _cpu_seconds() -> float:
    times = os.times()
    return time.process_time() + times.children_user + times.children_system
