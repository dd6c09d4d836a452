from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.report.table import table
from rag.errors import Malformed, NotFound


def test_a_run_is_a_row_and_what_it_did_not_measure_is_a_dash(tmp_path: Path) -> None:
    summary = {
        "dataset": "squad:data/xquad.en.json",
        "questions": 1190,
        "retrieval": {"recall@1": 0.95, "recall@5": 1.0},
        "config": {"command": "footnote eval run --json"},
    }
    (tmp_path / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    head, rule, row, _, command = table([tmp_path]).splitlines()
    assert head.count("|") == rule.count("|") == row.count("|")
    assert row.startswith("| xquad.en.json | 1190 | 0.950 | 1.000 | – |")
    assert command.strip() == "footnote eval run --json"


def test_a_folder_without_a_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="summary.json"):
        table([tmp_path])
    (tmp_path / "summary.json").write_text("{", encoding="utf-8")
    with pytest.raises(Malformed, match="is not JSON"):
        table([tmp_path])
