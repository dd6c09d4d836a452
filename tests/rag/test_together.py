"""rag.together: calls of many threads are gathered, and none is lost, mixed up or kept waiting for company."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from rag.together import Together


class Slow:
    """Doubles numbers; a run of it goes on until it is let through, and refuses -1."""

    def __init__(self) -> None:
        self.runs: list[list[int]] = []
        self.began = threading.Semaphore(0)
        self.through = threading.Semaphore(0)

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.runs.append(list(items))
        self.began.release()
        assert self.through.acquire(timeout=30)
        if -1 in items:
            raise ValueError(f"-1 is among {len(items)}")
        return [2 * item for item in items]

    def let_through(self, runs: int = 100) -> None:
        self.through.release(runs)


def until_all_wait(together: Together[int, int], count: int) -> None:
    while len(together._waiting) < count:
        threading.Event().wait(0.001)


def ask_behind(
    slow: Slow, together: Together[int, int], pool: ThreadPoolExecutor, *, first: Sequence[int], then: list[list[int]]
) -> list[Future[Sequence[int]]]:
    """Let one caller run, and others come while it does."""
    asked = [pool.submit(together, first)]
    assert slow.began.acquire(timeout=30)
    for number, items in enumerate(then, 1):
        asked.append(pool.submit(together, items))
        until_all_wait(together, number)
    return asked


@pytest.fixture
def pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(16)


def test_who_comes_alone_runs_alone() -> None:
    runs: list[list[int]] = []

    def work(items: Sequence[int]) -> Sequence[int]:
        runs.append(list(items))
        return items

    together = Together(work)
    assert [together([1]), together([2, 3]), together([])] == [[1], [2, 3], []]
    assert runs == [[1], [2, 3], []]


def test_who_comes_while_one_runs_goes_with_the_others_who_wait(pool: ThreadPoolExecutor) -> None:
    slow = Slow()
    asked = ask_behind(slow, Together(slow), pool, first=[1], then=[[2], [3, 4], [5]])
    slow.let_through()
    assert [list(one.result(30)) for one in asked] == [[2], [4], [6, 8], [10]]
    assert slow.runs == [[1], [2, 3, 4, 5]]


def test_as_many_run_at_a_time_as_may(pool: ThreadPoolExecutor) -> None:
    slow = Slow()
    together = Together(slow, runs=2)
    first = pool.submit(together, [1])
    assert slow.began.acquire(timeout=30)
    asked = ask_behind(slow, together, pool, first=[2], then=[[3], [4]])
    assert slow.runs == [[1], [2]]
    slow.let_through()
    assert [list(one.result(30)) for one in [first, *asked]] == [[2], [4], [6], [8]]
    assert sorted(item for run in slow.runs[2:] for item in run) == [3, 4]
    assert together._room == 2


def test_a_run_has_its_most_items_unless_one_caller_brings_more(pool: ThreadPoolExecutor) -> None:
    slow = Slow()
    together = Together(slow, most_items=3)
    asked = ask_behind(slow, together, pool, first=[0], then=[[1, 1], [2], [3, 3, 3, 3], [4]])
    slow.let_through()
    assert [list(one.result(30)) for one in asked] == [[0], [2, 2], [4], [6, 6, 6, 6], [8]]
    assert slow.runs == [[0], [1, 1, 2], [3, 3, 3, 3], [4]]


def test_an_error_reaches_who_caused_it_and_nobody_else(pool: ThreadPoolExecutor) -> None:
    slow = Slow()
    together = Together(slow)
    asked = ask_behind(slow, together, pool, first=[1], then=[[2], [-1], [3]])
    slow.let_through()
    with pytest.raises(ValueError, match="among 1"):
        asked[2].result(30)
    assert [list(asked[place].result(30)) for place in (0, 1, 3)] == [[2], [4], [6]]
    assert together._room == 1


def test_an_error_of_who_is_alone_is_raised_once(pool: ThreadPoolExecutor) -> None:
    slow = Slow()
    slow.let_through()
    together = Together(slow)
    with pytest.raises(ValueError, match="among 1"):
        together([-1])
    assert slow.runs == [[-1]]
    assert list(together([1])) == [2]


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_of_who_leads_leaves_nobody_waiting(
    pool: ThreadPoolExecutor, interrupt: type[BaseException]
) -> None:
    slow = Slow()
    broken: list[int] = []

    def work(items: Sequence[int]) -> Sequence[int]:
        results = slow(items)
        if len(items) > 1 and not broken:
            broken.append(1)
            raise interrupt
        return results

    together = Together(work)
    asked = ask_behind(slow, together, pool, first=[1], then=[[2], [3], [4]])
    slow.let_through()
    with pytest.raises(interrupt):
        asked[1].result(30)
    assert [list(asked[place].result(30)) for place in (0, 2, 3)] == [[2], [6], [8]]
    assert together._room == 1


def test_who_is_interrupted_in_line_holds_nobody_up(pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow()
    together = Together(slow)
    first = pool.submit(together, [1])
    assert slow.began.acquire(timeout=30)

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rag.together.Event", lambda: _Event(interrupted))
    with pytest.raises(KeyboardInterrupt):
        together([2])
    slow.let_through()
    assert list(first.result(30)) == [2]
    assert list(together([3])) == [6]
    assert slow.runs == [[1], [3]]


class _Event(threading.Event):
    def __init__(self, happens: Callable[[], None]) -> None:
        super().__init__()
        self._happens = happens

    def wait(self, timeout: float | None = None) -> bool:
        self._happens()
        return True


@pytest.mark.parametrize("runs", [1, 2, 5])
def test_many_who_come_and_go_all_get_their_own(runs: int) -> None:
    at_once: list[int] = []
    most: list[int] = []

    def work(items: Sequence[int]) -> Sequence[int]:
        at_once.append(1)
        most.append(len(at_once))
        if any(item % 7 == 0 for item in items):
            at_once.pop()
            raise ValueError(str(items))
        results = [item * item for item in items]
        at_once.pop()
        return results

    together = Together(work, runs=runs, most_items=8)

    def ask(number: int) -> bool:
        if number % 7 == 0:
            with pytest.raises(ValueError, match=f"^\\[{number}\\]$"):
                together([number])
            return True
        return list(together([number, number + 7])) == [number**2, (number + 7) ** 2]

    with ThreadPoolExecutor(24) as pool:
        assert all(pool.map(ask, range(2000)))
    assert together._room == runs
    assert not together._waiting
