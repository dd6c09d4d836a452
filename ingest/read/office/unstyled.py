"""Headings of office documents whose writers used no styles: by their numbers and by their looks. Knows no format."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from ingest.read.writer import title_of
from ingest.structure import is_short, structure
from rag.types import BlockKind, Document

BOLD_LEVEL = 2  # of a bold line that nothing else tells the level of


def with_found_headings(document: Document, bold: Set[str], *, title: str | None) -> Document:
    """Return the document with the headings that it does not mark; one that marks any is left as it is.

    bold: the paragraphs that are bold as a whole. title: what the file gives as its title.
    """
    own = tuple(block for block in document.blocks if not block.place)  # not those of files and boxes within it
    if len(own) < 3 or any(block.kind is BlockKind.HEADING for block in own):
        return document
    numbered = {
        (block.start, block.end): block.level for block in structure(document.text) if block.kind is BlockKind.HEADING
    }
    found = list(document.blocks)
    for index, block in enumerate(found[:-1]):
        if block.kind not in {BlockKind.PARAGRAPH, BlockKind.LIST_ITEM} or block.place:
            continue
        text = document.text[block.start : block.end]
        level = numbered.get((block.start, block.end), 0)
        if block.kind is BlockKind.LIST_ITEM:
            level = level if text.startswith("第") else 0
        elif not level and text in bold and is_short(text) and found[index + 1].kind is not BlockKind.HEADING:
            following = document.text[found[index + 1].start : found[index + 1].end]
            level = BOLD_LEVEL if following not in bold else 0
        if level:
            found[index] = replace(block, kind=BlockKind.HEADING, level=level)
    named = replace(document, blocks=tuple(block for block in found if not block.place))
    return replace(document, blocks=tuple(found), title=title_of(named, title))
