"""A data folder with a small collection in it, and the verbs pointed at it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import footnote
from tests.rag.library.shelf import EMBEDDER, chunked, document_of, facts_of, open_shelf

BACKUP = "To take a backup, stop the service and copy the data folder."
BACKUP_ZH = "做备份时，先停止服务，然后复制整个数据文件夹。"
ESCAPE = "A report with \x1b[31mred\x1b[0m letters in it."
DOCUMENTS = (
    (BACKUP, "backup.txt", "Operations"),
    (BACKUP_ZH, "backup.zh.txt", "运维"),
    (ESCAPE, "report.txt", "[bold]Report[/bold]"),
)

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder; FOOTNOTE_DATA names it, and the embedder is the fake one that built it."""
    folder = tmp_path / "data"
    with open_shelf(folder / "default") as library, library.lease():
        for text, name, title in DOCUMENTS:
            document = document_of(text, title=title)
            library.keep_original(text.encode())
            library.put(document, *chunked(document, len(text)), facts_of(text, name))
        library.catch_up()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FOOTNOTE_DATA", str(folder))
    monkeypatch.setenv("FOOTNOTE_ANSWER__MIN_CONFIDENCE", "0.1")  # where the line lies is measured elsewhere
    for module in ("rag.cli.opening", "rag.cli.models_check"):
        monkeypatch.setattr(f"{module}.build_embedder", lambda settings: EMBEDDER)
    return folder


@pytest.fixture
def run(data: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Run a verb with --json, and return its one object."""

    def call(*arguments: str, code: int = 0) -> dict[str, Any]:
        assert footnote.main([*arguments, "--json"]) == code
        found: dict[str, Any] = json.loads(capsysbinary.readouterr().out)
        return found

    return call
