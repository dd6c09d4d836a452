"""What is no run's folder is named, with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.folder.names import ANSWERS, CONFIG, QUESTIONS, SUMMARY
from eval.folder.read import read_answers, read_config, read_records, read_summary
from rag.errors import Malformed, NotFound


def test_a_folder_without_a_run_is_named(tmp_path: Path) -> None:
    for read, name in ((read_summary, SUMMARY), (read_config, CONFIG), (read_records, QUESTIONS)):
        with pytest.raises(NotFound, match=name):
            read(tmp_path)
    with pytest.raises(NotFound, match=ANSWERS):
        list(read_answers(tmp_path))


@pytest.mark.parametrize("content", ["{", "[]", "null", "\x00"])
def test_what_is_no_object_is_malformed(tmp_path: Path, content: str) -> None:
    for name in (SUMMARY, QUESTIONS):
        (tmp_path / name).write_text(content)
    with pytest.raises(Malformed, match=SUMMARY):
        read_summary(tmp_path)
    with pytest.raises(Malformed, match=rf"{QUESTIONS}:1"):
        read_records(tmp_path)


def test_records_of_another_version_are_named(tmp_path: Path) -> None:
    (tmp_path / QUESTIONS).write_text('{"id": "q1", "judged": {}}\n')
    with pytest.raises(Malformed, match="holds no records") as refused:
        read_records(tmp_path)
    assert "run it again" in refused.value.hint
