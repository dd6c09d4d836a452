from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import footnote
from rag.library.jobs import open_jobs
from tests.fakes import HashEmbedder

Run = Callable[..., tuple[int, Any, str]]


def embed_with(monkeypatch: pytest.MonkeyPatch, embedder: HashEmbedder) -> None:
    for module in ("rag.build", "rag.cli.opening"):
        monkeypatch.setattr(f"{module}.build_embedder", lambda _: embedder)


@pytest.fixture
def verb(data: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `footnote --data DATA ...` in this process with the fake embedder: exit code, JSON or text, and stderr."""
    embed_with(monkeypatch, HashEmbedder())
    monkeypatch.delenv("FOOTNOTE_DATA", raising=False)

    def run(*arguments: str | Path) -> tuple[int, Any, str]:
        monkeypatch.setenv("FOOTNOTE_DATA", str(data))
        code = footnote.main([str(argument) for argument in arguments])
        out, err = capfdbinary.readouterr()
        text = out.decode()
        return code, json.loads(text) if "--json" in arguments else text, err.decode()

    return run


@pytest.fixture
def filled(docs: Path) -> Path:
    (docs / "soup.txt").write_text("Soup is served on Fridays.")
    (docs / "中文.txt").write_text("汤在星期五供应。")
    return docs


def test_ingest_prints_one_report_that_adds_up(verb: Run, filled: Path) -> None:
    code, report, _ = verb("ingest", filled, "--json")
    assert code == 0
    assert set(report) == {
        *("discovered", "indexed", "unchanged", "duplicate", "skipped", "failed", "removed"),
        *("chunks", "seconds", "files"),
    }
    assert (report["discovered"], report["indexed"], len(report["files"])) == (2, 2, 2)
    assert set(report["files"][0]) == {"path", "outcome", "document_id", "chunks"}
    assert verb("ingest", filled, "--json")[1]["unchanged"] == 2


def test_ingest_exits_1_where_a_file_failed_and_says_which(verb: Run, filled: Path) -> None:
    (filled / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    code, report, _ = verb("ingest", filled, "--json")
    assert (code, report["failed"], report["indexed"]) == (1, 1, 2)
    code, text, _ = verb("ingest", filled)
    assert code == 1
    assert "Malformed" in text
    assert "docs/broken.pdf" in text
    assert "3 files: 2 unchanged, 1 failed" in text


def test_a_path_that_is_not_there_is_wrong_usage(verb: Run, filled: Path, data: Path) -> None:
    code, error, _ = verb("ingest", filled, filled / "gone", "--json")
    assert code == 2
    assert error["error"]["type"] == "InvalidRequest"
    assert not data.exists()


def test_no_path_is_wrong_usage(verb: Run) -> None:
    assert verb("ingest")[0] == 2


def test_a_collection_is_made_by_its_first_ingest(verb: Run, filled: Path, data: Path) -> None:
    assert verb("ingest", filled, "--collection", "finance", "--json")[0] == 0
    assert (data / "finance" / "library.db").is_file()
    assert verb("ingest", filled, "--collection", "../escape", "--json")[0] == 2


def test_a_dry_run_writes_nothing(verb: Run, filled: Path, data: Path) -> None:
    code, report, _ = verb("ingest", filled, "--dry-run", "--json")
    assert (code, report["indexed"]) == (0, 2)
    assert not data.exists()
    verb("ingest", filled, "--json")
    (filled / "soup.txt").unlink()
    report = verb("ingest", filled, "--dry-run", "--json")[1]
    assert (report["unchanged"], report["removed"]) == (1, 1)
    assert verb("ingest", filled, "--dry-run", "--json")[1]["removed"] == 1
    assert "would be: 1 files: 1 unchanged; 1 removed" in verb("ingest", filled, "--dry-run")[1]


def test_names_that_are_no_utf8_print_as_json_and_as_text(verb: Run, filled: Path) -> None:
    Path(os.fsdecode(os.fsencode(filled) + b"/\xff\x1b[31m\n.exe")).write_bytes(bytes(range(256)))
    code, report, _ = verb("ingest", filled, "--json")
    assert (code, report["skipped"]) == (0, 1)
    shown = verb("ingest", filled)[1]
    assert "\x1b" not in shown
    assert len(shown.splitlines()) == 2  # its row, and the counts


def test_acknowledgements_name_each_committed_document(verb: Run, filled: Path, tmp_path: Path) -> None:
    report = verb("ingest", filled, "--json", "--acknowledge", tmp_path / "seen")[1]
    lines = [json.loads(line) for line in (tmp_path / "seen").read_text().splitlines()]
    assert lines == [{"document_id": row["document_id"], "path": row["path"]} for row in report["files"]]


def test_jobs_are_listed_shown_and_cancelled(verb: Run, filled: Path, data: Path) -> None:
    verb("ingest", filled)
    with open_jobs(data / "default") as jobs:
        job = jobs.enqueue("folder", {"paths": [str(filled)]})
    listed = verb("jobs", "list", "--json")[1]["jobs"]
    assert [(row["id"], row["state"], row["sources"]) for row in listed] == [(job.id, "queued", [str(filled)])]
    assert verb("jobs", "show", job.id, "--json")[1]["state"] == "queued"
    assert job.id in verb("jobs", "list")[1]
    assert "queued" in verb("jobs", "show", job.id)[1]
    assert verb("jobs", "cancel", job.id, "--json")[1]["state"] == "cancelled"
    code, error, _ = verb("jobs", "cancel", job.id, "--json")
    assert (code, error["error"]["type"]) == (1, "Conflict")
    code, error, _ = verb("jobs", "show", "nothing", "--json")
    assert (code, error["error"]["type"]) == (1, "NotFound")


def test_jobs_of_a_collection_that_is_not_there_are_not_found(verb: Run, data: Path) -> None:
    code, error, _ = verb("jobs", "list", "--json")
    assert (code, error["error"]["type"]) == (1, "NotFound")
    assert not data.exists()


def test_a_rebuild_changes_the_embedder(verb: Run, filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    verb("ingest", filled)
    embed_with(monkeypatch, HashEmbedder(32))
    code, error, _ = verb("ingest", filled, "--json")
    assert (code, error["error"]["type"]) == (1, "LibraryMismatch")
    assert "library rebuild" in error["error"]["hint"]
    code, done, _ = verb("library", "rebuild", "--json")
    assert (code, done) == (0, {"collection": "default", "documents": 2, "embedder": "hash"})
    assert verb("ingest", filled, "--json")[1]["unchanged"] == 2
    assert verb("library", "verify", "--json")[1]["problems"] == []


def test_a_rebuild_of_nothing_is_not_found(verb: Run) -> None:
    code, error, _ = verb("library", "rebuild", "--json")
    assert (code, error["error"]["type"]) == (1, "NotFound")


def test_help_has_an_example(verb: Run) -> None:
    for arguments in (("ingest",), ("worker",), ("jobs", "list"), ("jobs", "show"), ("jobs", "cancel")):
        code, text, _ = verb(*arguments, "--help")
        assert code == 0
        assert f"footnote {' '.join(arguments)}" in text


def test_a_worker_process_stops_at_sigterm(tmp_path: Path, root: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "footnote", "--data", str(tmp_path / "data"), "worker"],
        cwd=root,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"FOOTNOTE_LOG_LEVEL": "INFO"},
    )
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if "waiting for jobs" in line:
                break
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.communicate()


def test_unchanged_files_are_passed_without_loading_the_model(
    shared: Path, data: Path, root: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real embedder on the real seeds: five indexed, then five unchanged, and torch is not imported for them."""
    arguments = ["--data", str(data), "ingest", str(shared / "seeds"), "--json"]
    monkeypatch.setenv("FOOTNOTE_DATA", str(data))
    assert footnote.main(arguments) == 0
    first = json.loads(capfdbinary.readouterr().out)
    assert (first["discovered"], first["indexed"]) == (5, 5)
    program = (
        "import footnote, sys; code = footnote.main(sys.argv[1:]);"
        "sys.stderr.write('torch' if 'torch' in sys.modules else 'light'); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=root, check=True, capture_output=True, text=True, timeout=300
    )
    second = json.loads(done.stdout)
    assert (second["discovered"], second["unchanged"]) == (5, 5)
    assert done.stderr.endswith("light")
    assert second["seconds"] < first["seconds"] / 10
