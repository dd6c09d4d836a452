from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

import ingest.examine
import ingest.read
from ingest.pipeline import Ingest, Progress, Upload
from ingest.read import Limits
from rag.errors import LibraryError, Malformed, ModelError
from rag.library.library import Library
from rag.ports import Matrix
from rag.wire import FileOut, ReportOut
from tests.fakes import HashEmbedder
from tests.ingest.conftest import manifest_of

Make = Callable[..., Ingest]


def outcomes(report: ReportOut) -> dict[str, str]:
    return {row.path: row.outcome for row in report.files}


def row_of(report: ReportOut, path: str) -> FileOut:
    return next(row for row in report.files if row.path == path)


def assert_adds_up(report: ReportOut) -> None:
    counts = [report.indexed, report.unchanged, report.duplicate, report.skipped, report.failed]
    assert report.discovered == sum(counts) == len(report.files)
    assert report.chunks == sum(row.chunks or 0 for row in report.files)
    json.dumps(report.model_dump(mode="json"), ensure_ascii=False).encode()


def found(library: Library, words: str) -> list[str]:
    library.refresh()
    chunks = library.chunks(hit.key for hit in library.lexical(words, 10))
    return [library.document(chunk.document_id).source for chunk in chunks.values()]


def test_each_file_has_a_row_and_the_counts_add_up(docs: Path, make_ingest: Make, library: Library) -> None:
    (docs / "a.txt").write_text("The backup runs at night. " * 30)
    (docs / "sub").mkdir()
    (docs / "sub" / "b.md").write_text("# Canteen\n\nSoup is served on Fridays.")
    (docs / "empty.txt").write_text("")
    (docs / "program.exe").write_bytes(b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + bytes(range(256)) * 4)
    (docs / ".hidden").write_text("x")
    report = make_ingest().run([docs])
    assert_adds_up(report)
    assert outcomes(report) == {
        "docs/a.txt": "indexed",
        "docs/sub/b.md": "indexed",
        "docs/empty.txt": "failed",
        "docs/program.exe": "skipped",
        "docs/.hidden": "skipped",
    }
    assert row_of(report, "docs/empty.txt").error == "NoText"
    assert row_of(report, "docs/program.exe").error == "Unsupported"
    assert (report.chunks, report.removed) == (len(library), 0)
    assert library.verify() == []


def test_what_is_indexed_can_be_found_and_says_where_it_stands(docs: Path, make_ingest: Make, library: Library) -> None:
    (docs / "menu.txt").write_text("Soup is served on Fridays.")
    report = make_ingest().run([docs])
    assert found(library, "soup") == ["docs/menu.txt"]
    source = library.source_at((docs / "menu.txt").as_uri())
    assert source is not None
    assert source.document_id == report.files[0].document_id
    assert library.original(source.document_id).read_bytes() == b"Soup is served on Fridays."


