"""What an ingest says of documents that nearly repeat another, and what it keeps of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.pipeline import Ingest
from rag.library.library import Library
from tests.ingest.conftest import assert_adds_up, found, row_of

Make = Callable[..., Ingest]
RULES = {
    "en": " ".join(
        f"Rule {number} says that visitors of room {number} sign the book at door {number}." for number in range(40)
    ),
    "zh": "".join(
        f"第{number}条规定，进入{number}号房间的访客须在{number}号门登记姓名、时间与来访事由。" for number in range(40)
    ),
}


@pytest.mark.parametrize("language", RULES)
def test_a_reworded_copy_is_named_and_what_differs_in_it_is_found(
    docs: Path, make_ingest: Make, library: Library, language: str
) -> None:
    text = RULES[language]
    (docs / "2023.txt").write_text(text)
    (docs / "2024.txt").write_text(text.replace("7", "zeppelin", 1))
    planned = make_ingest().plan([docs])
    report = make_ingest().run([docs])
    assert_adds_up(report)
    assert planned.files == report.files
    assert (report.indexed, report.duplicate) == (1, 1)
    row = row_of(report, "docs/2024.txt")
    assert row.duplicate_of == row_of(report, "docs/2023.txt").document_id != row.document_id
    assert 0.95 < (row.similarity or 0) < 1
    assert found(library, "zeppelin") == ["docs/2024.txt"]
    assert make_ingest().run([docs]).unchanged == 2


def test_the_next_version_of_a_file_is_no_duplicate_of_the_last(
    docs: Path, make_ingest: Make, library: Library
) -> None:
    (docs / "rules.txt").write_text(RULES["en"])
    make_ingest().run([docs])
    (docs / "rules.txt").write_text(RULES["en"].replace("7", "zeppelin", 1))
    report = make_ingest().run([docs])
    assert (report.indexed, report.duplicate) == (1, 0)


def test_what_was_nearly_the_same_stays_when_the_other_goes(docs: Path, make_ingest: Make, library: Library) -> None:
    (docs / "2023.txt").write_text(RULES["en"])
    (docs / "2024.txt").write_text(RULES["en"].replace("7", "zeppelin", 1))
    make_ingest().run([docs])
    (docs / "2023.txt").unlink()
    make_ingest().run([docs])
    assert found(library, "visitors")[0] == "docs/2024.txt"
    assert library.verify() == []
