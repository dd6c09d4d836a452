from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ingest.examine
import ingest.prepare
import ingest.read
from ingest.pipeline import Ingest, Progress, Upload
from ingest.read import Limits
from rag.errors import LibraryError, Malformed, ModelError
from rag.library.library import Library
from rag.ports import Matrix
from tests.fakes import HashEmbedder
from tests.ingest.conftest import assert_adds_up, found, manifest_of, outcomes, row_of

Make = Callable[..., Ingest]


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
        "docs/empty.txt": "skipped",
        "docs/program.exe": "skipped",
        "docs/.hidden": "skipped",
    }
    assert row_of(report, "docs/empty.txt").error == "Empty"
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
    monkeypatch.setattr(ingest.examine, "load", lambda *_: pytest.fail("the file was read again"))
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


def test_a_file_that_can_no_longer_be_read_keeps_its_old_text(
    docs: Path, make_ingest: Make, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    (docs / "a.txt").write_text("Soup is served on Fridays.")
    make_ingest().run([docs])
    (docs / "a.txt").write_text("")
    report = make_ingest().run([docs])
    assert outcomes(report) == {"docs/a.txt": "skipped"}
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

    monkeypatch.setattr(ingest.prepare, "read", failing)
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

    monkeypatch.setattr(ingest.prepare, "read", meanwhile)
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


@pytest.mark.parametrize("error", [ModelError("no weights"), RuntimeError("CUDA out of memory"), MemoryError()])
def test_an_embedder_that_always_fails_leaves_a_row_for_each_file(
    docs: Path, make_ingest: Make, library: Library, error: Exception
) -> None:
    class Broken(HashEmbedder):
        def embed_passages(self, texts: Sequence[str]) -> Matrix:
            raise error

    for number in range(3):
        (docs / f"{number}.txt").write_text(f"Text number {number} of them.")
    report = make_ingest(Broken()).run([docs])
    assert_adds_up(report)
    assert [(row.outcome, row.error) for row in report.files] == [("failed", "ModelError")] * 3
    assert library.stats().documents == 0


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

    def full(self: Library, *_: Any, **__: Any) -> Any:
        raise LibraryError("disk full")

    monkeypatch.setattr(Library, "put", full)
    with pytest.raises(LibraryError, match="disk full"):
        make_ingest().run([docs])


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
