"""Run a program to its end, and say what memory those it started held. Linux: it reads /proc."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from eval.bench.family import family, seen_by
from eval.bench.peers.task import peak_bytes

LOOK_SECONDS = 0.2
LONGEST_SECONDS = 3600
SHOWN_CHARACTERS = 400  # of a traceback
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Ran:
    """children_bytes: the sum of what each of its children had held at most, at the moment when that was largest."""

    status: int
    last_words: str  # the last line on standard error
    children_bytes: int


def run_watched(command: list[str], environment: Mapping[str, str] | None = None) -> Ran:
    """environment: on top of this process's own. Its standard output is thrown away."""
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        with seen_by(lambda: _held_by_children(process.pid), every_seconds=LOOK_SECONDS) as seen:
            try:
                _, errors = process.communicate(timeout=LONGEST_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                _, errors = process.communicate()
        said = [line for line in errors.splitlines() if line.strip()]
        return Ran(process.returncode, (said or ["nothing was said"])[-1][-SHOWN_CHARACTERS:], max(seen))


def _held_by_children(pid: int) -> int:
    """Return what its children have held at most, summed over those that live."""
    return sum(peak_bytes(str(child)) for child in family(pid) if child != pid)
