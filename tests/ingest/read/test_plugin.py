"""Readers of LlamaIndex's, named in the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest.read import Limits, read
from rag.errors import Malformed, Unsupported

HERE = "tests.ingest.read.readers"


def limits(path: str, key: str = ".note") -> Limits:
    return Limits(plugins=((key, path),))


@pytest.mark.parametrize("key", [".note", "note", ".NOTE", "text/plain"])
def test_a_named_reader_reads_the_files_of_its_suffix_or_type(key: str) -> None:
    document = read(b"body of the file", "folder/a.note", limits=limits(f"{HERE}.NoteReader", key))
    assert document.text == "a.note\n\nbody of the file\n\nlast page"
    assert [block.place for block in document.blocks] == ["page 1", "page 1", "page 2"]
    assert document.metadata["author"] == "Mei"
    assert document.metadata["read_as"] == f"{HERE}.NoteReader"
    assert document.source == "folder/a.note"


def test_other_files_are_read_as_ever() -> None:
    assert read(b"plain words", "a.txt", limits=limits(f"{HERE}.NoteReader")).mime == "text/plain"


def test_a_reader_may_name_its_file_otherwise() -> None:
    assert read(b"words", "a.note", limits=limits(f"{HERE}.OtherName")).text == "other words"


def test_a_reader_that_is_not_installed_says_what_to_install() -> None:
    with pytest.raises(Unsupported) as caught:
        read(b"x", "a.note", limits=limits("llama_index.readers.nowhere_at_all.Reader"))
    assert "pip install llama-index-readers-nowhere-at-all" in caught.value.hint
    with pytest.raises(Unsupported, match="there is no Missing"):
        read(b"x", "a.note", limits=limits(f"{HERE}.Missing"))
    with pytest.raises(Unsupported):
        read(b"x", "a.note", limits=limits("nonsense"))


@pytest.mark.parametrize("name", ["Broken", "NotOne"])
def test_a_reader_that_fails_is_named_in_the_row(name: str) -> None:
    with pytest.raises(Malformed, match=name):
        read(b"x", "a.note", limits=limits(f"{HERE}.{name}"))


def test_no_file_is_left_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    read(b"x", "a\n" + "名" * 300 + ".note", limits=limits(f"{HERE}.NoteReader"))
    with pytest.raises(Malformed):
        read(b"x", "a.note", limits=limits(f"{HERE}.Broken"))
    assert list(tmp_path.iterdir()) == []


def test_a_real_reader_of_llama_index_works() -> None:
    pytest.importorskip("llama_index.core")
    found: Any = read(b"words for it", "a.note", limits=limits(f"{HERE}_llama.RealReader"))
    assert found.text == "words for it"
    assert found.blocks[0].place == "page 3"
