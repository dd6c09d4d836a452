"""Jupyter notebooks, old and new."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingest.read import Limits, read
from rag.errors import NoText
from rag.types import BlockKind, Document


def notebook(*cells: dict[str, Any], **more: Any) -> Document:
    book = {"nbformat": 4, "metadata": {}, "cells": list(cells), **more}
    return read(json.dumps(book).encode(), "book.ipynb", limits=Limits())


def code(source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "source": source.splitlines(keepends=True), "outputs": list(outputs)}


def blocks(document: Document) -> list[tuple[str, str, str]]:
    return [(b.kind.value, b.place, document.text[b.start : b.end]) for b in document.blocks]


def test_prose_and_code_come_with_their_cell() -> None:
    document = notebook(
        {"cell_type": "markdown", "source": ["# Tides\n", "\n", "How *high* it gets."]},
        code(
            "def f(x):\n    return x", {"output_type": "stream", "name": "stdout", "text": ["10%\r", "100%\n", "ok\n"]}
        ),
    )
    assert blocks(document) == [
        ("heading", "cell 1", "Tides"),
        ("paragraph", "cell 1", "How high it gets."),
        ("code", "cell 2", "def f(x):\n    return x"),
        ("code", "cell 2", "100%\nok"),
    ]
    assert document.title == "Tides"


def test_a_table_is_read_as_rows_and_a_picture_not_at_all() -> None:
    markup = "<table><thead><tr><th>City</th><th>n</th></tr></thead><tr><td>Ulm</td><td>5</td></tr></table>"
    document = notebook(
        code(
            "show()",
            {"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo" * 50, "text/plain": "<Figure size 1>"}},
            {"output_type": "execute_result", "data": {"text/html": markup, "text/plain": "  City n"}},
            {"output_type": "error", "ename": "ValueError", "evalue": "bad", "traceback": ["\x1b[31mlong\x1b[0m"]},
        )
    )
    assert [text for _, _, text in blocks(document)] == ["show()", "City: Ulm | n: 5", "ValueError: bad"]


def test_what_is_cut_from_a_long_output_is_told() -> None:
    document = notebook(code("go()", {"output_type": "stream", "text": "line of output\n" * 2000}))
    assert len(document.text) < 5000
    assert document.metadata["dropped"][0]["reason"].startswith("output of cell 1")


def test_the_third_format_is_read() -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Old"},
        {"cell_type": "code", "input": "1+1", "outputs": [{"output_type": "pyout", "text": ["2"]}]},
    ]
    book = {"nbformat": 3, "metadata": {}, "worksheets": [{"cells": cells}]}
    document = read(json.dumps(book).encode(), "old.ipynb", limits=Limits())
    assert document.text == "Old\n\n1+1\n2"
    assert document.blocks[0].kind is BlockKind.HEADING


def test_a_notebook_that_is_none_is_read_as_what_it_is() -> None:
    assert "hello" in read(b'{"cells": 5, "word": "hello"}', "a.ipynb", limits=Limits()).text
    with pytest.raises(NoText):
        notebook(code(""))
