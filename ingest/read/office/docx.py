"""DOCX: headings, paragraphs, lists with their numbers, tables, boxes and notes in the order they are read.

A footnote, a comment, a text box, a chart or a picture's description stands behind the paragraph that it hangs on, and
its block's place says what it is. Headers and footers are in metadata alone ("header", "footer"), unless there is no
other text. Files put into the file are read where they can be; what was left out is named in metadata["not_read"].
Knows nothing of pages: Word's are made when it is printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ingest.read.characters import flow
from ingest.read.limits import Limits
from ingest.read.media import DOCX
from ingest.read.merged_cells import Cell, merged_rows
from ingest.read.office.docx_numbering import BULLET, Numbering
from ingest.read.office.docx_runs import Behind, Runs, bold_share
from ingest.read.office.docx_styles import MAX_HEADING_LEVEL, Style, Styles, with_own
from ingest.read.office.embedded import unwrapped, write_embedded, write_inner
from ingest.read.office.ooxml import Package, Relation, W, children, is_on, number
from ingest.read.office.ooxml_drawing import body_lines, chart_blocks, diagram_lines
from ingest.read.office.unstyled import with_found_headings
from ingest.read.writer import DocumentWriter, check_length
from ingest.read.xml_safe import Element
from rag.errors import Malformed
from rag.types import BlockKind, Document

MAX_HEADING_CHARACTERS = 400  # a longer one is a paragraph in the wrong style
MAX_DATA_CELL_CHARACTERS = 2000  # a table with longer cells lays out a page
MAX_FURNITURE_CHARACTERS = 500
_THROUGH = frozenset(
    {f"{W}{tag}" for tag in ("ins", "moveTo", "smartTag", "customXml", "sdtContent", "sdt", "body", "background")}
)
_EMBEDDED = frozenset({"package", "oleObject"})
_ENDED = re.compile(r"\n{2,}")


def read_docx(data: bytes, name: str, limits: Limits) -> Document:
    """Raises Malformed where the main part is missing or beyond reading."""
    package = Package(data, name, limits)
    path, root = package.main("wordprocessingml", "word/document.xml")
    story = _Story(package, path, name, limits)
    try:
        story.write(root)
    except RecursionError as error:
        raise Malformed(f"{name}: it is nested too deeply", hint="save it again from Word or LibreOffice") from error
    check_length(name, len(story.writer), limits)
    package.check_text(len(story.writer))
    properties: dict[str, Any] = package.properties()
    title = properties.pop("title", None)
    metadata = {**properties, **story.furniture()}
    if package.damaged:
        metadata["damaged"] = list(dict.fromkeys(package.damaged))[:20]
    if story.not_read:
        metadata["not_read"] = story.not_read[:100]
    document = story.writer.finish(name, DOCX, title=title, metadata=metadata)
    return with_found_headings(document, story.bold, title=title)


class _Story:
    """Writes one document, and what hangs on its paragraphs."""

    def __init__(self, package: Package, path: str, name: str, limits: Limits) -> None:
        self.writer = DocumentWriter()
        self.not_read: list[str] = []
        self._package = package
        self._path = path
        self._name = name
        self._limits = limits
        self._relations = package.relations(path)
        self._styles = Styles(self._related("styles", "word/styles.xml"))
        self._numbering = Numbering(self._related("numbering", "word/numbering.xml"))
        self._runs = Runs(self._styles)
        self._notes = {
            "footnote": _by_id(self._related("footnotes", "word/footnotes.xml")),
            "endnote": _by_id(self._related("endnotes", "word/endnotes.xml")),
            "comment": _by_id(self._related("comments", "word/comments.xml")),
        }
        self._noted = {"footnote": 0, "endnote": 0}
        self._place = ""
        self.bold: set[str] = set()  # paragraphs that are, as a whole
        self._bold = False  # whether the paragraph just read is
        self._carried = ""  # the text of paragraphs whose ends were deleted: it goes on in the next
        self._behind: list[Behind] = []

    def _related(self, kind: str, usual: str) -> Element | None:
        targets = [relation.target for relation in self._relations.values() if relation.kind == kind]
        roots = (self._package.xml(target) for target in dict.fromkeys([*targets, usual]))
        return next((root for root in roots if root is not None), None)

    def write(self, root: Element) -> None:
        self._blocks(root)
        if self._carried:
            self.writer.add(BlockKind.PARAGRAPH, self._carried)
        read = {relation.target for relation in self._relations.values() if relation.kind == "aFChunk"}
        for relation in self._relations.values():
            if relation.kind in _EMBEDDED and not relation.external and relation.target not in read:
                read.add(relation.target)
                self._embedded(relation)
        if not len(self.writer):  # nothing but a letterhead
            for kind in ("header", "footer"):
                for part in dict.fromkeys(self._package.related(self._path, kind)):
                    if (part_root := self._package.xml(part)) is not None:
                        self._blocks(part_root)

    def furniture(self) -> dict[str, str]:
        """Return the texts of headers and footers, each once."""
        found: dict[str, str] = {}
        for kind in ("header", "footer"):
            texts: list[str] = []
            for part in self._package.related(self._path, kind):
                root = self._package.xml(part)
                paragraphs = root.iter(f"{W}p") if root is not None else ()
                text = " ".join(flow(Runs(self._styles).paragraph(one, Style()).text) for one in paragraphs)
                texts.append(" ".join(text.split()))
            text = " | ".join(dict.fromkeys(text for text in texts if text))
            if text:
                found[kind] = text[:MAX_FURNITURE_CHARACTERS]
        return found

    # --- blocks

    def _blocks(self, element: Element) -> None:
        for child in children(element):
            if child.tag == f"{W}p":
                self._paragraph(child)
            elif child.tag == f"{W}tbl":
                self._table(child)
            elif child.tag in _THROUGH:
                self._blocks(child)
            elif child.tag == f"{W}altChunk":
                relation = next((r for key, r in self._relations.items() if key in child.attrib.values()), None)
                if relation is not None and not relation.external:
                    self._imported(relation)

    def _paragraph(self, element: Element) -> None:
        style, text, goes_on = self._read_paragraph(element)
        if goes_on:
            self._carried = text
            return
        kind = style.kind
        if kind is BlockKind.HEADING and len(text) > MAX_HEADING_CHARACTERS:
            kind = BlockKind.PARAGRAPH
        elif kind is BlockKind.PARAGRAPH and style.list_id not in {"", "0"}:
            kind = BlockKind.LIST_ITEM
        if kind is BlockKind.HEADING:
            self.writer.add(kind, text.replace("\n", " "), level=min(style.level, MAX_HEADING_LEVEL), place=self._place)
        else:
            level = style.list_level if kind is BlockKind.LIST_ITEM else 0
            if self._bold:
                self.bold.add(text)
            for piece in _ENDED.split(text) if kind is not BlockKind.CODE else (text,):
                self.writer.add(kind, piece, level=level, place=self._place)
        self._write_behind()

    def _read_paragraph(self, element: Element) -> tuple[Style, str, bool]:
        """Return the style, the text with its number, and whether it goes on in the next paragraph."""
        properties = element.find(f"{W}pPr")
        named = properties.find(f"{W}pStyle") if properties is not None else None
        style_id = named.get(f"{W}val") or "" if named is not None else self._styles.default
        style = with_own(self._styles.style(style_id), properties, None)
        inline = self._runs.paragraph(element, style)
        self._behind += inline.behind
        text = inline.text if style.kind is BlockKind.CODE else flow(inline.text)
        text, self._carried = self._carried + text, ""
        mark = properties.find(f"{W}rPr") if properties is not None else None
        goes_on = mark is not None and (mark.find(f"{W}del") is not None or mark.find(f"{W}moveFrom") is not None)
        if not goes_on and style.list_id not in {"", "0"}:
            own_level = properties.find(f"{W}numPr/{W}ilvl") if properties is not None else None
            level = style.list_level
            if own_level is None:
                level = self._numbering.level_of_style(style.list_id, style_id) or level
            marker = self._numbering.next(style.list_id, level)
            if marker is not None:
                is_heading = style.kind is BlockKind.HEADING
                is_shown = bool(marker) and bool(text.strip()) and not (marker == BULLET and is_heading)
                text = f"{marker} {text}" if is_shown else text  # an empty paragraph counts, and shows nothing else
                style = Style(style.kind, style.level, style.list_id, level, bold=style.bold)
            else:
                style = Style(style.kind, style.level, bold=style.bold)
        self._bold = bold_share(inline) > 0.9
        return style, text, goes_on

    # --- what hangs on a paragraph

    def _write_behind(self) -> None:
        behind, self._behind = self._behind, []
        for one in behind:
            match one.kind:
                case "footnote" | "endnote":
                    self._note(one.kind, one.what)
                case "comment":
                    self._comment(one.what)
                case "box":
                    with self._at(self._place or "text box"):
                        self._blocks(one.what)
                case "picture":
                    self.writer.add(BlockKind.CAPTION, one.what, place=self._place or "picture")
                case "shape":
                    for line in body_lines(one.what):
                        self.writer.add(BlockKind.PARAGRAPH, line.marker + line.text, place=self._place or "text box")
                case "chart" | "diagram":
                    self._drawn(one.kind, one.what)

    @contextmanager
    def _at(self, place: str) -> Iterator[None]:
        before, self._place = self._place, place
        yield
        self._place = before

    def _note(self, kind: str, identity: str) -> None:
        note = self._notes[kind].pop(identity, None)
        if note is not None:
            self._noted[kind] += 1
            with self._at(f"{kind} {self._noted[kind]}"):
                self._blocks(note)

    def _comment(self, identity: str) -> None:
        comment = self._notes["comment"].pop(identity, None)
        if comment is None:
            return
        author = " ".join((comment.get(f"{W}author") or "").split())
        texts = (flow(self._runs.paragraph(one, Style()).text) for one in comment.iter(f"{W}p"))
        text = "\n".join(text for text in texts if text)
        if text:
            said = f"Comment by {author}: {text}" if author else f"Comment: {text}"
            self.writer.add(BlockKind.PARAGRAPH, said, place="comment")

    def _drawn(self, kind: str, relation_id: str) -> None:
        relation = self._relations.get(relation_id)
        root = self._package.xml(relation.target) if relation is not None and not relation.external else None
        if root is None:
            return
        if kind == "chart":
            for block_kind, text in chart_blocks(root):
                self.writer.add(block_kind, text, place=self._place or "chart")
        else:
            for line in diagram_lines(root):
                text = line.marker + line.text
                self.writer.add(BlockKind.LIST_ITEM, text, level=line.level, place=self._place or "diagram")

    def _embedded(self, relation: Relation) -> None:
        data = self._package.part(relation.target)
        inner_name = relation.target.rpartition("/")[2]
        found = unwrapped(data, inner_name) if data is not None else None
        if found is not None:
            self._left_out(write_embedded(self.writer, *found, self._limits))

    def _imported(self, relation: Relation) -> None:
        data = self._package.part(relation.target)
        if data is not None:
            inner_name = relation.target.rpartition("/")[2]
            self._left_out(write_inner(self.writer, data, inner_name, self._limits, place=self._place))

    def _left_out(self, reason: str) -> None:
        if reason:
            self.not_read.append(reason)

    # --- tables

    def _table(self, table: Element) -> None:
        rows = [(row, list(_cells(row))) for row in _rows(table)]
        if _lays_out(rows):
            for _, cells in rows:
                for cell in cells:
                    self._blocks(cell)
            return
        named = table.find(f"{W}tblPr/{W}tblStyle")
        is_set_off = named is not None and self._styles.sets_off_first_row(named.get(f"{W}val") or "")
        is_set_off = is_set_off and _shows_first_row(table)
        grid: list[list[Cell]] = []
        headers = 0
        for at, (row, cells) in enumerate(rows):
            if is_on(row.find(f"{W}trPr/{W}tblHeader")) and headers == at:
                headers += 1
            grid.append(self._grid_row(row, cells, strong=is_set_off and at == 0))
        for line in merged_rows(grid, headers=headers or None):
            self.writer.add(BlockKind.TABLE_ROW, line, place=self._place)
        self._write_behind()

    def _grid_row(self, row: Element, cells: list[Element], *, strong: bool) -> list[Cell]:
        before = number(_val(row.find(f"{W}trPr/{W}gridBefore")))
        found = [Cell("", before)] if before > 0 else []
        for cell in cells:
            properties = cell.find(f"{W}tcPr")
            span = merged = sideways = None
            if properties is not None:
                span, merged = properties.find(f"{W}gridSpan"), properties.find(f"{W}vMerge")
                sideways = properties.find(f"{W}hMerge")
            text, bold = self._cell_text(cell)
            if sideways is not None and _val(sideways) != "restart" and found and not text:
                last = found[-1]
                found[-1] = Cell(last.text, last.columns + 1, last.continues, last.strong)
                continue
            continues = merged is not None and _val(merged) != "restart"
            is_strong = strong or bold or _is_shaded(properties)
            found.append(Cell(text, max(1, number(_val(span), 1)), continues, is_strong))
        return found

    def _cell_text(self, cell: Element) -> tuple[str, bool]:
        """Return a cell's text, and whether all of it is bold."""
        pieces: list[str] = []
        bold = True
        for child in _inside_cell(cell):
            if child.tag == f"{W}tbl":
                inner = [self._grid_row(row, list(_cells(row)), strong=False) for row in _rows(child)]
                pieces += (line + ";" for line in merged_rows(inner, headers=0))
                bold = False
                continue
            _, text, goes_on = self._read_paragraph(child)
            if goes_on:
                self._carried = text
            elif text:
                pieces.append(text)
                bold = bold and self._bold
        text, self._carried = self._carried, ""
        return " ".join([*pieces, text]).strip().removesuffix(";"), bold and bool(pieces)


