"""What becomes of a file whose text nearly repeats another's."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

from ingest.pipeline import Ingest
from rag.library.library import Library
from rag.ports import Matrix
from tests.fakes import HashEmbedder
from tests.ingest.conftest import assert_adds_up, found, outcomes, row_of

Make = Callable[..., Ingest]


class Counting(HashEmbedder):
    """Counts what it is asked."""

    asked = 0

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        self.asked += len(texts)
        return super().embed_passages(texts)


PRICES = " ".join(random.Random(1).choices([f"item{number}" for number in range(900)], k=150))


def test_a_near_duplicate_is_named_and_is_stored_and_found_all_the_same(
    docs: Path, make_ingest: Make, library: Library
) -> None:
    (docs / "2023.txt").write_text(f"{PRICES}\nThe bicycle costs 240 euros.")
    (docs / "2024.txt").write_text(f"{PRICES}\nThe bicycle costs 265 euros.")
    (docs / "other.txt").write_text("The canteen is closed on Mondays. " * 20)
    report = make_ingest().run([docs])
    assert_adds_up(report)
    assert outcomes(report) == {"docs/2023.txt": "indexed", "docs/2024.txt": "duplicate", "docs/other.txt": "indexed"}
    first, second = row_of(report, "docs/2023.txt"), row_of(report, "docs/2024.txt")
    assert second.duplicate_of == first.document_id != second.document_id
    assert second.similarity is not None
    assert 0.97 < second.similarity < 1
    assert second.detail is not None
    assert "docs/2023.txt" in second.detail
    assert report.chunks == len(library)
    assert found(library, "265") == ["docs/2024.txt"]
    assert second.document_id is not None
    assert library.document(second.document_id).metadata["near_duplicate_of"]["document_id"] == first.document_id
    assert library.verify() == []


def test_what_a_run_found_near_is_unchanged_in_the_next(docs: Path, make_ingest: Make) -> None:
    for year in (2023, 2024):
        (docs / f"{year}.txt").write_text(f"{PRICES}\nPrices of {year}.")
    make_ingest().run([docs])
    (docs / "2025.txt").write_text(f"{PRICES}\nPrices of 2025.")
    assert outcomes(make_ingest().run([docs])) == {
        "docs/2023.txt": "unchanged",
        "docs/2024.txt": "unchanged",
        "docs/2025.txt": "duplicate",
    }


def test_the_next_version_of_a_file_is_no_duplicate_of_the_one_it_replaces(docs: Path, make_ingest: Make) -> None:
    (docs / "prices.txt").write_text(f"{PRICES}\nPrices of 2023.")
    make_ingest().run([docs])
    (docs / "prices.txt").write_text(f"{PRICES}\nPrices of 2024, which are higher.")
    assert outcomes(make_ingest().run([docs])) == {"docs/prices.txt": "indexed"}


def test_a_dry_run_says_what_is_near(docs: Path, make_ingest: Make, library: Library) -> None:
    for year in (2023, 2024):
        (docs / f"{year}.txt").write_text(f"{PRICES}\nPrices of {year}.")
    assert outcomes(make_ingest().plan([docs])) == {"docs/2023.txt": "indexed", "docs/2024.txt": "duplicate"}
    assert len(library) == 0


def test_equal_passages_are_embedded_once(docs: Path, make_ingest: Make, library: Library) -> None:
    embedder = Counting()
    (docs / "a.txt").write_text("\n\n".join([" ".join(["licence"] * 40)] * 5))
    report = make_ingest(embedder).run([docs])
    assert 0 < embedder.asked < report.chunks
    assert library.verify() == []
