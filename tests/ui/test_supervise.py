"""Several processes as one, with small commands in the place of the API, the worker and the page."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ui.supervise import Interrupted, Part, Parts, StartFailed, free_port

STAY = "import signal; signal.pause()"
SERVE = """
import sys
from http.server import HTTPServer, SimpleHTTPRequestHandler
HTTPServer(("127.0.0.1", int(sys.argv[1])), SimpleHTTPRequestHandler).serve_forever()
"""
# A part that starts another, and tells its pid.
PARENT = f"""
import pathlib, signal, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {STAY!r}])
pathlib.Path(sys.argv[1]).write_text(str(child.pid))
{STAY}
"""


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", code, *arguments]


def gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def gone_soon(pid: int) -> bool:
    """Tell whether the process is gone, or goes: a signal takes a moment to be acted on."""
    deadline = time.monotonic() + 30
    while not gone(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return gone(pid)


def quiet(_: str) -> None: ...


def test_parts_are_up_when_their_addresses_answer_and_end_with_the_block(tmp_path: Path) -> None:
    port = free_port("127.0.0.1", 0)
    with Parts(tmp_path, quiet) as parts:
        parts.start(Part("web", python(SERVE, str(port)), f"http://127.0.0.1:{port}/"))
        parts.start(Part("worker", python(STAY)))
        parts.wait_until_up(30)
        assert parts.run_to_end(Part("once", python("print('done')"))) == 0
        assert "done" in parts.tail("once")
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def run(folder: Path, *wanted: Part) -> None:
    with Parts(folder, quiet) as parts:
        for part in wanted:
            parts.start(part)
        parts.wait_until_up(0.3)
        parts.stay()


def test_a_part_that_dies_is_told_with_its_last_words(tmp_path: Path) -> None:
    dying = python("import sys; print('no space left'); sys.exit(3)")
    with pytest.raises(StartFailed, match=r"worker ended with exit code 3(.|\n)*no space left"):
        run(tmp_path, Part("page", python(STAY)), Part("worker", dying))


def test_only_this_runs_lines_are_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "worker.log").write_text("yesterday's trouble\n")
    with pytest.raises(StartFailed) as raised:
        run(tmp_path, Part("worker", python("print('today')")))
    assert "today" in str(raised.value)
    assert "yesterday" not in str(raised.value)


def test_a_part_that_never_answers_is_told(tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{free_port('127.0.0.1', 0)}/"
    with pytest.raises(StartFailed, match="does not answer"):
        run(tmp_path, Part("page", python(STAY), address))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_everything_that_was_started(tmp_path: Path, number: signal.Signals) -> None:
    told = tmp_path / "grandchild"
    threading.Thread(target=signal_when_told, args=(told, number), daemon=True).start()
    with pytest.raises(Interrupted):
        run(tmp_path / "logs", Part("parent", python(PARENT, str(told))))
    assert gone_soon(int(told.read_text()))


def signal_when_told(told: Path, number: signal.Signals) -> None:
    while not told.exists() or not told.read_text():
        time.sleep(0.01)
    os.kill(os.getpid(), number)


def test_a_supervisor_that_is_killed_leaves_no_part_behind(tmp_path: Path) -> None:
    script = f"""
import pathlib, sys
sys.path.insert(0, {str(Path(__file__).resolve().parents[2])!r})
from ui.supervise import Part, Parts
with Parts(pathlib.Path(sys.argv[1]), print) as parts:
    parts.start(Part("stay", [sys.executable, "-c", "import os; print(os.getpid(), flush=True); " + {STAY!r}]))
    parts.stay()
"""
    supervisor = subprocess.Popen(python(script, str(tmp_path)))
    log = tmp_path / "stay.log"
    deadline = time.monotonic() + 30
    while not log.exists() or not log.read_text().endswith("\n"):
        assert time.monotonic() < deadline
    supervisor.kill()
    supervisor.wait()
    assert gone_soon(int(log.read_text()))


def test_a_port_in_use_is_told_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartFailed, match=f"port {port} ") as raised:
            free_port("127.0.0.1", port)
    assert "another port" in raised.value.hint
