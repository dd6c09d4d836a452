"""Put a document together block by block. Knows nothing of formats."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from ingest.offsets import edit_document, nfc_edits
from ingest.read.characters import safe_text
from ingest.read.limits import Limits
from ingest.read.media import TEXT
from rag.errors import NoText, TooLarge
from rag.text import language_of
from rag.types import Block, BlockKind, Box, Document

MAX_TITLE_CHARACTERS = 200
# Between two of the same of these stands one line end, between all others an empty line.
CLOSE_TOGETHER = frozenset({BlockKind.LIST_ITEM, BlockKind.TABLE_ROW, BlockKind.CODE})
_BLANK_LINES = re.compile(r"\A(?:[^\S\n]*\n)+")
# What programs put into a title field when nobody wrote one.
_EMPTY_TITLE = re.compile(
    r"(?:untitled|document|title|none|null|test|home|index|default|无标题|無標題|新建.{0,12}文档|文档)[\s\d]*|[\d\W_]+"
    r"|microsoft (?:word|powerpoint|excel)\b.*|(?:slide|page|sheet) ?\d+"
    r"|.*\.(?:docx?|pdf|indd|qxd|tex|dvi|pptx?|xlsx?|html?|txt)",
    re.IGNORECASE,
)
# The heading of a file within the file is not the file's title.
_WITHIN = re.compile(r"(?:\A|, )(?:embedded|attachment) ")


class DocumentWriter:
    """Appends blocks to one text; every offset it hands out is final until `finish`."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []
        self._last: BlockKind | None = None
        self._place = ""

    def __len__(self) -> int:
        return self._length

    def stand(self, place: str) -> None:
        """Say where the blocks that follow stand, but those that are given a place of their own."""
        self._place = place

    def add(
        self,
        kind: BlockKind,
        text: str,
        *,
        level: int = 0,
        box: Box | None = None,
        place: str = "",
        lines: Sequence[tuple[int, int, Box]] = (),
    ) -> None:
        """Append a block; nothing happens when the text is blank.

        place: where it stands, in a file that has no pages.
        lines: the printed lines inside, as (start, end, box) relative to `text`, which must then be safe already.
        """
        if not lines:
            text = safe_text(text).rstrip()
            # Of code the first line's indent stays in the text, before the block.
            text = _BLANK_LINES.sub("", text) if kind is BlockKind.CODE else text.lstrip()
        if not text.strip():
            return
        if self._last is not None:
            self._push("\n" if kind is self._last and kind in CLOSE_TOGETHER else "\n\n")
        first = self._length
        start = first + len(text) - len(text.lstrip())
        self._push(text)
        self._blocks.append(Block(start, self._length, kind, box, level, place or self._place))
        self._blocks += (Block(first + a, first + b, BlockKind.LINE, line_box) for a, b, line_box in lines if a < b)
        self._last = kind

    def _push(self, piece: str) -> None:
        self._pieces.append(piece)
        self._length += len(piece)

    def finish(
        self, name: str, mime: str, *, title: str | None = None, metadata: Mapping[str, Any] | None = None
    ) -> Document:
        """Return the document; `name` becomes its source. Raises NoText when no block was added."""
        text = "".join(self._pieces)
        if not text.strip():
            raise NoText(f"{name}: there is no text in it")
        document = Document(
            id="",
            title="",
            source=name,
            mime=mime,
            text=text,
            blocks=tuple(self._blocks),
            language=language_of(text),
            metadata=dict(metadata or {}),
        )
        document = edit_document(document, nfc_edits(text))
        return replace(document, title=title_of(document, title))


def title_of(document: Document, given: str | None) -> str:
    """Return the given title where it says something, else the first heading, else the file's name."""
    if given and (title := _one_line(given)) and not _EMPTY_TITLE.fullmatch(title):
        return title
    for block in document.blocks:
        # The numbered headings of a plain text are chapters of something that has another title, or none.
        is_title = block.level == 1 or document.mime != TEXT
        if (
            block.kind is BlockKind.HEADING
            and is_title
            and not _WITHIN.search(block.place)
            and (title := _one_line(document.text[block.start : block.end]))
        ):
            return title
    return PurePath(document.source).stem or document.source


def check_length(name: str, characters: int, limits: Limits) -> None:
    if characters > limits.max_characters:
        raise TooLarge(
            f"{name}: more than {limits.max_characters:,} characters of text", hint="split it into several files"
        )


def _one_line(text: str) -> str:
    return " ".join(safe_text(text).split())[:MAX_TITLE_CHARACTERS]
