from __future__ import annotations

from pathlib import Path

import pytest

from rag.library.durable import drop_leftovers, read_json, write_durably, write_json_durably


def test_a_write_that_breaks_off_leaves_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.json"
    write_json_durably(path, {"a": 1})

    def break_off(temporary: Path) -> None:
        temporary.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_durably(path, break_off)
    assert read_json(path) == {"a": 1}
    assert [each.name for each in path.parent.iterdir()] == ["file.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe"])
def test_what_is_no_json_object_reads_as_absent(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    assert read_json(tmp_path / "x") is None
    assert read_json(tmp_path / "y") is None


def test_leftovers_of_a_killed_writer_are_dropped(tmp_path: Path) -> None:
    (tmp_path / ".tmp-abc").touch()
    (tmp_path / "kept").touch()
    drop_leftovers(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
