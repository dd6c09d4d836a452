"""A system is asked one question at a time, and what it answers is kept as it ranks it."""

from __future__ import annotations

import ast
import json
import os
import sys
from pathlib import Path

import pytest

from eval.bench.peers import task
from eval.bench.peers.task import WARM_UP, Task


class Echo:
    """Answers with the files in which the question stands, one passage for each time."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self.asked: list[str] = []
        ALL.append(self)

    def load(self) -> None: ...

    def ingest(self) -> int:
        self._texts = {path.name: path.read_text(encoding="utf-8") for path in self._task.files.iterdir()}
        return len(self._texts)

    def ask(self, question: str) -> list[str]:
        self.asked.append(question)
        counts = {name: text.count(question) for name, text in self._texts.items()}
        return [name for name in sorted(counts, key=lambda name: -counts[name]) for _ in range(counts[name])]

    def files_of(self, found: list[str]) -> list[str]:
        return found


ALL: list[Echo] = []


def test_a_file_is_ranked_where_its_best_passage_stands_and_warming_up_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / "one.txt").write_text("猫 猫", encoding="utf-8")
    (files / "two.txt").write_text("猫 狗", encoding="utf-8")
    row = {"files": str(files), "model": "", "scratch": "", "chunks": 9, "questions": ["猫", "狗"], "options": {}}
    (tmp_path / "task.json").write_text(json.dumps(row), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["program", str(tmp_path / "task.json"), str(tmp_path / "result.json")])
    task.run(Echo, ["pytest"])
    report = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert report["rankings"] == [["one.txt", "two.txt"], ["two.txt"]]
    assert report["ingest"]["chunks"] == 2
    assert len(report["query"]["milliseconds"]) == 2
    assert ALL[-1].asked == [*WARM_UP, "猫", "狗"]
    assert report["versions"]["pytest"]


def test_a_process_has_held_some_memory_and_one_that_is_gone_none() -> None:
    assert task.peak_bytes("self") > 2**20
    assert task.peak_bytes(str(os.getpid())) > 2**20
    assert task.peak_bytes("no process") == 0


def test_what_runs_beside_a_peer_imports_the_standard_library_alone() -> None:
    """Its environment holds nothing of Footnote's."""
    tree = ast.parse(Path(task.__file__).read_text(encoding="utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= set(sys.stdlib_module_names)
