"""`footnote up`: the first start, the second, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.e2e.conftest import ROOT, STOPS_WITHIN_SECONDS, start_up, stop_up

pytestmark = pytest.mark.e2e

SECOND_START_SECONDS = 20.0


def speaking_of(data: Path) -> list[int]:
    """Return the processes whose environment or command names this data folder."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            told = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        except OSError:
            continue
        if str(data).encode() in told and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


def test_the_first_start_reads_the_examples_and_the_second_is_quick(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = start_up(tmp_path, data)
    body = {"question": "How do I take a backup?"}
    answer = httpx.post(f"{first.api}/ask", json=body, trust_env=False, timeout=120).json()
    assert answer["citations"]
    stop_up(first)
    assert first.process.returncode == 0
    assert speaking_of(data) == []

    started = time.monotonic()
    second = start_up(tmp_path, data)
    seconds = time.monotonic() - started
    assert httpx.get(f"{second.page}/", trust_env=False).is_success
    assert httpx.get(f"{second.api}/healthz", trust_env=False).is_success
    second.process.send_signal(signal.SIGTERM)
    second.process.wait(STOPS_WITHIN_SECONDS)
    assert second.process.stdout is not None
    second.process.stdout.close()
    assert speaking_of(data) == []
    assert seconds <= SECOND_START_SECONDS


def test_the_death_of_one_part_stops_all_and_is_told(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "examples.read").touch()  # as after a first run
    running = start_up(tmp_path, data)
    worker = next(pid for pid in speaking_of(data) if b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(worker, signal.SIGKILL)
    assert running.process.wait(STOPS_WITHIN_SECONDS) == 1
    assert running.process.stdout is not None
    running.process.stdout.close()
    assert "worker was killed by signal 9" in (tmp_path / "up.err").read_text()
    assert speaking_of(data) == []


def test_a_port_in_use_is_told_before_anything_starts(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "examples.read").touch()
    running = start_up(tmp_path, data)
    port = re.findall(r"\d+", running.api)[-1]
    second = subprocess.run(
        [sys.executable, "-m", "footnote", "up", "--data", str(tmp_path / "other"), "--port", port],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    stop_up(running)
    assert second.returncode == 1
    assert f"port {port}" in second.stderr
    assert "hint:" in second.stderr
    assert not (tmp_path / "other").exists()
