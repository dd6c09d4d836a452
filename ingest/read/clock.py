"""The time that reading a file may take, counted by an alarm that ends this process. Knows nothing of what is read."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def own_time(seconds: float) -> Iterator[None]:
    """Let a step take so long by its own clock, while the file's stands still. Nothing happens where none runs."""
    left, _ = signal.getitimer(signal.ITIMER_REAL)
    if not left:
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left)
