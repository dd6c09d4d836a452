"""Askers honour a 503, and a wait counts from when the question was due."""

from __future__ import annotations

import threading
import time

import pytest

from eval.bench.rounds import MOST_TRIES, arrivals, asked_until_answered, at_once, at_rate, in_turn
from eval.bench.served import Reply

ANSWER = Reply(200, {"answer": "yes", "citations": [], "passages": []})
BUSY = Reply(503, retry_after=2.0)


def test_who_is_sent_away_comes_again_after_the_pause_that_was_asked_for() -> None:
    replies, pauses = iter([BUSY, BUSY, ANSWER]), list[float]()
    found = asked_until_answered(lambda _: next(replies), "?", pause=pauses.append)
    assert (found.is_answered, found.busy, found.told, pauses) == (True, 2, 2, [2.0, 2.0])


def test_a_503_that_does_not_say_when_is_told_apart_and_not_asked_again() -> None:
    found = asked_until_answered(lambda _: Reply(503), "?", pause=lambda _: pytest.fail("nobody said how long"))
    assert (found.is_answered, found.busy, found.told) == (False, 1, 0)


def test_who_is_sent_away_for_ever_gives_up() -> None:
    assert asked_until_answered(lambda _: BUSY, "?", pause=lambda _: None).busy == MOST_TRIES


def test_a_wait_counts_from_when_the_question_was_due() -> None:
    found = asked_until_answered(lambda _: ANSWER, "?", due=time.perf_counter() - 5)
    assert found.seconds >= 5


def test_all_ask_at_the_same_moment() -> None:
    """None is answered before all have asked, and yet all are."""
    everybody = threading.Barrier(8, timeout=10)

    def ask(_: str) -> Reply:
        everybody.wait()
        return ANSWER

    assert sum(one.is_answered for one in at_once(ask, ["a", "b"], 8).asked) == 8


def test_askers_in_turn_ask_other_questions() -> None:
    asked: list[str] = []

    def ask(question: str) -> Reply:
        asked.append(question)
        return ANSWER

    done = in_turn(ask, [f"q{number}" for number in range(1_000_000)], 2, 0.01)
    assert len(done.asked) == len(asked) == len(set(asked)) > 0


def test_at_a_set_rate_a_slow_answer_delays_no_other() -> None:
    """The first is answered only when the last has been asked."""
    last = threading.Event()
    due = list(arrivals(200.0, 0.1, seed=0))
    asked: list[str] = []

    def ask(question: str) -> Reply:
        asked.append(question)
        if len(asked) == len(due):
            last.set()
        assert last.wait(10)
        return ANSWER

    assert len(at_rate(ask, ["a", "b"], 200.0, 0.1).asked) == len(due) > 1


def test_arrivals_come_at_the_rate_that_is_asked_for_and_the_seed_decides_when() -> None:
    found = list(arrivals(50.0, 100.0, seed=3))
    assert found == sorted(found) == list(arrivals(50.0, 100.0, seed=3))
    assert len(found) == pytest.approx(5000, rel=0.05)
    assert found[0] > 0
    assert found[-1] < 100
