"""A system reads files and ranks them in a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.bench.peers.measure import file_name, measure, write_files
from eval.bench.peers.systems import SYSTEMS, System
from eval.questions import Dataset, Paragraph, Question, Support

TEXTS = {"otters": "Otters live by the river and eat fish.", "bats": "蝙蝠住在山洞里，夜里出来。"}


@pytest.fixture
def dataset() -> Dataset:
    paragraphs = tuple(Paragraph(name, text, "en") for name, text in TEXTS.items())
    asked = {"otters": "Where do otters live?", "bats": "蝙蝠住在哪里？"}
    questions = tuple(Question(name, text, "en", "factoid", ("?",), (Support(name),)) for name, text in asked.items())
    return Dataset("squad:made", questions, paragraphs)


def test_each_paragraph_is_a_file_of_its_own(dataset: Dataset, tmp_path: Path) -> None:
    assert write_files(dataset, tmp_path / "files") == sum(map(len, TEXTS.values()))
    assert (tmp_path / "files" / file_name(1)).read_text(encoding="utf-8") == TEXTS["bats"]


@pytest.mark.slow
@pytest.mark.parametrize("system", [one for one in SYSTEMS if one.environment is None], ids=lambda one: one.name)
def test_footnote_finds_the_file_of_each_question(system: System, dataset: Dataset, tmp_path: Path) -> None:
    write_files(dataset, tmp_path / "files")
    report = measure(system, dataset, tmp_path / "files", tmp_path, tmp_path)
    assert "error" not in report, report
    assert [ranking[0] for ranking in report["rankings"]] == [file_name(0), file_name(1)]
    assert report["ingest"]["chunks"] == 2
    assert report["peak_bytes"] > 100 * 2**20
