from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.kill import Order, Ward, torment


@pytest.fixture
def lines() -> Iterator[list[str]]:
    said: list[str] = []
    yield said
    print("\n".join(said))  # noqa: T201  (shown by pytest where the test fails)


def run(home: Path, moments: int, lines: list[str], order: Order = "right", files: int = 12) -> list[str]:
    home.mkdir(exist_ok=True)
    ward = Ward(home, seed=7, count=files, order=order, real=False)
    try:
        return torment(ward, moments, lines.append)
    finally:
        ward.close()


def test_a_killed_ingest_loses_nothing_that_it_acknowledged(tmp_path: Path, lines: list[str]) -> None:
    assert run(tmp_path, 3, lines) == []


@pytest.mark.parametrize(("order", "sign"), [("acknowledge-first", "LOST: "), ("two-transactions", "HALF: ")])
def test_a_wrong_order_of_writing_is_seen(tmp_path: Path, lines: list[str], order: Order, sign: str) -> None:
    """Kills come at moments of chance, and on a busy machine twenty may all miss the fault: so up to sixty."""
    rounds = (run(tmp_path / str(number), 20, lines, order) for number in range(3))
    assert any(problem.startswith(sign) for problems in rounds for problem in problems)


@pytest.mark.slow
def test_twenty_kills_lose_nothing(tmp_path: Path, lines: list[str]) -> None:
    assert run(tmp_path, 20, lines, files=40) == []
