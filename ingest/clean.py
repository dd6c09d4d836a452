"""Mend a document's text and drop what is not its content; blocks and boxes move along.

What was dropped is told in metadata["dropped"], so that nothing goes in silence. Code is left as it stands.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ingest import markup, repair
from ingest.furniture import furniture_lines
from ingest.notices import notices
from ingest.offsets import Edit, edit_document, trim_block
from ingest.quality import noise
from ingest.read.writer import title_of
from ingest.structure import lines_of, structure
from rag.text import language_of
from rag.types import BlockKind, Document

MAX_DROPPED_ROWS = 200
MAX_DROPPED_CHARACTERS = 300  # of each row's text
PLAIN = "text/plain"
_TRAILING_SPACE = re.compile(r"(?<![ \t\u3000])[ \t\u3000]+(?=\n|\Z)")  # from a run's start: a run is looked at once
_GAP = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Dropped:
    start: int
    end: int
    reason: str


def clean(document: Document) -> Document:
    """Return the document with its text mended, in NFC, and without the furniture of its page.

    metadata["dropped"] lists what went, as {"reason", "text"}; it is absent where nothing did.
    """
    is_plain = document.mime == PLAIN
    for mend in (*repair.PASSES, *(markup.PASSES if is_plain else ())):
        document = edit_document(document, _outside_code(document, mend(document.text)))
    if is_plain:
        document = _tidied(replace(document, blocks=()))
    document, rows = _without_furniture(document)
    document = _tidied(document)
    if is_plain:
        document = replace(document, blocks=structure(document.text))
        document = replace(document, title=title_of(document, None))
    else:
        blocks = (trim_block(block, document.text) for block in document.blocks)
        document = replace(document, blocks=tuple(block for block in blocks if block.start < block.end))
    rows = [*document.metadata.get("dropped", ()), *rows][:MAX_DROPPED_ROWS]  # what the reader left out comes first
    metadata = {**document.metadata, **({"dropped": rows} if rows else {})}
    return replace(document, metadata=metadata, language=language_of(document.text))


def _outside_code(document: Document, edits: Iterable[Edit]) -> list[Edit]:
    spans = [(block.start, block.end) for block in document.blocks if block.kind is BlockKind.CODE]
    if not spans:
        return list(edits)
    starts = [start for start, _ in spans]

    def is_inside(edit: Edit) -> bool:
        index = bisect_right(starts, edit.start) - 1
        return index >= 0 and edit.start < spans[index][1]

    return [edit for edit in edits if not is_inside(edit)]


def _without_furniture(document: Document) -> tuple[Document, list[dict[str, str]]]:
    text = document.text
    lines = lines_of(text)
    furniture = furniture_lines(lines)
    content = [line for index, line in enumerate(lines) if index not in furniture]
    dropped = [Dropped(lines[index].start, lines[index].end, reason) for index, reason in furniture.items()]
    dropped += (Dropped(notice.start, notice.end, notice.reason) for notice in notices(text, content))
    dropped += (Dropped(*one) for one in noise(document, lines))
    edits = _outside_code(document, (Edit(item.start, item.end) for item in dropped))
    reasons = {(item.start, item.end): item.reason for item in dropped}
    kept = sorted(edits, key=lambda edit: (edit.start, -edit.end))
    left = edit_document(document, kept)
    if not left.text.strip():
        return document, []  # a page of nothing but controls: better those than nothing
    return left, _rows(text, kept, reasons)


def _rows(text: str, edits: Sequence[Edit], reasons: dict[tuple[int, int], str]) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    position = 0
    for edit in edits:
        if edit.start >= position and len(rows) < MAX_DROPPED_ROWS:
            shown = text[edit.start : edit.end].strip()[:MAX_DROPPED_CHARACTERS]
            rows.append({"reason": reasons[edit.start, edit.end], "text": shown})
        position = max(position, edit.end)
    return rows


def _tidied(document: Document) -> Document:
    """Take out the space that dropped lines have left: at line ends, at both ends, and empty lines in a row."""
    edits = [Edit(match.start(), match.end()) for match in _TRAILING_SPACE.finditer(document.text)]
    document = edit_document(document, _outside_code(document, edits))
    gaps = [Edit(match.start(), match.end(), "\n\n") for match in _GAP.finditer(document.text)]
    document = edit_document(document, _outside_code(document, gaps))
    text = document.text
    ends = (Edit(0, len(text) - len(text.lstrip())), Edit(len(text.rstrip()), len(text)))
    return edit_document(document, [edit for edit in ends if edit.start < edit.end])
