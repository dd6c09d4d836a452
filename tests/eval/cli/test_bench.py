"""`footnote eval bench` from the outside; what it measures is tested where it is measured."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

import footnote
from eval.bench.peers import compare


def write_otters(file: Path) -> None:
    text = "Otters live by the river. They eat fish, crabs and frogs, and sleep in holts."
    asked = {"id": "1", "question": "Where do otters live?", "answers": [{"text": "by the river", "answer_start": 12}]}
    content = {"data": [{"title": "Otters", "paragraphs": [{"context": text, "qas": [asked]}]}]}
    file.write_text(json.dumps(content), encoding="utf-8")


def test_the_other_benchmarks_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert footnote.main(["eval", "bench", "list", "--json"]) == 0
    assert "eval.bench.throughput" in json.loads(capsys.readouterr().out)["benchmarks"]


@pytest.mark.parametrize("askers", ["1,x", "0"])
def test_askers_that_are_no_numbers_are_wrong_usage(askers: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["eval", "bench", "load", "--dataset", "squad:none.json", "--askers", askers]
    assert footnote.main(command) == 2
    assert f"--askers {askers}" in capsys.readouterr().err


def test_a_service_that_is_not_there_is_said_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "otters.json"
    write_otters(file)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = ["eval", "bench", "load", "--dataset", f"squad:{file}", "--url", f"http://127.0.0.1:{port}"]
    assert footnote.main(command) == 1
    assert "does not answer: ConnectionRefusedError" in capsys.readouterr().err


def test_a_folder_without_files_is_wrong_usage(tmp_path: Path) -> None:
    assert footnote.main(["eval", "bench", "ingest", "--documents", str(tmp_path)]) == 2


def test_a_peer_that_could_not_be_measured_is_a_row_and_exit_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is started: each system fails at once."""
    file = tmp_path / "otters.json"
    write_otters(file)
    monkeypatch.setattr(compare, "measure", lambda *_: {"error": "there is no such program"})
    page = tmp_path / "page.md"
    page.write_text("<!-- made by python -m eval.bench.peers --><!-- end of python -m eval.bench.peers -->\n")
    command = ["eval", "bench", "peers", "--sets", f"squad:{file}", "--only", "Haystack", "--write", str(page)]
    command += ["--peers", str(tmp_path / "peers")]
    assert footnote.main(command) == 1
    assert "| Haystack, BM25 | not measured: there is no such program |" in capsys.readouterr().out
    assert "| Haystack | not measured: there is no such program |" in page.read_text(encoding="utf-8")


@pytest.mark.slow
def test_an_ingest_is_measured_by_kind_of_file(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert footnote.main(["eval", "bench", "ingest", "--documents", str(root / "examples"), "--json"]) == 0
    kinds = json.loads(capsys.readouterr().out)["kinds"]
    assert set(kinds) == {".pdf", ".html", ".md", "all"}
    assert kinds["all"]["files"] == sum(row["files"] for kind, row in kinds.items() if kind != "all")
    assert all(row["chunks"] > 0 and row["outcomes"] == {"indexed": row["files"]} for row in kinds.values())


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["retrieve", "answer", "load"])
def test_questions_are_timed_of_the_real_thing(verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "otters.json"
    write_otters(file)
    command = ["eval", "bench", verb, "--dataset", f"squad:{file}", "--libraries", str(tmp_path / "libraries")]
    if verb == "load":
        command += ["--askers", "2", "--seconds", "0.5", "--burst", "8", "--leaving", "4"]
    assert footnote.main([*command, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    if verb == "load":
        assert report["broken"] == []
        assert all(row["citations"] > 0 for row in report["rounds"])
    else:
        assert report["questions"] == 1