def _by_id(root: Element | None) -> dict[str, Element]:
    """Return the notes of a part; the first two are but the lines that separate them from the text."""
    return {
        entry.get(f"{W}id") or "": entry
        for entry in (root if root is not None else ())
        if entry.get(f"{W}type") in (None, "normal")
    }


def _rows(table: Element) -> Iterator[Element]:
    for child in children(table):
        if child.tag == f"{W}tr":
            if child.find(f"{W}trPr/{W}del") is None and not is_on(child.find(f"{W}trPr/{W}hidden")):
                yield child
        elif child.tag in _THROUGH:
            yield from _rows(child)


def _cells(row: Element) -> Iterator[Element]:
    for child in children(row):
        if child.tag == f"{W}tc":
            if child.find(f"{W}tcPr/{W}cellDel") is None:
                yield child
        elif child.tag in _THROUGH:
            yield from _cells(child)


def _inside_cell(cell: Element) -> Iterator[Element]:
    for child in children(cell):
        if child.tag in (f"{W}p", f"{W}tbl"):
            yield child
        elif child.tag in _THROUGH:
            yield from _inside_cell(child)


def _lays_out(rows: list[tuple[Element, list[Element]]]) -> bool:
    """True for a table that only lays out the page: of one column, or with pages of text or whole tables in cells."""
    widest = max((len(cells) for _, cells in rows), default=0)
    if widest < 2:
        return True
    for _, cells in rows:
        for cell in cells:
            if sum(len(text.text or "") for text in cell.iter(f"{W}t")) > MAX_DATA_CELL_CHARACTERS:
                return True
            inner = cell.find(f".//{W}tbl")
            if inner is not None and (len(rows) < 3 or len(inner.findall(f"{W}tr")) > 3):
                return True
    return False


def _shows_first_row(table: Element) -> bool:
    look = table.find(f"{W}tblPr/{W}tblLook")
    if look is None:
        return True
    if (switch := look.get(f"{W}firstRow")) is not None:
        return switch in {"1", "true", "on"}
    try:
        return bool(int(look.get(f"{W}val") or "0", 16) & 0x20)
    except ValueError:
        return True


def _is_shaded(properties: Element | None) -> bool:
    shading = properties.find(f"{W}shd") if properties is not None else None
    return shading is not None and (shading.get(f"{W}fill") or "auto").lower() not in {"auto", "ffffff"}


def _val(element: Element | None) -> str | None:
    return None if element is None else element.get(f"{W}val")
