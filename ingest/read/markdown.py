"""Markdown: the readable text without its marks. Front matter goes to the metadata."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ingest.read.characters import LINE_BREAK, flow
from ingest.read.encoding import decode
from ingest.read.html import write_fragment
from ingest.read.limits import Limits
from ingest.read.sniff import MARKDOWN
from ingest.read.tables import table_rows
from ingest.read.writer import DocumentWriter, check_length
from rag.errors import Unsupported
from rag.types import BlockKind, Document

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"([A-Za-z_][\w-]*)[ \t]*:[ \t]*(.*)")
_LIST_ENTRY = re.compile(r"[ \t]*-[ \t]+(.+)")


def read_markdown(data: bytes, name: str, limits: Limits) -> Document:
    """Raises NoText where nothing but marks is there."""
    decoded = decode(data)
    if decoded is None:
        raise Unsupported(f"{name}: not text in any known encoding", hint="convert it to UTF-8")
    text, encoding = decoded
    check_length(name, len(text), limits)
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    metadata: dict[str, object] = {}
    match = _FRONT_MATTER.match(text)
    if match:
        metadata |= front_matter(match.group(1))
        text = text[match.end() :]
    metadata["encoding"] = encoding
    writer = DocumentWriter()
    _Body(writer).write(_parser().parse(text))
    title = metadata.pop("title", None)
    return writer.finish(name, MARKDOWN, title=title if isinstance(title, str) else None, metadata=metadata)


def front_matter(text: str) -> dict[str, object]:
    """Return the plain fields of a YAML front matter, strings and lists of them; what is nested is left out."""
    fields: dict[str, object] = {}
    key: str | None = None
    for line in text.split("\n"):
        entry = _LIST_ENTRY.fullmatch(line)
        if entry and key is not None:
            held = fields.setdefault(key, [])
            if isinstance(held, list):
                held.append(_unquoted(entry.group(1)))
            continue
        match = _FIELD.fullmatch(line)
        if match is None:
            key = None
            continue
        key, value = match.group(1).lower(), match.group(2).strip()
        if value.startswith("[") and value.endswith("]"):
            fields[key] = [_unquoted(item) for item in value[1:-1].split(",") if item.strip()]
        elif value and value not in {"|", ">"}:
            fields[key] = _unquoted(value)
    return fields


def _unquoted(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'" else value


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


class _Body:
    """Walks the flat token list once."""

    def __init__(self, writer: DocumentWriter) -> None:
        self._writer = writer
        self._lists: list[int | None] = []  # the next number of each open list, None for bullets
        self._marker = ""  # of the item whose first paragraph has not come yet
        self._quotes = 0

    def write(self, tokens: Sequence[Token]) -> None:
        index = 0
        while index < len(tokens):
            token = tokens[index]
            if token.type == "table_open":
                index = self._table(tokens, index)
                continue
            self._token(token, tokens[index - 1] if index else None)
            index += 1

    def _token(self, token: Token, before: Token | None) -> None:
        match token.type:
            case "bullet_list_open":
                self._lists.append(None)
            case "ordered_list_open":
                start = token.attrGet("start")
                self._lists.append(int(start) if start is not None else 1)
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "list_item_open":
                self._marker = self._next_marker()
            case "list_item_close":
                self._marker = ""
            case "blockquote_open":
                self._quotes += 1
            case "blockquote_close":
                self._quotes -= 1
            case "fence" | "code_block":
                self._writer.add(BlockKind.CODE, token.content)
            case "html_block":
                write_fragment(self._writer, token.content)
            case "inline":
                self._inline(token, before)

    def _inline(self, token: Token, before: Token | None) -> None:
        text = inline_text(token)
        if before is not None and before.type == "heading_open":
            self._writer.add(BlockKind.HEADING, text.replace("\n", " "), level=int(before.tag[1]))
        elif self._lists:
            kind = BlockKind.LIST_ITEM
            if text.strip():
                self._writer.add(kind, self._marker + text, level=len(self._lists) - 1)
                self._marker = ""
        else:
            self._writer.add(BlockKind.QUOTE if self._quotes else BlockKind.PARAGRAPH, text)

    def _next_marker(self) -> str:
        number = self._lists[-1] if self._lists else None
        if number is None:
            return "- "
        self._lists[-1] = number + 1
        return f"{number}. "

    def _table(self, tokens: Sequence[Token], index: int) -> int:
        """Write one table; return the index behind it."""
        rows: list[list[str]] = []
        while tokens[index].type != "table_close":
            token = tokens[index]
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(inline_text(token).replace("\n", " "))
            index += 1
        for row in table_rows(rows[1:], header=rows[0]) if len(rows) > 1 else table_rows(rows, header=None):
            self._writer.add(BlockKind.TABLE_ROW, row)
        return index + 1


def inline_text(token: Token) -> str:
    """Return what a reader sees of an inline token: link texts without addresses, images by their alt text."""
    pieces: list[str] = []
    for child in token.children or ():
        match child.type:
            case "text" | "code_inline":
                pieces.append(child.content)
            case "softbreak":
                pieces.append("\n")
            case "hardbreak":
                pieces.append(LINE_BREAK)
            case "html_inline" if child.content[:3].lower() == "<br":
                pieces.append(LINE_BREAK)
            case "image":
                pieces.append(child.content)
    return flow("".join(pieces))
