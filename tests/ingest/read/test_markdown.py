"""Markdown to readable text."""

from __future__ import annotations

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
