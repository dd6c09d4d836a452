"""An environment is made once; one that cannot be made is a row that says why."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from eval.bench.peers.environments import NotMade, python_of
from eval.bench.peers.measure import measure
from eval.bench.peers.systems import Environment, System
from eval.questions import Dataset

PEER = Environment("peer", ("peer==1",))
Commands = list[list[str]]


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> Commands:
    done: Commands = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        done.append(command)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    return done


def test_it_is_made_once_and_again_when_other_packages_are_wanted(tmp_path: Path, commands: Commands) -> None:
    (tmp_path / "peer").mkdir()
    python = python_of(PEER, tmp_path)
    assert [command[1:3] for command in commands] == [["-m", "venv"], ["-m", "pip"]]
    assert python_of(PEER, tmp_path) == python
    assert len(commands) == 2
    python_of(Environment("peer", ("peer==2",)), tmp_path)
    assert commands[-1][-1] == "peer==2"


def test_one_that_cannot_be_made_is_a_row_that_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", "WARNING: slow\nERROR: No matching distribution\n")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(NotMade, match="^ERROR: No matching distribution$"):
        python_of(PEER, tmp_path)
    row = measure(System("Peer", "with_peer", PEER), Dataset("squad:made", ()), tmp_path, tmp_path, tmp_path)
    assert row == {"error": "its environment cannot be made: ERROR: No matching distribution"}


def test_a_program_that_fails_is_a_row_that_says_why(tmp_path: Path) -> None:
    row = measure(System("Peer", "with_nothing", None), Dataset("squad:made", ()), tmp_path, tmp_path, tmp_path)
    assert "with_nothing" in row["error"]
