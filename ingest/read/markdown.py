"""Markdown: the readable text without its marks. Front matter goes to the metadata."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ingest.read.characters import LINE_BREAK, flow
from ingest.read.encoding import decode
from ingest.read.html import write_fragment
from ingest.read.limits import Limits
from ingest.read.media import MARKDOWN
from ingest.read.tables import table_rows
from ingest.read.writer import DocumentWriter, check_length
from rag.errors import Unsupported
from rag.types import BlockKind, Document

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"([A-Za-z_][\w-]*)[ \t]*:[ \t]*(.*)")
_SILENT_TAG = re.compile(r"<(/?)(script|style)\b[^<>]*>", re.IGNORECASE)
_CLOSING = r"</{}\b[^<>]*>"
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
    write_markdown(writer, text)
    title = metadata.pop("title", None)
    return writer.finish(name, MARKDOWN, title=title if isinstance(title, str) else None, metadata=metadata)


def write_markdown(writer: DocumentWriter, text: str) -> None:
    """Write a piece of Markdown, such as a notebook's cell holds."""
    _Body(writer).write(_parser().parse(text))


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
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    # Addresses are dropped, so none is dangerous; one that is refused would leave its marks in the text.
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005
    return parser


class _Body:
    """Walks the flat token list once."""

    def __init__(self, writer: DocumentWriter) -> None:
        self._writer = writer
        self._unclosed = ""  # "script" or "style" where one goes on over the blocks that follow
        self._closings: dict[str, int] = {}  # of each of the two, the last token that closes one
        self._lists: list[int | None] = []  # the next number of each open list, None for bullets
        self._marker = ""  # of the item whose first paragraph has not come yet
        self._quotes = 0

    def write(self, tokens: Sequence[Token]) -> None:
        for index, token in enumerate(tokens):
            if token.type in {"html_block", "inline"}:
                self._closings |= {match[2].lower(): index for match in _SILENT_TAG.finditer(token.content) if match[1]}
        index = 0
        while index < len(tokens):
            token = tokens[index]
            if token.type == "table_open":
                index = self._table(tokens, index)
                continue
            if token.type == "html_block":
                self._markup(token.content, index)
            else:
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
            case "fence" | "code_block" if not self._unclosed:
                self._writer.add(BlockKind.CODE, token.content)
            case "inline":
                self._inline(token, before)

    def _inline(self, token: Token, before: Token | None) -> None:
        text = inline_text(token, self._unclosed)
        if self._unclosed and re.search(_CLOSING.format(self._unclosed), token.content, re.IGNORECASE):
            self._unclosed = ""
        if _is_pictures(token):
            for child in token.children or ():
                if child.type == "image":
                    self._writer.add(BlockKind.CAPTION, inline_text(child))
        elif before is not None and before.type == "heading_open":
            self._writer.add(BlockKind.HEADING, text.replace("\n", " "), level=int(before.tag[1]))
        elif self._lists:
            kind = BlockKind.LIST_ITEM
            if text.strip():
                self._writer.add(kind, self._marker + text, level=len(self._lists) - 1)
                self._marker = ""
        else:
            self._writer.add(BlockKind.QUOTE if self._quotes else BlockKind.PARAGRAPH, text)

    def _markup(self, markup: str, index: int) -> None:
        """Write a block of markup; an empty line ends it even inside a script, the rest of which follows."""
        if self._unclosed:
            closing = re.search(_CLOSING.format(self._unclosed), markup, re.IGNORECASE)
            if closing is None:
                return
            markup, self._unclosed = markup[closing.end() :], ""
        write_fragment(self._writer, markup)
        for match in _SILENT_TAG.finditer(markup):
            self._unclosed = "" if match[1] else match[2].lower()
        if self._closings.get(self._unclosed, -1) <= index:
            self._unclosed = ""

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


def inline_text(token: Token, unclosed: str = "") -> str:
    """Return what a reader sees of an inline token: link texts without addresses, images by their alt text.

    unclosed: the script or style that the token begins inside.
    """
    pieces: list[str] = []
    children = token.children or []
    closings = {match[2].lower(): place for place, match in _inline_tags(children) if match[1]}
    tags = dict(_inline_tags(children))
    for place, child in enumerate(children):
        tag = tags.get(place)
        if unclosed:
            if tag and tag[1] and tag[2].lower() == unclosed:
                unclosed = ""
        elif tag and not tag[1] and closings.get(tag[2].lower(), -1) > place:
            unclosed = tag[2].lower()
        else:
            pieces.append(_seen(child))
    return flow("".join(pieces))


def _seen(child: Token) -> str:
    match child.type:
        case "text" | "code_inline":
            return child.content
        case "softbreak":
            return "\n"
        case "hardbreak":
            return LINE_BREAK
        case "html_inline" if child.content[:3].lower() == "<br":
            return LINE_BREAK
        case "image":
            return inline_text(child)
    return ""


def _inline_tags(children: Sequence[Token]) -> Iterator[tuple[int, re.Match[str]]]:
    for place, child in enumerate(children):
        if child.type == "html_inline" and (match := _SILENT_TAG.fullmatch(child.content)):
            yield place, match


def _is_pictures(token: Token) -> bool:
    """True where there are pictures and nothing else but links around them."""
    kinds = {child.type for child in token.children or () if child.content.strip() or child.type == "image"}
    return kinds == {"image"}
