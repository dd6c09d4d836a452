from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from ingest.read.clock import own_time


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)


def left() -> float:
    return signal.getitimer(signal.ITIMER_REAL)[0]


def test_a_step_has_its_own_time_and_the_files_stands_still() -> None:
    signal.setitimer(signal.ITIMER_REAL, 100)
    with own_time(1000):
        assert 900 < left() <= 1000
    assert 90 < left() <= 100


def test_the_files_time_goes_on_where_the_step_fails() -> None:
    signal.setitimer(signal.ITIMER_REAL, 100)
    with pytest.raises(ValueError, match="no"), own_time(1000):
        raise ValueError("no")
    assert 90 < left() <= 100


def test_nothing_is_timed_where_nothing_was() -> None:
    with own_time(1000):
        assert left() == 0
