"""The library follows its folders: what goes, goes; what is stopped half way is not taken for gone."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from ingest.pipeline import Ingest, Progress
from ingest.read import Limits
from rag.library.library import Library
from rag.wire import FileOut
from tests.fakes import HashEmbedder
from tests.ingest.conftest import assert_adds_up, found, manifest_of, outcomes

Make = Callable[..., Ingest]


def test_files_that_are_gone_are_forgotten(docs: Path, make_ingest: Make, library: Library) -> None:
    for name in ("a", "b", "c"):
        (docs / f"{name}.txt").write_text(f"The text of {name} speaks of {name * 5}.")
    make_ingest().run([docs])
    (docs / "b.txt").unlink()
    report = make_ingest().run([docs])
    assert (report.discovered, report.removed) == (2, 1)
    assert found(library, "bbbbb") == []
    assert library.verify() == []


def test_files_of_another_folder_are_not_forgotten(docs: Path, make_ingest: Make, tmp_path: Path) -> None:
    (docs / "a.txt").write_text("Soup is served on Fridays.")
    neighbour = tmp_path / "docs-2"
    neighbour.mkdir()
    (neighbour / "b.txt").write_text("Noodles are served on Mondays.")
    make_ingest().run([docs, neighbour])
    assert make_ingest().run([docs]).removed == 0
    assert make_ingest().run([docs / "a.txt"]).removed == 0


def test_nothing_is_forgotten_where_a_folder_could_not_be_listed(
    docs: Path, make_ingest: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    (docs / "sub").mkdir()
    (docs / "sub" / "a.txt").write_text("Soup is served on Fridays.")
    make_ingest().run([docs])
    scandir = os.scandir

    def refusing(path: Path) -> Any:
        if Path(path).name == "sub":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    report = make_ingest().run([docs])
    assert (outcomes(report), report.removed) == ({"docs/sub/": "failed"}, 0)


def test_a_folder_without_any_file_is_taken_for_a_disk_that_is_not_mounted(
    docs: Path, make_ingest: Make, library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    (docs / "sub").mkdir()
    for name in ("a.txt", "sub/b.txt", "sub/c.txt"):
        (docs / name).write_text(f"The text of {name}.")
    make_ingest().run([docs])
    for name in ("sub/b.txt", "sub/c.txt"):
        (docs / name).unlink()
    assert make_ingest().plan([docs / "sub"]).removed == 0
    report = make_ingest().run([docs, docs / "sub"])
    assert (report.discovered, report.removed, library.stats().documents) == (1, 0, 3)
    assert "sub/ holds no file at all, and the library knows 2 from there" in caplog.text
    assert "documents remove" in caplog.text
    assert make_ingest().run([docs]).removed == 2  # the folder above is there, and says that they are gone
    assert make_ingest().run([docs]).removed == 0
    (docs / "a.txt").unlink()
    assert make_ingest().run([docs]).removed == 1  # a single file is moved away often enough


def test_folders_given_twice_or_inside_each_other_give_one_row_for_each_file(
    docs: Path, make_ingest: Make, library: Library
) -> None:
    (docs / "sub" / ".hidden").mkdir(parents=True)
    for name in ("a.txt", "sub/b.txt", "sub/.c.txt"):
        (docs / name).write_text(f"The text of {name}.")
    report = make_ingest().run([docs / "sub", docs, docs, docs / "sub" / "b.txt"])
    assert_adds_up(report)
    assert outcomes(report) == {
        "sub/.c.txt": "skipped",
        "sub/.hidden/": "skipped",
        "sub/b.txt": "indexed",
        "docs/a.txt": "indexed",
    }
    assert library.stats().sources == 2


def test_a_run_that_is_stopped_keeps_what_it_committed_and_forgets_nothing(
    docs: Path, make_ingest: Make, library: Library
) -> None:
    for number in range(6):
        (docs / f"{number}.txt").write_text(f"Text number {number} of them.")
    make_ingest().run([docs / "5.txt"])
    (docs / "5.txt").unlink()
    rows: list[FileOut] = []

    def note(progress: Progress) -> None:
        if progress.row is not None:
            rows.append(progress.row)

    report = make_ingest(batch_passages=1, progress=note, cancelled=lambda: len(rows) >= 2).run([docs])
    assert_adds_up(report)
    assert list(outcomes(report).values()) == ["indexed", "indexed", "skipped", "skipped", "skipped"]
    assert report.files[-1].error == "Cancelled"
    assert report.removed == 0
    assert library.stats().documents == 3
    assert library.verify() == []
    after = make_ingest().run([docs])
    assert (after.unchanged, after.indexed, after.removed) == (2, 3, 1)


class Folder(RuleBasedStateMachine):
    """Whatever happens to a folder between two ingests, the library is then what the folder is."""

    names = st.sampled_from(["a.txt", "b.txt", "sub/c.txt", "sub/d.md", "e\n.txt"])
    texts = st.sampled_from(["one soup", "two noodles", "three dumplings", "three dumplings\r\n", ""])

    home_of_all: Path

    def __init__(self) -> None:
        super().__init__()
        self.home = self.home_of_all / os.urandom(8).hex()
        self.docs = self.home / "docs"
        self.docs.mkdir(parents=True)
        self.library = Library.open(self.home / "data" / "default", manifest_of(HashEmbedder()))
        self.in_step = True

    def teardown(self) -> None:
        self.library.close()

    @rule(name=names, text=texts)
    def write(self, name: str, text: str) -> None:
        path = self.docs / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
        self.in_step = False

    @rule(name=names, other=names)
    def move(self, name: str, other: str) -> None:
        if (self.docs / name).exists():
            (self.docs / other).parent.mkdir(exist_ok=True)
            (self.docs / name).replace(self.docs / other)
            self.in_step = False

    @rule(name=names)
    def delete(self, name: str) -> None:
        (self.docs / name).unlink(missing_ok=True)
        self.in_step = False

    @rule(batch=st.integers(min_value=1, max_value=9))
    def ingest(self, batch: int) -> None:
        run = Ingest(
            self.library,
            HashEmbedder(),
            data=self.home / "data",
            limits=Limits(),
            max_tokens=64,
            batch_passages=batch,
        )
        is_empty = not any(path.is_file() for path in self.docs.rglob("*"))
        before = self.library.sources()
        assert_adds_up(run.run([self.docs]))
        self.in_step = not is_empty or len(before) < 2
        assert self.in_step or self.library.sources() == before

    @invariant()
    def every_readable_file_is_there_with_its_text(self) -> None:
        if not self.in_step:
            return
        texts = {path.as_uri(): path.read_text() for path in self.docs.rglob("*") if path.is_file()}
        stored = {row.location: self.library.document(row.document_id).text for row in self.library.sources()}
        readable = {location: text for location, text in texts.items() if text.strip()}
        assert {location: stored[location].split() for location in readable} == {
            location: text.split() for location, text in readable.items()
        }
        assert set(stored) <= set(texts)
        assert self.library.verify() == []


def test_after_an_ingest_the_library_is_what_the_folder_is(tmp_path: Path) -> None:
    Folder.home_of_all = tmp_path
    run_state_machine_as_test(
        Folder,
        settings=settings(
            max_examples=12, stateful_step_count=12, deadline=None, suppress_health_check=[HealthCheck.too_slow]
        ),
    )
