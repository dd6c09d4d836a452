"""Ways to put questions to a server: by askers in turn, at a set rate, all at once, and hanging up. Knows no HTTP.

Askers in turn are a closed loop: while the server is slow it is asked less, and what others would have waited meanwhile
is not seen (coordinated omission). So waits are measured at a set rate too, each from the moment when its question was
due, whether or not a thread was free to send it.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count, cycle

from eval.bench.served import Reply

MOST_TRIES = 60
LONGEST_PAUSE = 30.0  # seconds
SENDERS = 256  # threads, at a set rate; a question that finds none free waits, and its wait is counted
Ask = Callable[[str], Reply]
Pause = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, until it was answered or given up.

    seconds: from when it was due. busy: how often the server said 503; told: how many of these said when to come again.
    """

    question: str
    reply: Reply
    seconds: float
    busy: int
    told: int

    @property
    def is_answered(self) -> bool:
        return self.reply.answer is not None


@dataclass(frozen=True, slots=True)
class Round:
    asked: tuple[Asked, ...]
    seconds: float


def asked_until_answered(ask: Ask, question: str, *, due: float | None = None, pause: Pause = time.sleep) -> Asked:
    """Ask again, as often as the server says 503, after the pause that it asks for; give up where it names none.

    due: when it was to be asked, by time.perf_counter; None: now.
    """
    start = time.perf_counter() if due is None else due
    busy = told = 0
    for _ in range(MOST_TRIES):
        reply = ask(question)
        if reply.status != 503:
            break
        busy += 1
        if reply.retry_after is None:
            break
        told += 1
        pause(min(reply.retry_after, LONGEST_PAUSE))
    return Asked(question, reply, time.perf_counter() - start, busy, told)


def in_turn(ask: Ask, questions: Sequence[str], askers: int, seconds: float) -> Round:
    """Let so many askers ask one question after another for so long; those under way at the end are waited for."""
    places, lock, found = count(), threading.Lock(), _Found()
    start = time.perf_counter()

    def one(_: int) -> None:
        while time.perf_counter() - start < seconds:
            with lock:
                place = next(places)
            found.add(asked_until_answered(ask, questions[place % len(questions)]))

    with ThreadPoolExecutor(askers) as pool:
        list(pool.map(one, range(askers)))
    return Round(found.all(), time.perf_counter() - start)


def at_rate(ask: Ask, questions: Sequence[str], rate: float, seconds: float, *, seed: int = 0) -> Round:
    """Ask so many a second, as people come: at random (Poisson), whether or not those before were answered."""
    found = _Found()
    start = time.perf_counter()

    def one(question: str, due: float) -> None:
        found.add(asked_until_answered(ask, question, due=due))

    with ThreadPoolExecutor(SENDERS) as pool:
        for question, after in zip(cycle(questions), arrivals(rate, seconds, seed=seed), strict=False):
            time.sleep(max(0.0, start + after - time.perf_counter()))
            pool.submit(one, question, start + after)
    return Round(found.all(), time.perf_counter() - start)


def arrivals(rate: float, seconds: float, *, seed: int) -> Iterator[float]:
    """Yield when each comes, in seconds from the start: the gaps are exponential. The seed decides all."""
    chance, at = random.Random(seed), 0.0
    while (at := at + chance.expovariate(rate)) < seconds:
        yield at


def at_once(ask: Ask, questions: Sequence[str], number: int) -> Round:
    """Let so many ask at the same moment."""
    together = threading.Barrier(number)

    def one(place: int) -> Asked:
        together.wait()
        return asked_until_answered(ask, questions[place % len(questions)])

    start = time.perf_counter()
    with ThreadPoolExecutor(number) as pool:
        asked = tuple(pool.map(one, range(number)))
    return Round(asked, time.perf_counter() - start)


class _Found:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: list[Asked] = []

    def add(self, asked: Asked) -> None:
        with self._lock:
            self._asked.append(asked)

    def all(self) -> tuple[Asked, ...]:
        return tuple(self._asked)
