from __future__ import annotations

import os
import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from rag.errors import LibraryBusy
from rag.library.lease import Lease
from tests.rag.library.shelf import open_shelf, place

HOLDER = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from rag.library.lease import Lease
with Lease(Path(sys.argv[1])).hold():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_another_holder_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    path = tmp_path / "library.lock"
    with (
        Lease(path).hold(),
        pytest.raises(LibraryBusy, match=f"process {os.getpid()} on {platform.node()}"),
        Lease(path).hold(),
    ):
        pytest.fail("two hold it")
    with Lease(path).hold():
        pass


def test_a_lease_whose_note_cannot_be_written_is_free_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "library.lock"
    mine = Lease(path)
    with monkeypatch.context() as patched:
        patched.setattr("rag.library.lease.write_json_durably", full)
        with pytest.raises(OSError, match="No space"), mine.hold():
            pytest.fail("it is held without a note")
    with Lease(path).hold():
        assert not mine.held


def test_the_holder_may_hold_it_again(tmp_path: Path) -> None:
    lease = Lease(tmp_path / "library.lock")
    with lease.hold() as outermost:
        assert outermost
        with lease.hold() as inner:
            assert not inner
        assert lease.held
        with pytest.raises(LibraryBusy), Lease(tmp_path / "library.lock").hold():
            pytest.fail("two hold it")
    assert not lease.held


def test_one_who_waits_does_not_keep_others_from_asking(tmp_path: Path) -> None:
    path = tmp_path / "library.lock"
    shared, waiting = Lease(path), Event()

    def wait() -> None:
        waiting.set()
        with shared.hold(timeout_seconds=30):
            pass

    with ThreadPoolExecutor(1) as pool:
        with Lease(path).hold():
            waiter = pool.submit(wait)
            assert waiting.wait(30)
            for _ in range(20):
                with pytest.raises(LibraryBusy), shared.hold():
                    pytest.fail("two hold it")
        waiter.result()


def test_a_killed_holder_leaves_the_lease_free(tmp_path: Path, root: Path) -> None:
    path = tmp_path / "library.lock"
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    with pytest.raises(LibraryBusy, match=f"process {process.pid}"), Lease(path).hold():
        pytest.fail("two hold it")
    process.kill()
    process.communicate()
    with Lease(path).hold():
        pass


def test_writing_without_the_lease_takes_it_or_says_who_has_it(folder: Path) -> None:
    with open_shelf(folder) as one, open_shelf(folder) as other:
        document = place(one, "Otters hold hands.", "a.txt")
        with one.lease():
            for write in (
                lambda: place(other, "Bats fly.", "b.txt"),
                lambda: other.remove(document.id),
                lambda: other.forget("file:///shelf/a.txt"),
                other.catch_up,
                other.rebuild_indexes,
            ):
                with pytest.raises(LibraryBusy):
                    write()
        other.remove(document.id)
