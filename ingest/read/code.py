"""Source code as it stands, cut where a reader would turn the page: at definitions, and at empty lines.

Knows nothing of any language but that what begins at the margin begins something new.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from ingest.read.characters import safe_text
from ingest.read.encoding import decode
from ingest.read.limits import Limits
from ingest.read.media import CODE
from ingest.read.writer import check_length
from rag.errors import NoText, Unsupported
from rag.text import language_of
from rag.types import Block, BlockKind, Document

MAX_BLOCK_LINES = 60  # where a block has more, it is cut at empty lines inside it
_CLOSES = re.compile(r"[)\]}]|(?:end|fi|done|esac|else|elif|except|finally|catch)\b|#(?:else|elif|endif)\b")


def read_code(data: bytes, name: str, limits: Limits) -> Document:
    """Raises Unsupported where the bytes are in no encoding, NoText where they are nothing but space."""
    decoded = decode(data)
    if decoded is None:
        raise Unsupported(f"{name}: not text in any known encoding", hint="convert it to UTF-8")
    text, encoding = decoded
    check_length(name, len(text), limits)
    text = safe_text(text)
    if not text.strip():
        raise NoText(f"{name}: there is no text in it")
    blocks = tuple(_blocks(text))
    return Document(
        id="",
        title=PurePath(name).name,  # with its suffix: it says what language this is
        source=name,
        mime=CODE,
        text=text,
        blocks=blocks,
        language=language_of(text),
        metadata={"encoding": encoding},
    )


def _blocks(text: str) -> Iterator[Block]:
    """Yield blocks that hold every line but the empty ones between them."""
    held: list[tuple[int, int, int]] = []  # lines: number, start and end without the space around
    after_gap = False
    position = 0
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if stripped:
            at_margin = not line[0].isspace() and not _CLOSES.match(line)
            is_long = len(held) >= (MAX_BLOCK_LINES if after_gap else 4 * MAX_BLOCK_LINES)
            if held and (is_long or (after_gap and at_margin)):
                yield _block(held)
                held = []
            start = position + len(line) - len(line.lstrip())
            held.append((number, start, start + len(stripped)))
        after_gap = not stripped
        position += len(line) + 1
    if held:
        yield _block(held)


def _block(lines: list[tuple[int, int, int]]) -> Block:
    number, start, _ = lines[0]
    return Block(start, lines[-1][2], BlockKind.CODE, place=f"line {number}")
