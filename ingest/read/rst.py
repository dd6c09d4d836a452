"""reStructuredText by docutils: sections, lists, tables, notes and code. Nothing is included from other files.

What docutils cannot make sense of is kept as the text that it is.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

from docutils import ApplicationError, nodes
from docutils.core import publish_doctree

from ingest.read.characters import flow
from ingest.read.encoding import decode
from ingest.read.limits import Limits
from ingest.read.media import RST
from ingest.read.plain import read_plain
from ingest.read.rst_sphinx import keep_unknown
from ingest.read.tables import table_rows
from ingest.read.writer import DocumentWriter, check_length
from rag.errors import Unsupported
from rag.types import BlockKind, Document

Node = Any  # a docutils node: they carry no types

# Docutils refuses longer lines, and bounds by this what substitutions may grow to: as little as the text allows.
MIN_LINE_LIMIT, MAX_LINE_LIMIT = 10_000, 100_000
_SETTINGS = {
    "_disable_config": True,
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "doctitle_xform": False,
    "docinfo_xform": False,
    "sectsubtitle_xform": False,
    "report_level": 1,  # what could not be parsed is in the messages
    "halt_level": 6,
}
# What the parser was seen to raise, or may, on text that is no reStructuredText.
_FAULTS = (
    ApplicationError,
    AssertionError,
    AttributeError,
    IndexError,
    KeyError,
    RecursionError,
    TypeError,
    ValueError,
)
_SILENT = (nodes.comment, nodes.substitution_definition, nodes.target, nodes.raw, nodes.pending, nodes.meta)


def read_rst(data: bytes, name: str, limits: Limits) -> Document:
    """Raises NoText where there is nothing but comments. What cannot be parsed is read as plain text."""
    decoded = decode(data)
    if decoded is None:
        raise Unsupported(f"{name}: not text in any known encoding", hint="save it as UTF-8")
    text, encoding = decoded
    check_length(name, len(text), limits)
    text = text.lstrip("\ufeff").replace("\0", "")
    try:
        keep_unknown(text)
        longest = max(map(len, text.splitlines()), default=0)
        own = {
            "line_length_limit": min(max(longest, MIN_LINE_LIMIT), MAX_LINE_LIMIT),
            "warning_stream": io.StringIO(),
        }
        tree = publish_doctree(text, settings_overrides={**_SETTINGS, **own})
        body = _Body(limits, name)
        body.write(tree)
    except _FAULTS:
        return read_plain(data, name, limits)
    if body.refused:
        return read_plain(data, name, limits)
    return body.writer.finish(name, RST, metadata={"encoding": encoding, **body.metadata})


class _Body:
    def __init__(self, limits: Limits, name: str) -> None:
        self.writer = DocumentWriter()
        self.metadata: dict[str, str] = {}
        self.refused = False  # the whole text, for a line that is too long
        self._limits = limits
        self._name = name
        self._lists: list[Callable[[int], str]] = []  # what marks the items of each open list, by their number
        self._kind = BlockKind.PARAGRAPH
        self._marker = ""
        self._level = 0

    def write(self, node: Node) -> None:
        for child in node.children:
            self._node(child)

    def _node(self, node: Node) -> None:
        check_length(self._name, len(self.writer), self._limits)
        match node:
            case nodes.section():
                self._level += 1
                self.write(node)
                self._level -= 1
            case nodes.title() | nodes.subtitle():
                self._title(node)
            case nodes.system_message():
                self._message(node)
            case nodes.paragraph() | nodes.attribution() | nodes.line() | nodes.term():
                self._add(_inline(node))
            case nodes.rubric() | nodes.caption():
                self.writer.add(BlockKind.CAPTION, _inline(node))
            case nodes.literal_block() | nodes.doctest_block() | nodes.math_block():
                self.writer.add(BlockKind.CODE, node.astext())
            case nodes.bullet_list():
                self._list(node, lambda _number: "- ")
            case nodes.enumerated_list():
                self._list(node, _numbering(node))
            case nodes.definition() | nodes.block_quote() | nodes.description():
                kind = BlockKind.QUOTE if isinstance(node, nodes.block_quote) else BlockKind.LIST_ITEM
                self._within(node, kind)
            case nodes.field() | nodes.option_list_item():
                self._pair(node)
            case nodes.footnote() | nodes.citation():
                self._marker = f"[{node.children[0].astext()}] " if node.children else ""
                for child in node.children[1:]:
                    self._node(child)
                self._marker = ""
            case nodes.table():
                self._table(node)
            case nodes.image():
                self.writer.add(BlockKind.CAPTION, flow(node.get("alt") or ""))
            case nodes.Admonition():
                self._marker = "" if isinstance(node, nodes.admonition) else f"{node.tagname.capitalize()}: "
                self.write(node)
                self._marker = ""
            case nodes.Text():
                self._add(flow(node.astext()))
            case _ if isinstance(node, _SILENT):
                pass
            case nodes.TextElement():
                self._add(_inline(node))
            case _:
                self.write(node)

    def _add(self, text: str) -> None:
        if not text:
            return
        level = max(0, len(self._lists) - 1) if self._kind is BlockKind.LIST_ITEM else 0
        self.writer.add(self._kind, self._marker + text, level=level)
        self._marker = ""

    def _title(self, node: Node) -> None:
        if isinstance(node.parent, nodes.section):
            self.writer.add(BlockKind.HEADING, _inline(node), level=min(self._level, 6))
        else:
            self.writer.add(BlockKind.CAPTION, _inline(node))

    def _message(self, node: Node) -> None:
        """Write the text that a message says could not be parsed."""
        if node.get("level", 0) < 2:
            return
        self.refused = self.refused or "line-length-limit" in node.astext()
        for child in node.children:
            if isinstance(child, nodes.literal_block):
                self.writer.add(BlockKind.CODE, child.astext())

    def _list(self, node: Node, marker: Callable[[int], str]) -> None:
        self._lists.append(marker)
        kind, self._kind = self._kind, BlockKind.LIST_ITEM
        for number, item in enumerate(node.children):
            self._marker = marker(number)
            self.write(item)
        self._kind = kind
        self._marker = ""
        self._lists.pop()

    def _within(self, node: Node, kind: BlockKind) -> None:
        outer, self._kind = self._kind, kind
        self.write(node)
        self._kind = outer

    def _pair(self, node: Node) -> None:
        """Write a name and what it stands for: a field, an option of a command."""
        name, body = (_inline(child) for child in node.children[:2])
        if len(node.children[1].children) <= 1:
            self._add(f"{name}: {body}" if body else name)
        else:
            self._add(f"{name}:")
            self._within(node.children[1], BlockKind.LIST_ITEM)
        if name.lower() in {"author", "date", "language"} and body:
            self.metadata.setdefault(name.lower(), body[:500])

    def _table(self, table: Node) -> None:
        for title in table.findall(nodes.title):
            self.writer.add(BlockKind.CAPTION, _inline(title))
        heads = [row for head in table.findall(nodes.thead) for row in head.children]
        rows = [_cells(row) for body in table.findall(nodes.tbody) for row in body.children]
        header = _cells(heads[0]) if heads else None
        for head in heads[1:] if rows else heads:
            self._rows([_cells(head)], None)
        self._rows(rows, header)

    def _rows(self, rows: Sequence[Sequence[str]], header: Sequence[str] | None) -> None:
        for line in table_rows(rows, header=header):
            self.writer.add(BlockKind.TABLE_ROW, line)


def _numbering(node: Node) -> Callable[[int], str]:
    start = node.get("start", 1)
    suffix = node.get("suffix") or "."
    prefix = node.get("prefix") or ""

    def marker(number: int) -> str:
        value = start + number
        if "alpha" in node.get("enumtype", "") and value <= 26:
            letter = chr(ord("a") + value - 1)
            return f"{prefix}{letter.upper() if 'upper' in node['enumtype'] else letter}{suffix} "
        return f"{prefix}{value}{suffix} "

    return marker


def _cells(row: Node) -> list[str]:
    cells: list[str] = []
    for entry in row.children:
        cells += [_inline(entry), *[""] * int(entry.get("morecols", 0))]
    return cells


def _inline(node: Node) -> str:
    """Return what a reader sees of a node: its words, the numbers of footnotes in brackets, pictures by their alt."""
    pieces: list[str] = []
    for found in node.findall():
        if isinstance(found, nodes.Text):
            is_number = isinstance(found.parent, nodes.footnote_reference | nodes.citation_reference)
            pieces.append(f"[{found.astext()}]" if is_number else found.astext())
        elif isinstance(found, nodes.image):
            pieces.append(found.get("alt") or "")
        elif isinstance(found, nodes.paragraph | nodes.list_item) and pieces:
            pieces.append(" ")
    return flow("".join(pieces))
