from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ingest.watch import Watcher


def test_a_change_is_told_even_to_one_who_was_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.watch.SETTLE_MILLISECONDS", 50)
    monkeypatch.setattr("ingest.watch.LOOK_MILLISECONDS", 500)
    docs, data = tmp_path / "docs", tmp_path / "docs" / "data"
    data.mkdir(parents=True)
    stop = threading.Event()
    watcher = Watcher([docs], data, stop)
    (docs / "a.txt").write_text("Soup")
    told = watcher.changes()
    next(told)
    stop.set()
    assert list(told) == []


@pytest.mark.slow
def test_a_watched_folder_is_followed_until_the_command_is_ended(tmp_path: Path, root: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.md").write_text("# Canteen\n\nSoup is served on Fridays.\n")
    command = [
        sys.executable,
        "-m",
        "footnote",
        "ingest",
        str(docs),
        "--watch",
        "--json",
        "--data",
        str(tmp_path / "data"),
    ]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as running:
        assert running.stdout is not None
        assert json.loads(running.stdout.readline())["indexed"] == 1
        (docs / "a.md").rename(docs / "b.md")
        (docs / "c.md").write_text("# Canteen\n\nNoodles are served on Mondays.\n")
        report = json.loads(running.stdout.readline())
        assert {row["path"]: row["outcome"] for row in report["files"]} == {
            "docs/b.md": "unchanged",
            "docs/c.md": "indexed",
        }
        (docs / "c.md").unlink()
        assert json.loads(running.stdout.readline())["removed"] == 1
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=30) == 0
