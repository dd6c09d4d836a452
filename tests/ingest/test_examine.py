from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ingest.examine import Oversized, load
from ingest.read import Limits
from ingest.walk import Found
from rag.errors import Changing


def found(path: Path) -> Found:
    status = path.stat()
    return Found(path, path.as_uri(), path.name, status.st_size, status.st_mtime_ns)


def test_a_file_that_is_being_written_to_is_left_for_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.txt"
    path.write_text("begun")
    fstat, looks = os.fstat, iter(range(1000))

    def changing(descriptor: int) -> Any:
        status = fstat(descriptor)
        return SimpleNamespace(st_mode=status.st_mode, st_size=status.st_size, st_mtime_ns=next(looks))

    monkeypatch.setattr(os, "fstat", changing)
    with pytest.raises(Changing, match="log.txt: it is being written to") as caught:
        load(found(path), Limits())
    assert caught.value.hint == "ingest again when it is finished"


def test_a_file_that_comes_to_rest_is_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log.txt"
    path.write_text("begun")
    fstat, looks = os.fstat, iter(range(2))

    def settling(descriptor: int) -> os.stat_result:
        if next(looks, None) == 0:
            path.write_text("begun and finished")
            os.utime(path, ns=(1, 1))
            status = fstat(descriptor)
            os.utime(path, ns=(2, 2))
            return status
        return fstat(descriptor)

    monkeypatch.setattr(os, "fstat", settling)
    data, facts = load(found(path), Limits())
    assert (data, facts.size, facts.mtime_ns) == (b"begun and finished", len(data), 2)


def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.bin"
    with path.open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(Oversized, match="over the limit of 200 MiB"):
        load(found(path), Limits())
