"""Markdown to readable text."""

from __future__ import annotations

import pytest

from ingest.read import Limits, read
from rag.types import Block, BlockKind, Document

SOURCE = """---
title: "Brewing *guide*"
author: Mei
tags: [tea, water]
dates:
  - 2024-01-01
---
# How to brew

Use **fresh** water, see [the guide](https://example.org) and `kettle --on`.
A second line of the same paragraph.

中文的段落在这里换行，
下一行接着说。

- green: 80 °C
  - sencha
- black

3. third
4. fourth

| Tea | Minutes |
|-----|---------|
| Oolong | 4 |
| Pu'er | 5 |

```python
def brew():
    return "tea"
```

> A quote.
"""


def texts(document: Document, kind: BlockKind) -> list[str]:
    return [document.text[b.start : b.end] for b in document.blocks if b.kind is kind]


def test_the_marks_go_and_the_words_stay() -> None:
    document = read(SOURCE.encode(), "a.md", limits=Limits())
    assert texts(document, BlockKind.HEADING) == ["How to brew"]
    assert texts(document, BlockKind.PARAGRAPH) == [
        "Use fresh water, see the guide and kettle --on. A second line of the same paragraph.",
        "中文的段落在这里换行，下一行接着说。",
    ]
    assert texts(document, BlockKind.LIST_ITEM) == ["- green: 80 °C", "- sencha", "- black", "3. third", "4. fourth"]
    assert texts(document, BlockKind.CODE) == ['def brew():\n    return "tea"']
    assert texts(document, BlockKind.QUOTE) == ["A quote."]


def test_a_table_row_carries_the_names_of_its_columns() -> None:
    document = read(SOURCE.encode(), "a.md", limits=Limits())
    assert texts(document, BlockKind.TABLE_ROW) == ["Tea: Oolong | Minutes: 4", "Tea: Pu'er | Minutes: 5"]


def test_front_matter_becomes_metadata() -> None:
    document = read(SOURCE.encode(), "a.md", limits=Limits())
    assert document.title == "Brewing *guide*"
    assert document.metadata["author"] == "Mei"
    assert document.metadata["tags"] == ["tea", "water"]
    assert document.metadata["dates"] == ["2024-01-01"]
    assert "Mei" not in document.text


def test_nested_items_know_their_depth() -> None:
    document = read(SOURCE.encode(), "a.md", limits=Limits())
    items: list[Block] = [b for b in document.blocks if b.kind is BlockKind.LIST_ITEM]
    assert [b.level for b in items[:3]] == [0, 1, 0]


def test_markup_inside_markdown_gives_its_text() -> None:
    document = read(b"# T\n\n<div>Inside <b>markup</b></div>\n\nAfter\n", "a.md", limits=Limits())
    assert texts(document, BlockKind.PARAGRAPH) == ["Inside markup", "After"]


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("A [link](https://a.b 'c') here.", "A link here."),
        ("Press [this](javascript:alert(1)) now.", "Press this now."),
        ("[this]\n\n[this]: javascript:alert(1)", "this"),
        ("Press ![the *red* [key](k.html)](key.png) twice.", "Press the red key twice."),
        ("![](a.png)\n\nText", "Text"),
        ("Before <script>alert('x')</script> and <b>after</b>.", "Before and after."),
        ("Before <STYLE>\n.a{}\n</STYLE> after.", "Before after."),
        ("A <script> that never ends", "A that never ends"),
        ("<script>\nlet a = 1\n\nlet b = 2\n</script>\n\nText", "Text"),
        ("<div>\n<script>\nlet a = 1\n\n    let b = 2\n\nlet c = 3\n</script> Text\n\nMore", "Text\n\nMore"),
        ("<div>\n<style>\n.a\n\n.b\n\n<p>.c</style>Text</div>\n\nMore", "Text\n\nMore"),
        ("<div>\n<script>\n\nText", "Text"),
        ("<!-- a note -->\n\nText <!-- another -->here", "Text here"),
        ('<a href="javascript:x()" onclick="y()">Words</a>', "Words"),
        ("`<script>` is an element", "<script> is an element"),
    ],
)
def test_addresses_markup_and_scripts_stay_out_of_the_text(source: str, seen: str) -> None:
    assert read(source.encode(), "a.md", limits=Limits()).text == seen


def test_a_picture_alone_is_told_by_its_caption() -> None:
    document = read(b"[![Build](a.svg)](http://x) ![Two](b.png)\n\nText\n", "a.md", limits=Limits())
    assert texts(document, BlockKind.CAPTION) == ["Build", "Two"]
    assert texts(document, BlockKind.PARAGRAPH) == ["Text"]


def test_indented_code_keeps_its_first_indent_in_the_text_and_not_in_the_block() -> None:
    document = read(b"```\n\n    x = 1\n    y = 2  \n\n```\n", "a.md", limits=Limits())
    assert document.text == "    x = 1\n    y = 2"
    assert texts(document, BlockKind.CODE) == ["x = 1\n    y = 2"]
