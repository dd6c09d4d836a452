"""Text of OpenDocument as blocks: of a text document, a slide, a note or a box alike. Knows nothing of packages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ingest.read.characters import flow
from ingest.read.merged_cells import MAX_COLUMNS, Cell, merged_rows
from ingest.read.office.odf_inline import DRAW, read_inline
from ingest.read.office.odf_styles import OFFICE, PRESENTATION, TEXT, Counter, OdfStyles
from ingest.read.office.ooxml import alternative_text, number
from ingest.read.writer import DocumentWriter
from ingest.read.xml_safe import Element, local_name
from rag.types import BlockKind

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
XLINK = "{http://www.w3.org/1999/xlink}"
DC = "{http://purl.org/dc/elements/1.1/}"
MAX_DATA_CELL_CHARACTERS = 2000  # a table with longer cells lays out a page
MAX_REPEATED_ROWS = 1000
MAX_HEADING_CHARACTERS = 400
FURNITURE = frozenset({"header", "footer", "date-time", "page-number"})
_THROUGH = frozenset(
    {f"{TEXT}{tag}" for tag in ("section", "index-body", "index-title", "numbered-paragraph")}
    | {f"{TEXT}{tag}" for tag in ("table-of-content", "illustration-index", "table-index", "object-index")}
    | {f"{TEXT}{tag}" for tag in ("user-index", "alphabetical-index", "bibliography")}
    | {f"{OFFICE}text", f"{TABLE}desc"}
)
_ROW_GROUPS = frozenset({f"{TABLE}table-rows", f"{TABLE}table-row-group"})
_ENDED = re.compile(r"\n{2,}")


class OdfStory:
    def __init__(
        self,
        writer: DocumentWriter,
        styles: OdfStyles,
        embedded: Callable[[Element, str], None],
        formula: Callable[[Element], str],
    ) -> None:
        """embedded: writes the object that a draw:object or draw:object-ole names, at a place.

        formula: returns the text of the formula in a frame, "" where there is none.
        """
        self._formula = formula
        self.bold: set[str] = set()
        self._writer = writer
        self._styles = styles
        self._embedded = embedded
        self._place = ""
        self._behind: list[Element] = []
        self._headings = Counter()
        self._counters: dict[str, Counter] = {}
        self._cell_lists: dict[Element, Counter] = {}
        self._notes = {"footnote": 0, "endnote": 0}
        self._is_bold = False

    @contextmanager
    def at(self, place: str) -> Iterator[None]:
        before, self._place = self._place, place
        yield
        self._place = before

    def blocks(self, element: Element) -> None:
        for child in element:
            if child.tag in (f"{TEXT}p", f"{TEXT}h"):
                self._paragraph(child)
            elif child.tag == f"{TEXT}list":
                self._list(child, "", 0, None)
            elif child.tag == f"{TABLE}table":
                self._table(child)
            elif child.tag == f"{TEXT}section":
                if child.get(f"{TEXT}display") not in {"none"}:
                    self.blocks(child)
            elif child.tag in _THROUGH:
                self.blocks(child)
            elif child.tag.startswith(DRAW):
                self.drawing(child)

    # --- paragraphs and lists

    def _paragraph(self, element: Element, *, marker: str = "", depth: int = -1) -> None:
        """depth: of the list that it is an item of; -1 for none."""
        style = self._styles.style("paragraph", element.get(f"{TEXT}style-name") or "")
        text = self._text(element)
        kind, level = style.kind, style.level
        if element.tag == f"{TEXT}h":
            kind, level = BlockKind.HEADING, max(1, number(element.get(f"{TEXT}outline-level"), 1))
            if not marker and text.strip() and depth < 0:
                marker = self._headings.next(self._styles.outline, level - 1)
        if kind is BlockKind.HEADING and len(text) > MAX_HEADING_CHARACTERS:
            kind = BlockKind.PARAGRAPH
        if kind is BlockKind.HEADING:
            marker = "" if marker == "-" else marker
            self._writer.add(kind, f"{marker} {text}".strip().replace("\n", " "), level=level, place=self._place)
        else:
            if depth >= 0 and kind is BlockKind.PARAGRAPH:
                kind, text = BlockKind.LIST_ITEM, f"{marker} {text}".strip() if text else ""
            if self._is_bold:
                self.bold.add(text)
            level = max(depth, 0) if kind is BlockKind.LIST_ITEM else 0
            for piece in _ENDED.split(text) if kind is not BlockKind.CODE else (text,):
                self._writer.add(kind, piece, level=level, place=self._place)
        self._write_behind()

    def _text(self, element: Element) -> str:
        style = self._styles.style("paragraph", element.get(f"{TEXT}style-name") or "")
        self._is_bold = False
        if style.hidden:
            return ""
        inline = read_inline(element, self._styles, self._formula, bold=style.bold)
        self._behind += inline.behind
        self._is_bold = inline.is_bold
        return inline.text if style.kind is BlockKind.CODE else flow(inline.text)

    def _list(self, element: Element, name: str, depth: int, counter: Counter | None) -> None:
        name = element.get(f"{TEXT}style-name") or name
        if counter is None:
            goes_on = element.get(f"{TEXT}continue-numbering") == "true" or element.get(f"{TEXT}continue-list")
            if not goes_on or name not in self._counters:
                self._counters[name] = Counter()
            counter = self._counters[name]
        for item in element:
            if item.tag in (f"{TEXT}list-item", f"{TEXT}list-header"):
                self._item(item, name, depth, counter, is_counted=item.tag == f"{TEXT}list-item")

    def _item(self, item: Element, name: str, depth: int, counter: Counter, *, is_counted: bool) -> None:
        is_first = is_counted
        for child in item:
            if child.tag in (f"{TEXT}p", f"{TEXT}h"):
                marker = self._marker(item, name, depth, counter) if is_first else ""
                is_first = False
                self._paragraph(child, marker=marker, depth=depth)
            elif child.tag == f"{TEXT}list":
                self._list(child, name, depth + 1, counter)
            else:
                self.blocks([child])

    def _marker(self, item: Element, name: str, depth: int, counter: Counter) -> str:
        level = self._styles.list_level(name, depth)
        if level.bullet:
            return "-"
        start = item.get(f"{TEXT}start-value")
        levels = [self._styles.list_level(name, at) for at in range(depth + 1)]
        return counter.next(levels, depth, None if start is None else number(start, 1))

    # --- tables

    def _table(self, table: Element) -> None:
        rows = list(_rows(table))
        widest = max((sum(cell.tag == f"{TABLE}table-cell" for cell in row) for row, _ in rows), default=0)
        if widest < 2 or any(_is_page(cell) for row, _ in rows for cell in row):
            for row, _ in rows:
                for cell in row:
                    self.blocks(cell)
            return
        grid: list[list[Cell]] = []
        below: dict[int, int] = {}  # column -> rows that a cell above still covers
        for row, _ in rows:
            repeated = min(number(row.get(f"{TABLE}number-rows-repeated"), 1), MAX_REPEATED_ROWS)
            cells = self._cells(row, below)
            if any(cell.text for cell in cells):
                grid += [cells] * max(1, repeated)
        headers = sum(is_header for _, is_header in rows)
        for line in merged_rows(grid, headers=headers or None):
            self._writer.add(BlockKind.TABLE_ROW, line, place=self._place)
        self._write_behind()

    def _cells(self, row: Element, below: dict[int, int]) -> list[Cell]:
        cells: list[Cell] = []
        column = 0
        skipped = 0  # covered by the cell before, in the same row
        for cell in row:
            if cell.tag not in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
                continue
            repeated = min(max(number(cell.get(f"{TABLE}number-columns-repeated"), 1), 1), MAX_COLUMNS)
            if cell.tag == f"{TABLE}covered-table-cell":
                for _ in range(repeated):
                    if skipped:
                        skipped -= 1
                    else:
                        cells.append(Cell("", continues=below.get(column, 0) > 0))
                        below[column] = max(0, below.get(column, 0) - 1)
                    column += 1
                continue
            span = min(max(number(cell.get(f"{TABLE}number-columns-spanned"), 1), 1), MAX_COLUMNS)
            text, strong = self._cell_text(cell)
            cells += [Cell(text, span, strong=strong)] * repeated
            below[column] = number(cell.get(f"{TABLE}number-rows-spanned"), 1) - 1
            column += repeated
            skipped = span - 1
            if len(cells) > MAX_COLUMNS:
                break
        while cells and not cells[-1].text and not cells[-1].continues:
            cells.pop()
        return cells

    def _cell_text(self, cell: Element) -> tuple[str, bool]:
        pieces: list[str] = []
        strong = True
        for paragraph in cell.iter(f"{TEXT}p", f"{TEXT}h"):
            if _is_behind(paragraph, cell):
                continue
            text = self._text(paragraph)
            if text:
                named = (paragraph.get(f"{TEXT}style-name") or "").startswith("Table_20_Heading")
                strong = strong and (self._is_bold or named)
                pieces.append(f"{self._marker_in_cell(paragraph, cell)} {text}".strip())
        return " ".join(pieces), strong and bool(pieces)

    def _marker_in_cell(self, paragraph: Element, cell: Element) -> str:
        """Return the number of a list's item in a cell, the lists there being walked from the inside."""
        item = paragraph.getparent()
        if item.tag != f"{TEXT}list-item" or item[0] is not paragraph:
            return ""
        lists = [one for one in item.iterancestors(f"{TEXT}list") if cell in one.iterancestors()]
        named = [name for one in lists if (name := one.get(f"{TEXT}style-name"))]
        name = named[0] if named else ""
        outermost = lists[-1]
        if outermost not in self._cell_lists:
            self._cell_lists[outermost] = Counter()
        return self._marker(item, name, len(lists) - 1, self._cell_lists[outermost])

    # --- what hangs on a paragraph

    def _write_behind(self) -> None:
        behind, self._behind = self._behind, []
        for one in behind:
            if one.tag == f"{TEXT}note":
                self._note(one)
            elif one.tag == f"{OFFICE}annotation":
                self.comment(one)
            else:
                self.drawing(one)

    def _note(self, note: Element) -> None:
        kind = "endnote" if note.get(f"{TEXT}note-class") == "endnote" else "footnote"
        body = note.find(f"{TEXT}note-body")
        if body is not None:
            self._notes[kind] += 1
            with self.at(f"{self._place}, {kind} {self._notes[kind]}".removeprefix(", ")):
                self.blocks(body)

    def comment(self, annotation: Element) -> None:
        author = " ".join((annotation.findtext(f"{DC}creator") or "").split())
        texts = [
            flow(read_inline(one, self._styles, self._formula, bold=False).text) for one in annotation.iter(f"{TEXT}p")
        ]
        text = "\n".join(text for text in texts if text)
        if text:
            said = f"Comment by {author}: {text}" if author else f"Comment: {text}"
            self._writer.add(BlockKind.PARAGRAPH, said, place=f"{self._place} comment".strip())

    def drawing(self, element: Element) -> None:
        """Write what a frame, a shape or a group shows."""
        name = local_name(element)
        if name in {"g", "a"}:
            for child in element:
                if child.tag.startswith(DRAW):
                    self.drawing(child)
            return
        if element.get(f"{PRESENTATION}placeholder") == "true" or element.get(f"{PRESENTATION}class") in FURNITURE:
            return
        shown = self._place or "text box"
        if name != "frame":
            with self.at(shown):
                self.blocks(element)
        seen = False  # of several pictures of one thing the first
        for child in element if name == "frame" else ():
            kind = local_name(child)
            if kind == "text-box":
                with self.at(shown):
                    self.blocks(child)
            elif child.tag == f"{TABLE}table":
                self._table(child)
                seen = True
            elif kind in {"object", "object-ole"} and not seen:
                self._embedded(child, self._place)
                seen = True
        described = {key: element.findtext(f"{SVG}{tag}") or "" for key, tag in (("descr", "desc"), ("title", "title"))}
        if text := alternative_text(described):
            self._writer.add(BlockKind.CAPTION, text, place=self._place or "picture")


