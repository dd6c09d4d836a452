from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

from rag.library.gate import Gate

PATIENCE_SECONDS = 30


def test_readers_pass_together() -> None:
    gate, together = Gate(), Barrier(3, timeout=PATIENCE_SECONDS)

    def read() -> None:
        with gate.reading():
            together.wait()

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(read) for _ in range(3)]:
            done.result()


def test_a_writer_is_alone() -> None:
    gate, values = Gate(), [0, 0]

    def write() -> None:
        for _ in range(200):
            with gate.writing():
                values[0] += 1
                values[1] += 1

    def read() -> None:
        for _ in range(200):
            with gate.reading():
                assert values[0] == values[1]

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work) for work in (write, read, write, read)]:
            done.result()
    assert values == [400, 400]


def test_a_waiting_writer_goes_before_new_readers() -> None:
    gate, order = Gate(), []
    entered, leave = Event(), Event()

    def first_reader() -> None:
        with gate.reading():
            entered.set()
            leave.wait(PATIENCE_SECONDS)

    def writer() -> None:
        with gate.writing():
            order.append("writer")

    def late_reader() -> None:
        with gate.reading():
            order.append("reader")

    with ThreadPoolExecutor(3) as pool:
        done = [pool.submit(first_reader)]
        assert entered.wait(PATIENCE_SECONDS)
        done.append(pool.submit(writer))
        while not gate._waiting:
            pass
        done.append(pool.submit(late_reader))
        leave.set()
        for each in done:
            each.result()
    assert order == ["writer", "reader"]
