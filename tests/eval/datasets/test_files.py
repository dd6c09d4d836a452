"""eval.files: what a row may call a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.datasets.files import files_in, files_of
from rag.errors import NotFound


def folder(path: Path, *names: str) -> Path:
    for name in names:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(name, encoding="utf-8")
    return path


def test_a_file_is_found_by_its_path_its_name_or_another_folder_s_label(tmp_path: Path) -> None:
    files = files_in(folder(tmp_path, "a.txt", "deep/b.txt"))
    assert [files.find(name) for name in ("a.txt", "seeds/a.txt", "./a.txt")] == ["a.txt"] * 3
    assert [files.find(name) for name in ("b.txt", "deep/b.txt", "x/deep/b.txt")] == ["deep/b.txt"] * 3


def test_a_name_that_several_files_have_is_no_name(tmp_path: Path) -> None:
    files = files_in(folder(tmp_path, "one/a.txt", "two/a.txt"))
    assert files.find("a.txt") is None
    assert files.find("two/a.txt") == "two/a.txt"
    assert "a.txt" in files.lacking(["a.txt"])


def test_an_accent_may_be_written_in_two_ways(tmp_path: Path) -> None:
    files = files_in(folder(tmp_path, "cafe\u0301.txt"))
    assert files.find("caf\u00e9.txt") == "cafe\u0301.txt"


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    assert files_in(tmp_path).find("") is None
    with pytest.raises(NotFound, match="is not a folder"):
        files_in(tmp_path / "gone")
    with pytest.raises(NotFound, match="holds no library"):
        files_of(tmp_path)
