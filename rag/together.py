"""Do together what many threads ask for at the same time. Knows nothing of what is done; has no thread and no timer.

Who comes while there is room begins at once. Who comes later waits, and goes with all others who wait as soon as a run
has ended.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from threading import Event, Lock
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Together(Generic[Item, Result]):
    """Calls of one function, gathered. No call is answered by a run that began before it."""

    def __init__(
        self, work: Callable[[Sequence[Item]], Sequence[Result]], *, runs: int = 1, most_items: int = 64
    ) -> None:
        """work: gives a result for each item, in order; is called from as many threads at a time as there are runs.

        most_items: in one run, unless a single caller brings more.
        """
        self._work = work
        self._most_items = most_items
        self._turn = Lock()
        self._room = runs
        self._waiting: deque[_Call[Item, Result]] = deque()

    def __call__(self, items: Sequence[Item]) -> Sequence[Result]:
        """Return the results of these items, or raise what `work` raises for them alone."""
        call: _Call[Item, Result] = _Call(items)
        try:
            self._join(call)
            if call.leads:
                self._lead(call)
        finally:  # after an interrupt too: nobody waits for who is gone
            self._leave(call)
        if call.results is None:  # the run that it was in failed: alone, it meets its own error and nobody else's
            return self._work(items)
        return call.results

    def _join(self, call: _Call[Item, Result]) -> None:
        with self._turn:
            if self._room:
                self._room -= 1
                call.leads = True
                return
            self._waiting.append(call)
        call.woken.wait()

    def _lead(self, own: _Call[Item, Result]) -> None:
        """Run with those who wait; whatever comes of it, they are woken."""
        calls = [own]
        try:
            with self._turn:
                calls += self._taken(len(own.items))
            results = self._work([item for call in calls for item in call.items])
            first = 0
            for call in calls:
                call.results = results[first : first + len(call.items)]
                first += len(call.items)
        except Exception:
            if len(calls) == 1:
                raise
        finally:
            for call in calls[1:]:
                call.woken.set()

    def _taken(self, items: int) -> list[_Call[Item, Result]]:
        """Take from the line as many as fit in a run beside so many items."""
        taken = []
        while self._waiting and items + len(self._waiting[0].items) <= self._most_items:
            taken.append(self._waiting.popleft())
            items += len(taken[-1].items)
        return taken

    def _leave(self, call: _Call[Item, Result]) -> None:
        """Let who waits longest lead the next run; where nobody waits, there is room."""
        with self._turn:
            if call in self._waiting:
                self._waiting.remove(call)
            if call.leads and self._waiting:
                after = self._waiting.popleft()
                after.leads = True
                after.woken.set()
            elif call.leads:
                self._room += 1


class _Call(Generic[Item, Result]):
    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self.results: Sequence[Result] | None = None
        self.leads = False
        self.woken = Event()
