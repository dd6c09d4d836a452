"""Paragraphs, table rows and what hangs on them, as they come out of RTF. Knows nothing of control words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ingest.read.characters import flow
from ingest.read.merged_cells import Cell, merged_rows
from ingest.read.office.docx_styles import kind_of_name
from rag.types import BlockKind

MAX_DATA_CELL_CHARACTERS = 2000
MAX_HEADING_CHARACTERS = 400
_EDGE_TWIPS = 60  # columns that end so near to each other are one
_ENDED = re.compile(r"\n{2,}")


@dataclass(frozen=True, slots=True)
class Made:
    """A block to be written. data is a file within the file, to be read at this place."""

    kind: BlockKind
    text: str
    level: int = 0
    place: str = ""
    bold: bool = False
    data: bytes = b""


@dataclass(slots=True)
class ParagraphLook:
    """What is said of the paragraphs that follow."""

    kind: BlockKind = BlockKind.PARAGRAPH
    level: int = 0  # of a heading
    listed: bool = False
    list_level: int = 0
    in_table: bool = False
    depth: int = 1  # of the table it is in


@dataclass(slots=True)
class StyleEntry:
    name: str = ""
    outline: int | None = None

    def look(self) -> tuple[BlockKind, int]:
        named = kind_of_name(self.name.strip())
        if self.outline is not None and self.outline < 9:
            return BlockKind.HEADING, self.outline + 1
        return named if named is not None else (BlockKind.PARAGRAPH, 0)


@dataclass(slots=True)
class RowLook:
    """How the row that is being read is divided: each cell's right edge, in twips, and how it is merged."""

    edges: list[int] = field(default_factory=list)
    continues: list[bool] = field(default_factory=list)  # merged with the cell above
    sideways: list[bool] = field(default_factory=list)  # merged with the cell before
    is_header: bool = False
    merges_above: bool = False
    merges_before: bool = False

    def close_cell(self, edge: int) -> None:
        self.edges.append(edge)
        self.continues.append(self.merges_above)
        self.sideways.append(self.merges_before)
        self.merges_above = self.merges_before = False


@dataclass(slots=True)
class _Row:
    cells: list[list[Made]]
    look: RowLook


@dataclass(slots=True)
class _Table:
    rows: list[_Row] = field(default_factory=list)
    cells: list[list[Made]] = field(default_factory=list)  # of the row that is being read
    cell: list[Made] = field(default_factory=list)


class Story:
    """One run of paragraphs: the text, a note, a box, a header."""

    def __init__(self, place: str = "") -> None:
        self.place = place
        self.made: list[Made] = []
        self.pieces: list[str] = []
        self.marker = ""
        self.bold = 0
        self.length = 0
        self.behind: list[Made] = []
        self._tables: list[_Table] = []

    def say(self, text: str, *, bold: bool) -> None:
        self.pieces.append(text)
        length = len(text.strip())
        self.length += length
        self.bold += length if bold else 0

    def end_paragraph(self, look: ParagraphLook) -> None:
        depth = look.depth if look.in_table else 0
        while len(self._tables) > depth:
            self._end_table()
        blocks = self._paragraph(look)
        if depth:
            self._open(depth).cell += blocks
        else:
            self.made += blocks
            self._flush_behind()

    def end_cell(self, look: ParagraphLook, depth: int) -> None:
        while len(self._tables) > depth:
            self._end_table()
        table = self._open(depth)
        table.cell += self._paragraph(look)
        table.cells.append(table.cell)
        table.cell = []

    def end_row(self, row: RowLook, depth: int) -> None:
        while len(self._tables) > depth:
            self._end_table()
        table = self._open(depth)
        if table.cell:
            table.cells.append(table.cell)
        if table.cells:
            table.rows.append(_Row(table.cells, row))
        table.cells, table.cell = [], []

    def close(self, look: ParagraphLook) -> None:
        if self.pieces:
            self.end_paragraph(look)
        while self._tables:
            self._end_table()
        self._flush_behind()

    def _open(self, depth: int) -> _Table:
        while len(self._tables) < depth:
            self._tables.append(_Table())
        return self._tables[depth - 1]

    def _end_table(self) -> None:
        table = self._tables.pop()
        if table.cell:
            table.cells.append(table.cell)
        if table.cells:
            table.rows.append(_Row(table.cells, RowLook()))
        outer = self._tables[-1].cell if self._tables else self.made
        outer += _table_blocks(table.rows, self.place)
        if not self._tables:
            self._flush_behind()

    def _flush_behind(self) -> None:
        self.made += self.behind
        self.behind = []

    def _paragraph(self, look: ParagraphLook) -> list[Made]:
        raw, marker = "".join(self.pieces), flow(self.marker)
        text = raw if look.kind is BlockKind.CODE else flow(raw)
        is_bold = self.length > 0 and self.bold > 0.9 * self.length
        self.pieces, self.marker, self.bold, self.length = [], "", 0, 0
        if not text.strip():
            return []
        if marker and not any(one.isalnum() for one in marker):
            marker = "-"
        kind = look.kind
        if kind is BlockKind.HEADING and len(text) > MAX_HEADING_CHARACTERS:
            kind = BlockKind.PARAGRAPH
        if kind is BlockKind.HEADING:
            text = f"{'' if marker == '-' else marker} {text}".strip().replace("\n", " ")
            return [Made(kind, text, look.level, self.place)]
        if kind is BlockKind.PARAGRAPH and (marker or look.listed):
            kind = BlockKind.LIST_ITEM
        text = f"{marker} {text}" if marker else text
        level = look.list_level if kind is BlockKind.LIST_ITEM else 0
        return [
            Made(kind, piece, level, self.place, is_bold)
            for piece in (_ENDED.split(text) if kind is not BlockKind.CODE else (text,))
        ]


def _table_blocks(rows: list[_Row], place: str) -> list[Made]:
    widest = max((len(row.cells) for row in rows), default=0)
    longest = max((sum(len(one.text) for one in cell) for row in rows for cell in row.cells), default=0)
    if widest < 2 or longest > MAX_DATA_CELL_CHARACTERS:
        return [one for row in rows for cell in row.cells for one in cell]
    edges: list[int] = []
    for edge in sorted({edge for row in rows for edge in row.look.edges}):
        if not edges or edge - edges[-1] > _EDGE_TWIPS:
            edges.append(edge)
    grid: list[list[Cell]] = []
    headers = 0
    for index, row in enumerate(rows):
        headers += row.look.is_header and headers == index
        grid.append(_grid_row(row, edges))
    return [Made(BlockKind.TABLE_ROW, line, 0, place) for line in merged_rows(grid, headers=headers or None)]


def _grid_row(row: _Row, edges: list[int]) -> list[Cell]:
    cells: list[Cell] = []
    look, before = row.look, 0
    for index, content in enumerate(row.cells):
        text = " ".join(
            one.text.replace("\n", " ") + (";" if one.kind is BlockKind.TABLE_ROW else "") for one in content
        )
        text = text.removesuffix(";")
        strong = bool(content) and all(one.bold for one in content)
        span = 1
        if index < len(look.edges):
            ends = [at for at, edge in enumerate(edges, start=1) if edge <= look.edges[index] + _EDGE_TWIPS]
            end = ends[-1] if ends else before + 1
            span = max(1, end - before)
            before += span
            if look.sideways[index] and cells and not text:
                last = cells[-1]
                cells[-1] = Cell(last.text, last.columns + span, last.continues, last.strong)
                continue
        continues = index < len(look.continues) and look.continues[index]
        cells.append(Cell(text, span, continues, strong))
    return cells
