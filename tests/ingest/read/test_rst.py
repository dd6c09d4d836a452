"""reStructuredText, with all that Sphinx adds."""

from __future__ import annotations

import pytest

from ingest.read import Limits, read
from rag.types import BlockKind, Document


def rst(text: str) -> Document:
    return read(text.encode(), "a.rst", limits=Limits())


def texts(document: Document, kind: BlockKind) -> list[str]:
    return [document.text[b.start : b.end] for b in document.blocks if b.kind is kind]


def test_sections_are_headings_with_their_level() -> None:
    document = rst("Tea\n===\n\nWords.\n\nGreen\n-----\n\nMore.\n\nBlack\n-----\n\nMore.\n")
    found = [(document.text[b.start : b.end], b.level) for b in document.blocks if b.kind is BlockKind.HEADING]
    assert found == [("Tea", 1), ("Green", 2), ("Black", 2)]
    assert document.title == "Tea"


def test_lists_definitions_notes_and_footnotes_are_kept() -> None:
    document = rst(
        "- one\n- two\n\n  1. inner\n\nterm\n   what it is\n\n.. note:: Mind [1]_ it.\n\n.. [1] A footnote.\n\n"
        ":Author: Mei\n\n| a line\n\n>>> 1 + 1\n2\n"
    )
    assert texts(document, BlockKind.LIST_ITEM) == ["- one", "- two", "1. inner", "what it is"]
    assert texts(document, BlockKind.PARAGRAPH) == [
        "term",
        "Note: Mind [1] it.",
        "[1] A footnote.",
        "Author: Mei",
        "a line",
    ]
    assert texts(document, BlockKind.CODE) == [">>> 1 + 1\n2"]


def test_tables_are_rows_with_their_header() -> None:
    grid = "=====  ====\nPart   Size\n=====  ====\nbolt   M8\nnut    M6\n=====  ====\n"
    listed = '.. csv-table:: Prices\n   :header: "Tea", "Price"\n\n   "Green", 5\n'
    document = rst(f"{grid}\n{listed}")
    assert texts(document, BlockKind.TABLE_ROW) == [
        "Part: bolt | Size: M8",
        "Part: nut | Size: M6",
        "Tea: Green | Price: 5",
    ]
    assert texts(document, BlockKind.CAPTION) == ["Prices"]


def test_what_only_sphinx_knows_is_kept_as_its_text() -> None:
    document = rst(
        "See :ref:`the label <x>`, :py:class:`~pkg.Kettle` and |undefined|.\n\n"
        ".. py:function:: boil(water, *, hot=True)\n\n   Boil the *water*.\n\n"
        ".. unheard-of:: an argument\n   :opt: x\n\n   Content **kept**.\n\n"
        ".. code-block:: python\n   :emphasize-lines: 1\n\n   def f():\n       return 1\n"
    )
    assert texts(document, BlockKind.PARAGRAPH) == [
        "See the label, Kettle and |undefined|.",
        "boil(water, *, hot=True)",
        "Boil the water.",
        "an argument",
        "Content kept.",
    ]
    assert texts(document, BlockKind.CODE) == ["def f():\n    return 1"]


def test_nothing_is_read_from_other_files() -> None:
    outside = (
        ".. include:: /etc/passwd",
        ".. csv-table:: x\n   :file: /etc/passwd",
        ".. raw:: html\n   :file: /etc/passwd",
    )
    document = rst("Words.\n\n" + "\n\n".join(outside) + "\n")
    assert "root:" not in document.text
    assert "Words." in document.text


def test_broken_markup_is_kept_and_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    document = rst("Broken ``literal and *emph\n\nBad\n==\n\n.. image::\n\n+--+\n|a\n\n  odd indent\n")
    for word in ("literal and", "Bad", "odd indent", "|a"):
        assert word in document.text
    assert capfd.readouterr() == ("", "")


def test_a_line_too_long_for_the_parser_is_read_as_text() -> None:
    document = rst("Title\n=====\n\n" + "word " * 30_000)
    assert document.text.count("word") == 30_000


def test_substitutions_that_grow_are_stopped() -> None:
    text = (
        "".join(f".. |a{n}| replace:: {f'|a{n - 1}| ' * 10}\n" for n in range(1, 9)) + ".. |a0| replace:: lol\n\n|a8|\n"
    )
    assert len(rst(text).text) < 1_000_000