def _rows(table: Element, *, is_header: bool = False) -> Iterator[tuple[Element, bool]]:
    """Yield the rows, and whether each is one of the header."""
    for child in table:
        if child.tag == f"{TABLE}table-row":
            if child.get(f"{TABLE}visibility") in {None, "visible"}:
                yield child, is_header
        elif child.tag == f"{TABLE}table-header-rows":
            yield from _rows(child, is_header=True)
        elif child.tag in _ROW_GROUPS:
            yield from _rows(child, is_header=is_header)


def _is_page(cell: Element) -> bool:
    """Whether a cell holds whole pages: more text than data has, or a table of some size."""
    texts = (one for one in cell.iter() if one.tag != f"{OFFICE}binary-data")
    if sum(len(one.text or "") + len(one.tail or "") for one in texts) > MAX_DATA_CELL_CHARACTERS:
        return True
    inner = cell.find(f".//{TABLE}table")
    return inner is not None and len(list(_rows(inner))) > 3


def _is_behind(paragraph: Element, cell: Element) -> bool:
    """Whether a paragraph stands in something that hangs on a cell's text and is written after it."""
    for around in paragraph.iterancestors():
        if around is cell:
            return False
        if around.tag in (f"{TEXT}note", f"{OFFICE}annotation") or around.tag.startswith(DRAW):
            return True
    return False
