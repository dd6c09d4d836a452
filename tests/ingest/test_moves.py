"""Files that change their place, and files that are no longer wanted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.patterns import Patterns
from ingest.pipeline import Ingest
from rag.library.library import Library
from tests.fakes import HashEmbedder
from tests.ingest.conftest import assert_adds_up, found, outcomes, row_of

Make = Callable[..., Ingest]


class NeverAgain(HashEmbedder):
    def embed_passages(self, texts: object) -> object:  # type: ignore[override]
        raise AssertionError("what has only moved is not embedded again")


def test_a_moved_file_is_known_by_its_bytes_and_not_embedded_again(
    docs: Path, make_ingest: Make, library: Library
) -> None:
    (docs / "old").mkdir()
    (docs / "old" / "menu.txt").write_text("Soup is served on Fridays.")
    first = make_ingest().run([docs])
    (docs / "old").rename(docs / "new")
    planned = make_ingest(NeverAgain()).plan([docs])
    moved = make_ingest(NeverAgain()).run([docs])
    assert_adds_up(moved)
    assert planned.files == moved.files
    [row] = moved.files
    assert (row.path, row.outcome, row.detail) == ("docs/new/menu.txt", "unchanged", "moved from docs/old/menu.txt")
    assert row.document_id == first.files[0].document_id
    assert moved.removed == planned.removed == 0
    assert found(library, "soup") == ["docs/new/menu.txt"]
    assert library.verify() == []
    assert make_ingest(NeverAgain()).run([docs]).files[0].detail is None  # the third time it is simply there


def test_a_copy_is_a_duplicate_even_when_another_copy_goes(docs: Path, make_ingest: Make, library: Library) -> None:
    for name in ("a.txt", "b.txt"):
        (docs / name).write_text("Soup is served on Fridays.")
    make_ingest().run([docs])
    (docs / "a.txt").rename(docs / "c.txt")
    report = make_ingest().run([docs])
    assert outcomes(report) == {"docs/b.txt": "unchanged", "docs/c.txt": "duplicate"}
    assert found(library, "soup") == ["docs/b.txt"]


def test_a_file_that_is_not_wanted_any_more_is_forgotten(docs: Path, make_ingest: Make, library: Library) -> None:
    (docs / "menu.txt").write_text("Soup is served on Fridays.")
    (docs / "draft.txt").write_text("Noodles may be served on Mondays.")
    make_ingest().run([docs])
    report = make_ingest(patterns=Patterns.of(ignore=["draft*"])).run([docs])
    assert_adds_up(report)
    assert outcomes(report) == {"docs/menu.txt": "unchanged", "docs/draft.txt": "skipped"}
    assert row_of(report, "docs/draft.txt").error == "Ignored"
    assert (report.removed, found(library, "noodles")) == (1, [])


def test_a_newer_reader_replaces_what_an_older_one_has_read(
    docs: Path, make_ingest: Make, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    (docs / "menu.txt").write_text("Soup is served on Fridays.")
    first = make_ingest().run([docs])
    for module in ("ingest.read", "ingest.pipeline", "ingest.remembered"):
        monkeypatch.setattr(f"{module}.READER_VERSION", "next", raising=False)
    again = make_ingest().run([docs])
    assert (again.indexed, again.duplicate) == (1, 0)
    assert again.files[0].document_id != first.files[0].document_id
    assert found(library, "soup") == ["docs/menu.txt"]
