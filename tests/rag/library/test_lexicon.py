"""A library's lexicon decides how its lexical index is made, and is read again when it changes."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from rag.errors import Misconfigured
from rag.lexicon import NAME
from tests.rag.library.shelf import found, open_shelf, place

TEXT = "云上贵州平台可以办事"


def made(folder: Path) -> str:
    return str(json.loads((folder / "lexical" / "head.json").read_text())["name"])


def test_new_words_make_the_index_anew_and_new_synonyms_do_not(folder: Path) -> None:
    with open_shelf(folder) as library:
        document = place(library, TEXT, "a.txt")
        library.catch_up()
        first = made(folder)
        assert library.lexical_frequency("云上贵州/") == 0

        (folder / NAME).write_text("云上贵州\n", encoding="utf-8")
        assert found(library, "办事") == {document.id}
        second = made(folder)
        assert second != first
        assert library.lexical_frequency("云上贵州/") == 1

        (folder / NAME).write_text("云上贵州\n办事 = clerk\n", encoding="utf-8")
        assert found(library, "clerk") == {document.id}
        assert made(folder) == second
        assert library.verify() == []
    with open_shelf(folder) as library:
        assert found(library, "clerk") == {document.id}
        assert made(folder) == second
        (folder / NAME).unlink()
        assert found(library, "clerk") == set()
        assert made(folder) != second


def test_a_reader_of_old_words_finds_what_it_can_while_another_writes(folder: Path) -> None:
    with open_shelf(folder) as writer, open_shelf(folder) as reader:
        document = place(writer, TEXT, "a.txt")
        writer.catch_up()
        with writer.lease():
            (folder / NAME).write_text("云上贵州\n", encoding="utf-8")
            before = made(folder)
            assert found(reader, "云上贵州") == {document.id}
            assert made(folder) == before
        assert found(reader, "云上贵州") == {document.id}
        assert made(folder) != before


def test_a_faulty_lexicon_stops_the_opening_but_not_those_who_have_it_open(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with open_shelf(folder) as library:
        document = place(library, TEXT, "a.txt")
        library.catch_up()
        (folder / NAME).write_text("办事 = clerk\n", encoding="utf-8")
        assert found(library, "clerk") == {document.id}
        with caplog.at_level(logging.WARNING):
            (folder / NAME).write_text("办事 = clerk\n=\n", encoding="utf-8")
            assert found(library, "clerk") == {document.id}
        assert f"{NAME}:2" in caplog.text
    with pytest.raises(Misconfigured, match=f"{NAME}:2"):
        open_shelf(folder)
