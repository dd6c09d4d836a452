"""How much memory a process and all that it started hold. Linux: it reads /proc."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@contextmanager
def seen_by(look: Callable[[], int], *, every_seconds: float) -> Iterator[list[int]]:
    """Yield a list, [0] at first, that grows by what look returns, again and again, until the block ends."""
    seen, done = [0], threading.Event()

    def go_on() -> None:
        while not done.wait(every_seconds):
            seen.append(look())

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


@contextmanager
def peak_bytes(pid: int, *, every_seconds: float) -> Iterator[list[int]]:
    """Yield a list that grows by what they hold together (PSS), while they live; its maximum is the peak."""
    with seen_by(lambda: sum(_proportional_bytes(one) for one in family(pid)), every_seconds=every_seconds) as seen:
        yield seen


def family(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:  # it has ended
        return []
    return [pid, *(one for child in children for one in family(child))]


def _proportional_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


@dataclass(frozen=True, slots=True)
class Holdings:
    """Bytes of one process: resident, its share of them where pages are shared, and of that share the two kinds."""

    rss: int
    pss: int
    anonymous: int
    file_backed: int  # the system may drop these pages and read them again


def holdings(pid: int) -> Holdings:
    found = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value, *_ = line.split()
        found[name.rstrip(":")] = int(value) * 1024
    return Holdings(found["Rss"], found["Pss"], found["Pss_Anon"], found["Pss_File"] + found["Pss_Shmem"])
