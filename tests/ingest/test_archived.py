"""Files in archives, and files that are not read again: each with a row of its own, every time."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import ingest.examine
from ingest.ahead import ReadAhead
from ingest.pipeline import Ingest
from ingest.read import Limits
from ingest.walk import Found
from rag.library.library import Library
from rag.library.records import FileFacts
from tests.ingest.conftest import assert_adds_up, found, outcomes, row_of

Make = Callable[..., Ingest]
SOUP, NOODLES = "Soup is served on Fridays.", "Noodles are served on Mondays."


def zipped(path: Path, files: dict[str, str | bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def test_each_file_of_an_archive_has_a_row_and_can_be_found(docs: Path, make_ingest: Make, library: Library) -> None:
    zipped(docs / "a.zip", {"菜单/soup.txt": SOUP, "noodles.txt": NOODLES, ".DS_Store": b"\0", "empty.txt": ""})
    with tarfile.open(docs / "b.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("copy.txt")
        member.size = len(SOUP)
        archive.addfile(member, io.BytesIO(SOUP.encode()))
    report = make_ingest().run([docs])
    assert_adds_up(report)
    assert outcomes(report) == {
        "docs/a.zip/菜单/soup.txt": "indexed",
        "docs/a.zip/noodles.txt": "indexed",
        "docs/a.zip/.DS_Store": "skipped",
        "docs/a.zip/empty.txt": "skipped",
        "docs/b.tar.gz/copy.txt": "duplicate",
    }
    assert found(library, "noodles") == ["docs/a.zip/noodles.txt"]
    assert library.verify() == []


def test_an_archive_that_stays_as_it_is_is_not_opened_again(
    docs: Path, make_ingest: Make, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    zipped(docs / "a.zip", {"soup.txt": SOUP, "bad.pdf": b"%PDF-1.7 and no more"})
    first = make_ingest().run([docs])
    monkeypatch.setattr(ingest.examine, "load", lambda *_: pytest.fail("the archive was read again"))
    again = make_ingest().run([docs])
    assert_adds_up(again)
    assert outcomes(again) == {"docs/a.zip/soup.txt": "unchanged", "docs/a.zip/bad.pdf": "failed"}
    assert row_of(again, "docs/a.zip/bad.pdf") == row_of(first, "docs/a.zip/bad.pdf")
    assert (again.removed, found(library, "soup")) == (0, ["docs/a.zip/soup.txt"])


def test_what_leaves_an_archive_leaves_the_library(docs: Path, make_ingest: Make, library: Library) -> None:
    zipped(docs / "a.zip", {"soup.txt": SOUP, "noodles.txt": NOODLES})
    make_ingest().run([docs])
    zipped(docs / "a.zip", {"soup.txt": SOUP, "more.txt": "Rice is served on Tuesdays."})
    report = make_ingest().run([docs])
    assert outcomes(report) == {"docs/a.zip/soup.txt": "unchanged", "docs/a.zip/more.txt": "indexed"}
    assert (report.removed, found(library, "noodles")) == (1, [])
    (docs / "a.zip").unlink()
    (docs / "other.txt").write_text("Closed on Sundays.")
    report = make_ingest().run([docs])
    assert (report.removed, found(library, "soup")) == (2, [])


def test_an_archive_that_breaks_keeps_what_it_held(docs: Path, make_ingest: Make, library: Library) -> None:
    zipped(docs / "a.zip", {"soup.txt": SOUP})
    make_ingest().run([docs])
    (docs / "a.zip").write_bytes((docs / "a.zip").read_bytes()[:40])
    report = make_ingest().run([docs])
    assert_adds_up(report)
    assert "failed" in outcomes(report).values()
    assert (report.removed, found(library, "soup")) == (0, ["docs/a.zip/soup.txt"])


def test_a_removed_document_of_an_archive_comes_back_with_the_next_run(
    docs: Path, make_ingest: Make, library: Library
) -> None:
    zipped(docs / "a.zip", {"soup.txt": SOUP, "noodles.txt": NOODLES})
    first = make_ingest().run([docs])
    library.remove(row_of(first, "docs/a.zip/soup.txt").document_id or "")
    report = make_ingest().run([docs])
    assert outcomes(report) == {"docs/a.zip/soup.txt": "indexed", "docs/a.zip/noodles.txt": "unchanged"}


def test_an_archive_without_files_has_a_row(docs: Path, make_ingest: Make) -> None:
    zipped(docs / "a.zip", {})
    report = make_ingest().run([docs])
    assert_adds_up(report)
    [row] = report.files
    assert (row.path, row.outcome, row.error) == ("docs/a.zip", "failed", "NoText")


def test_archives_are_opened_apart(docs: Path, make_ingest: Make, library: Library) -> None:
    zipped(docs / "a.zip", {f"{number}.txt": f"Dish number {number} is soup." for number in range(40)})
    report = make_ingest(reading=ReadAhead(2)).run([docs])
    assert_adds_up(report)
    assert report.indexed == 40


def test_a_file_that_cannot_be_read_is_tried_again_when_something_has_changed(
    docs: Path, make_ingest: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    (docs / "bad.pdf").write_bytes(b"%PDF-1.7 and no more")
    make_ingest().run([docs])
    read: list[str] = []
    load = ingest.examine.load

    def loading(entry: Found, limits: Limits) -> tuple[bytes, FileFacts]:
        read.append(entry.source)
        return load(entry, limits)

    monkeypatch.setattr(ingest.examine, "load", loading)
    assert outcomes(make_ingest().run([docs])) == {"docs/bad.pdf": "failed"}
    assert read == []
    make_ingest(limits=Limits(passwords=("open",))).run([docs])
    assert read == ["docs/bad.pdf"]
    (docs / "bad.pdf").write_bytes(b"%PDF-1.7 and hardly more")
    make_ingest().run([docs])
    assert read == ["docs/bad.pdf", "docs/bad.pdf"]