def test_the_second_time_nothing_is_read(
    docs: Path, make_ingest: Make, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    (docs / "a.txt").write_text("Soup is served on Fridays.")
    first = make_ingest().run([docs])
    monkeypatch.setattr(ingest.examine, "_load", lambda *_: pytest.fail("the file was read again"))
    again = make_ingest().run([docs])
    assert outcomes(again) == {"docs/a.txt": "unchanged"}
    assert again.files[0].document_id == first.files[0].document_id


def test_a_new_time_on_the_same_bytes_is_no_change(docs: Path, make_ingest: Make, library: Library) -> None:
    path = docs / "a.txt"
    path.write_text("Soup is served on Fridays.")
    make_ingest().run([docs])
    os.utime(path, ns=(1, 1))
    assert outcomes(make_ingest().run([docs])) == {"docs/a.txt": "unchanged"}
    source = library.source_at(path.as_uri())
    assert source is not None
    assert source.mtime_ns == 1


def test_a_changed_file_is_the_next_version_and_its_old_text_is_gone(
    docs: Path, make_ingest: Make, library: Library
) -> None:
    path = docs / "a.txt"
    path.write_text("Soup is served on Fridays.")
    make_ingest().run([docs])
    path.write_text("Noodles are served on Mondays.")
    report = make_ingest().run([docs])
    assert outcomes(report) == {"docs/a.txt": "indexed"}
    assert found(library, "soup") == []
    assert found(library, "noodles") == ["docs/a.txt"]
    assert library.document(report.files[0].document_id or "").version == 2
    assert library.verify() == []


def test_the_same_bytes_elsewhere_are_a_duplicate(docs: Path, make_ingest: Make, library: Library) -> None:
    for name in ("a.txt", "b.txt"):
        (docs / name).write_text("Soup is served on Fridays.")
    report = make_ingest().run([docs])
    assert_adds_up(report)
    assert outcomes(report) == {"docs/a.txt": "indexed", "docs/b.txt": "duplicate"}
    assert report.files[1].duplicate_of == report.files[0].document_id
    assert outcomes(make_ingest().run([docs])) == {"docs/a.txt": "unchanged", "docs/b.txt": "unchanged"}
    (docs / "a.txt").unlink()
    assert make_ingest().run([docs]).removed == 1
    assert found(library, "soup") == ["docs/b.txt"]
    assert library.verify() == []


def test_the_same_text_in_other_bytes_is_a_duplicate(docs: Path, make_ingest: Make, library: Library) -> None:
    (docs / "a.txt").write_text("汤在星期五供应，面条在星期一供应。", encoding="utf-8")
    (docs / "b.txt").write_text("汤在星期五供应，面条在星期一供应。", encoding="utf-16")
    report = make_ingest().run([docs])
    assert outcomes(report) == {"docs/a.txt": "indexed", "docs/b.txt": "duplicate"}
    assert library.stats().documents == 1


def test_a_file_saved_in_another_encoding_is_no_duplicate_of_itself(
    docs: Path, make_ingest: Make, library: Library
) -> None:
    path = docs / "a.txt"
    path.write_text("汤在星期五供应，面条在星期一供应。", encoding="utf-8")
    make_ingest().run([docs])
    path.write_text("汤在星期五供应，面条在星期一供应。", encoding="utf-16")
    report = make_ingest().run([docs])
    assert outcomes(report) == {"docs/a.txt": "indexed"}
    assert library.stats().documents == 1
    assert library.original(report.files[0].document_id or "").read_bytes() == path.read_bytes()
    assert library.verify() == []


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


def test_a_file_that_can_no_longer_be_read_keeps_its_old_text(
    docs: Path, make_ingest: Make, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    (docs / "a.txt").write_text("Soup is served on Fridays.")
    make_ingest().run([docs])
    (docs / "a.txt").write_text("")
    report = make_ingest().run([docs])
    assert outcomes(report) == {"docs/a.txt": "failed"}
    assert "stays in the library" in (report.files[0].detail or "")
    assert found(library, "soup") == ["docs/a.txt"]


@pytest.mark.parametrize(
    ("error", "outcome", "name"),
    [
        (Malformed("broken", hint="mend it"), "failed", "Malformed"),
        (RecursionError("too deep"), "failed", "Internal"),
        (PermissionError(13, "Permission denied"), "failed", "Unreadable"),
    ],
)
def test_a_reader_that_fails_fails_its_own_file_only(
    docs: Path, make_ingest: Make, monkeypatch: pytest.MonkeyPatch, error: Exception, outcome: str, name: str
) -> None:
    read = ingest.read.read

    def failing(data: bytes, source: str, *, limits: Limits) -> Any:
        if source == "docs/bad.txt":
            raise error
        return read(data, source, limits=limits)

    monkeypatch.setattr(ingest.examine, "read", failing)
    (docs / "bad.txt").write_text("bad")
    (docs / "good.txt").write_text("Soup is served on Fridays.")
    report = make_ingest().run([docs])
    assert_adds_up(report)
    assert outcomes(report) == {"docs/bad.txt": outcome, "docs/good.txt": "indexed"}
    assert report.files[0].error == name


def test_a_file_over_the_limit_is_skipped_and_says_so(docs: Path, make_ingest: Make) -> None:
    (docs / "big.txt").write_bytes(b"x" * 100_001)
    report = make_ingest().run([docs])
    assert outcomes(report) == {"docs/big.txt": "skipped"}
    assert report.files[0].error == "TooLarge"
    assert "ingest.max_file_mb" in (report.files[0].detail or "")


def test_what_was_read_is_what_is_hashed(docs: Path, make_ingest: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    path = docs / "a.txt"
    path.write_text("Soup is served on Fridays.")
    read = ingest.read.read

    def meanwhile(data: bytes, source: str, *, limits: Limits) -> Any:
        path.write_text("Noodles are served on Mondays, and on Tuesdays too.")
        return read(data, source, limits=limits)

    monkeypatch.setattr(ingest.examine, "read", meanwhile)
    make_ingest().run([docs])
    monkeypatch.undo()
    assert outcomes(make_ingest().run([docs])) == {"docs/a.txt": "indexed"}
    assert outcomes(make_ingest().run([docs])) == {"docs/a.txt": "unchanged"}


def test_awkward_names_survive_to_the_report(docs: Path, make_ingest: Make, library: Library) -> None:
    for number, name in enumerate((b"new\nline.txt", b"byte\xff.txt", b"byte\xfe.txt", "中文 名.txt".encode())):
        Path(os.fsdecode(os.fsencode(docs) + b"/" + name)).write_text(f"Text number {number} of them.")
    report = make_ingest().run([docs])
    assert_adds_up(report)
    assert report.indexed == 4
    assert make_ingest().run([docs]).unchanged == 4
    assert library.verify() == []


class Picky(HashEmbedder):
    """Cannot embed a text with the word "poison"."""

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        if any("poison" in text for text in texts):
            raise ModelError("NaN", hint="leave it out")
        return super().embed_passages(texts)


def test_a_text_that_the_model_cannot_take_fails_alone(docs: Path, make_ingest: Make, library: Library) -> None:
    for name, text in (("a", "good text"), ("b", "poison text"), ("c", "also good text")):
        (docs / f"{name}.txt").write_text(text)
    report = make_ingest(Picky()).run([docs])
    assert_adds_up(report)
    assert outcomes(report) == {"docs/a.txt": "indexed", "docs/b.txt": "failed", "docs/c.txt": "indexed"}
    assert report.files[1].error == "ModelError"


def test_a_duplicate_of_what_failed_is_tried_itself(docs: Path, make_ingest: Make) -> None:
    for name in ("a", "b"):
        (docs / f"{name}.txt").write_text("poison text")
    report = make_ingest(Picky()).run([docs])
    assert_adds_up(report)
    assert outcomes(report) == {"docs/a.txt": "failed", "docs/b.txt": "failed"}


def test_a_library_that_cannot_be_written_stops_the_run(
    docs: Path, make_ingest: Make, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    (docs / "a.txt").write_text("good text")

    def full(self: Library, *_: Any) -> Any:
        raise LibraryError("disk full")

    monkeypatch.setattr(Library, "put", full)
    with pytest.raises(LibraryError, match="disk full"):
        make_ingest().run([docs])


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


def test_a_row_is_told_only_after_its_document_is_committed(docs: Path, make_ingest: Make, data: Path) -> None:
    for number in range(4):
        (docs / f"{number}.txt").write_text(f"Text number {number} of them.")
    with Library.open(data / "default", manifest_of(HashEmbedder())) as witness:

        def look(progress: Progress) -> None:
            if progress.row is not None:
                assert witness.document_row(progress.row.document_id or "").chunks == progress.row.chunks

        assert make_ingest(progress=look).run([docs]).indexed == 4


def test_a_plan_writes_nothing_and_says_what_the_run_then_does(docs: Path, make_ingest: Make, library: Library) -> None:
    for name, text in (("a", "first text"), ("gone", "second text"), ("same", "third text")):
        (docs / f"{name}.txt").write_text(text)
    make_ingest().run([docs])
    before = library.stats()
    (docs / "a.txt").write_text("fourth text")
    (docs / "twin-1.txt").write_text("fifth text")
    (docs / "twin-2.txt").write_text("fifth text")
    (docs / "gone.txt").unlink()
    (docs / "bad.exe").write_bytes(bytes(range(256)))
    planned = make_ingest().plan([docs])
    assert library.stats() == before
    done = make_ingest().run([docs])
    assert planned.files == done.files
    assert planned.model_copy(update={"seconds": 0}) == done.model_copy(update={"seconds": 0})
    assert outcomes(done)["docs/twin-2.txt"] == "duplicate"


def test_a_plan_needs_no_library(docs: Path, data: Path) -> None:
    (docs / "a.txt").write_text("first text")
    report = Ingest(None, HashEmbedder(), data=data, limits=Limits(), max_tokens=64).plan([docs])
    assert outcomes(report) == {"docs/a.txt": "indexed"}
    assert not data.exists()


def test_uploads_are_known_by_their_names_and_bytes(make_ingest: Make, library: Library) -> None:
    def upload(name: str, text: str) -> Upload:
        return Upload(name, library.folder / "originals" / library.keep_original(text.encode()))

    first = upload("menu.txt", "Soup is served on Fridays.")
    assert outcomes(make_ingest().run_uploads([first])) == {"menu.txt": "indexed"}
    assert outcomes(make_ingest().run_uploads([first])) == {"menu.txt": "unchanged"}
    assert outcomes(make_ingest().run_uploads([upload("copy.txt", "Soup is served on Fridays.")])) == {
        "copy.txt": "duplicate"
    }
    report = make_ingest().run_uploads([upload("menu.txt", "Noodles on Mondays.")])
    assert outcomes(report) == {"menu.txt": "indexed"}
    lost = make_ingest().run_uploads([Upload("lost.txt", library.folder / "originals" / ("0" * 64))])
    assert outcomes(lost) == {"lost.txt": "failed"}
    assert library.verify() == []


def test_many_small_documents_are_embedded_together(docs: Path, make_ingest: Make) -> None:
    sizes: list[int] = []

    class Counting(HashEmbedder):
        def embed_passages(self, texts: Sequence[str]) -> Matrix:
            sizes.append(len(texts))
            return super().embed_passages(texts)

    for number in range(30):
        (docs / f"{number}.txt").write_text(f"Text number {number} of them.")
    make_ingest(Counting(), batch_passages=20).run([docs])
    assert sizes == [20, 10]


def test_a_long_document_is_embedded_in_slices_and_stored_whole(
    docs: Path, make_ingest: Make, library: Library
) -> None:
    lines = [f"Line {number} speaks of number{number} and of nothing else at all." for number in range(400)]
    (docs / "long.txt").write_text("\n\n".join(lines))
    report = make_ingest(batch_passages=7).run([docs])
    chunks = library.chunks_of(report.files[0].document_id or "")
    assert len(chunks) == report.chunks > 21
    text = library.document(report.files[0].document_id or "").text
    vectors = library.vectors([chunk.key for chunk in chunks])
    alone = HashEmbedder().embed_passages([text[chunks[20].start : chunks[20].end]])[0]
    assert int(np.argmax(vectors @ alone)) == 20


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
        assert_adds_up(run.run([self.docs]))
        self.in_step = True

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
