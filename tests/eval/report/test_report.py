from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from eval.cli.report import app
from tests.eval.report.folders import record, written, wrong


def test_runs_stand_side_by_side_as_a_table_a_page_and_an_object(tmp_path: Path) -> None:
    runs = [
        str(written(tmp_path / "one", [record("a"), wrong("b")])),
        str(written(tmp_path / "other", [record("a")])),
    ]
    asked = CliRunner().invoke(app, ["report", *runs])
    assert asked.exit_code == 0
    assert "0.500 [0.000, 1.000]" in asked.stdout

    page = tmp_path / "runs.html"
    asked = CliRunner().invoke(app, ["report", *runs, "--html", str(page), "--json"])
    assert asked.exit_code == 0
    found = json.loads(asked.stdout)["runs"]
    assert [one["figures"]["answer.contains"]["value"] for one in found] == [0.5, 1.0]
    assert "Answer contained" in page.read_text(encoding="utf-8")


def test_the_page_of_one_run_is_its_own(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    CliRunner().invoke(app, ["report", str(written(tmp_path / "one", [wrong("b")])), "--html", str(page)])
    assert "What went wrong" in page.read_text(encoding="utf-8")
