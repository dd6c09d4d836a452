"""The sets that are there are measured, and the page is made of what they left."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from eval.folder.names import QUESTIONS, SUMMARY
from eval.results import __main__ as results
from eval.results.sets import OURS, find
from tests.fakes import HashEmbedder

CONTEXT = "The gate code is 4417. Visitors ring the bell."
ASKED = {"id": "q1", "question": "What is the gate code?", "answers": [{"text": "4417", "answer_start": 17}]}


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    """A folder with one set of SQuAD's form, and one that is damaged."""
    (tmp_path / "data" / "xquad").mkdir(parents=True)
    content = {"data": [{"title": "Gate", "paragraphs": [{"context": CONTEXT, "qas": [ASKED]}]}]}
    (tmp_path / "data" / "xquad" / "xquad.en.json").write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / "data" / "xquad" / "xquad.zh.json").write_text("{", encoding="utf-8")
    return tmp_path


def test_sets_that_are_not_there_are_named(sets: Path) -> None:
    found, missing = find(sets)
    assert [one.wanted.name for one in found if one.wanted is not OURS] == ["xquad.en", "xquad.zh"]
    assert missing["gold"] == "gold/qa.jsonl is not in the folder of data sets"


def test_one_set_that_cannot_be_measured_does_not_cost_the_others(
    sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(results, "build_embedder", lambda _settings: HashEmbedder())
    page = tmp_path / "page.md"
    page.write_text(f"Before\n<!-- made by {results.ITSELF} -->\n<!-- end of {results.ITSELF} -->\nAfter\n")
    command = ["results", "--shared", str(sets), "--runs", str(tmp_path / "runs"), "--write", str(page)]
    monkeypatch.setattr(sys, "argv", command)
    assert results.main() == 1
    text = page.read_text("utf-8")
    assert text.startswith("Before\n")
    assert text.endswith("After\n")
    assert "| xquad.en | 1.000 [1.000, 1.000] |" in text
    assert "`xquad.zh` was not measured: Malformed" in text
    assert "xquad.en: squad:" in capsys.readouterr().err

    written = (tmp_path / "runs" / "xquad.en" / QUESTIONS).stat().st_mtime_ns
    monkeypatch.setattr(sys, "argv", [*command, "--set", "xquad.en"])
    assert results.main() == 0
    assert (tmp_path / "runs" / "xquad.en" / QUESTIONS).stat().st_mtime_ns == written  # nothing was asked again

    monkeypatch.setattr(sys, "argv", ["results", "--runs", str(tmp_path / "runs")])
    assert results.main() == 0
    assert "| xquad.en | 1.000 [1.000, 1.000] |" in capsys.readouterr().out


def test_a_run_of_other_code_or_data_begins_anew(sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(results, "build_embedder", lambda _settings: HashEmbedder())
    runs, libraries = tmp_path / "runs", tmp_path / "libraries"
    assert results.measure(sets, runs, libraries, None, ["xquad.en"])
    before = json.loads((runs / "xquad.en" / SUMMARY).read_text("utf-8"))
    monkeypatch.setattr(results, "build_embedder", lambda _settings: HashEmbedder(32))
    assert results.measure(sets, runs, libraries, None, ["xquad.en"])
    after = json.loads((runs / "xquad.en" / SUMMARY).read_text("utf-8"))
    assert before["config"]["embedder"]["fingerprint"] != after["config"]["embedder"]["fingerprint"]


def test_without_runs_the_page_says_so_of_every_set(tmp_path: Path) -> None:
    text = results.made_of(tmp_path)
    assert text.count("was not measured: there is no run of it") == 8
