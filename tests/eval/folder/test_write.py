"""Files are whole or absent, and a full disk is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.folder.write import append_line, write_json, write_text


def test_half_a_character_is_written_as_its_escape(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"text": "年假\udc80"})
    assert json.loads((tmp_path / "a.json").read_text("utf-8")) == {"text": "年假\udc80"}


def test_a_file_that_cannot_be_made_leaves_the_old_one(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "old")
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "a.txt", {"figure": float("nan")})
    (tmp_path / ".a.txt").mkdir()
    with pytest.raises(OSError, match=r"\.a\.txt"):
        write_text(tmp_path / "a.txt", "new")
    assert (tmp_path / "a.txt").read_text() == "old"


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    full = Path("/dev/full")  # opens, and takes nothing
    if not full.exists():
        pytest.skip("no /dev/full here")
    with full.open("wb", buffering=0) as file, pytest.raises(OSError, match=r"No space left on device: .*answers"):
        append_line(file, tmp_path / "answers.jsonl", {"answer": "long"})
    (tmp_path / ".b.txt").symlink_to(full)
    with pytest.raises(OSError, match=r"No space left on device: .*b\.txt"):
        write_text(tmp_path / "b.txt", "new")
