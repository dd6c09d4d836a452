"""An iterator that runs in a thread of its own, so that one need not wait for it longer than one will."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Apart(Generic[T]):
    """Makes each value only when it is asked for. The thread that makes them also closes what makes them."""

    def __init__(self, start: Callable[[], Iterable[T]]) -> None:
        self._wanted: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._made: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()
        run = contextvars.copy_context().run  # LlamaIndex keeps its spans there
        # daemon: a model that never answers does not keep the process from ending
        threading.Thread(target=run, args=(self._run, start), name="llm", daemon=True).start()

    def next(self, seconds: float) -> T | None:
        """Return the next value, None at the end. Raises what making it raises, TimeoutError where it takes longer."""
        self._wanted.put(True)
        try:
            value, error = self._made.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            raise TimeoutError from None
        if error is not None:
            raise error
        return value

    def close(self) -> None:
        """Have it closed as soon as it has made what it is at."""
        self._wanted.put(False)

    def _run(self, start: Callable[[], Iterable[T]]) -> None:
        made: Iterator[T] | None = None
        try:
            while self._wanted.get():
                made = iter(start()) if made is None else made
                self._made.put((next(made, None), None))
        except BaseException as error:  # noqa: BLE001  an edge: a thread has nobody to raise to; whoever asked raises it
            self._made.put((None, error))
        finally:
            close = getattr(made, "close", None)
            if close is not None:
                close()
