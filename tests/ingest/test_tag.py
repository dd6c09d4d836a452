"""Tags given on the way in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ingest.opening import build_ingest
from ingest.pipeline import Ingest
from ingest.tag import tag_all
from rag.config import Settings
from rag.errors import InvalidRequest, NotFound
from rag.filters import Filters
from rag.library.library import Library
from tests.fakes import HashEmbedder
from tests.ingest.conftest import row_of

Make = Callable[..., Ingest]


def tags_at(library: Library, source: str) -> set[str]:
    [row] = [row for row in library.documents(limit=100) if source in (row.source, *row.also_at)]
    return set(row.tags)


def test_all_that_is_found_is_tagged_new_or_not(docs: Path, make_ingest: Make, library: Library) -> None:
    (docs / "menu.txt").write_text("Soup is served on Fridays.")
    make_ingest().run([docs])
    (docs / "copy.txt").write_text("Soup is served on Fridays.")
    (docs / "hours.txt").write_text("The canteen opens at noon.")
    make_ingest(tags=("canteen", "2024")).run([docs])
    for source in ("docs/menu.txt", "docs/copy.txt", "docs/hours.txt"):
        assert tags_at(library, source) == {"canteen", "2024"}


def test_tags_stay_when_a_file_changes_or_moves(docs: Path, make_ingest: Make, library: Library) -> None:
    (docs / "menu.txt").write_text("Soup is served on Fridays.")
    make_ingest(tags=("canteen",)).run([docs])
    (docs / "menu.txt").write_text("Soup is served on Mondays now.")
    make_ingest().run([docs])
    assert tags_at(library, "docs/menu.txt") == {"canteen"}
    (docs / "menu.txt").rename(docs / "moved.txt")
    report = make_ingest().run([docs])
    assert tags_at(library, "docs/moved.txt") == {"canteen"}
    among = library.matching(Filters(tags=("canteen",), sources=("docs/moved.txt",)))
    document_id = row_of(report, "docs/moved.txt").document_id
    assert among is not None
    assert among.tolist() == [chunk.key for chunk in library.chunks_of(str(document_id))]


def test_a_dry_run_tags_nothing(docs: Path, make_ingest: Make, library: Library) -> None:
    (docs / "menu.txt").write_text("Soup is served on Fridays.")
    make_ingest().run([docs])
    make_ingest(tags=("canteen",)).plan([docs])
    assert tags_at(library, "docs/menu.txt") == set()


def test_what_somebody_removed_meanwhile_is_passed_over() -> None:
    tagged: list[str] = []

    class Tags:
        def change(self, document_ids: Sequence[str], *, add: Sequence[str]) -> None:
            if "gone" in document_ids:
                raise NotFound("gone")
            tagged.extend(document_ids)

    tag_all(Tags(), ["a", "gone", "b"], ["canteen"])  # type: ignore[arg-type]
    assert tagged == ["a", "b"]


def test_what_cannot_be_a_tag_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="cannot be a tag"):
        build_ingest(Settings(data=tmp_path), None, HashEmbedder(), tags=["fine", " "])
