"""One slide of PPTX: its shapes in reading order, as blocks. Knows nothing of the other slides."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ingest.read.merged_cells import Cell, merged_rows
from ingest.read.office.ooxml import A, P, R, alternative_text, children, descendants, number
from ingest.read.office.ooxml_drawing import Line, body_lines, chart_blocks, diagram_lines
from ingest.read.office.shape_order import Place, reading_order
from ingest.read.xml_safe import Element, local_name
from rag.types import BlockKind

TITLES = frozenset({"title", "ctrTitle"})
FURNITURE = frozenset({"dt", "ftr", "sldNum", "hdr"})
_BULLETED = frozenset({"body", "obj", ""})
_NUMBERED = re.compile(r"(?:\d{1,3}|[一二三四五六七八九十]{1,3})[.)、．]|[(（]\d{1,3}[)）]|[①-⑳•·▪]")  # by hand
_SHAPES = frozenset({f"{P}{tag}" for tag in ("sp", "grpSp", "graphicFrame", "pic", "cxnSp")})


@dataclass(frozen=True, slots=True)
class Written:
    """A block to be written; embedded is the name of a relation where it is a file within the file."""

    kind: BlockKind
    text: str
    level: int = 0
    is_title: bool = False
    embedded: str = ""


class Slide:
    def __init__(
        self, root: Element, layout: Element | None, master: Element | None, part: Callable[[str], Element | None]
    ) -> None:
        """part: gives the root of the part that a relation of the slide's names."""
        self._root = root
        self._part = part
        self._inherited = [_placeholders(one) for one in (layout, master) if one is not None]

    def blocks(self) -> Iterator[Written]:
        tree = self._root.find(f"{P}cSld/{P}spTree")
        if tree is None:
            return
        shapes = self._in_order(tree)
        titles = [shape for shape in shapes if _placeholder(shape)[0] in TITLES]
        for shape in [*titles, *(shape for shape in shapes if shape not in titles)]:
            yield from self._shape(shape)

    def furniture(self) -> Iterator[str]:
        """Yield what stands on every slide of a master or a layout, and a slide's own footers."""
        tree = self._root.find(f"{P}cSld/{P}spTree")
        for shape in tree.iter(f"{P}sp") if tree is not None else ():
            kind, _ = _placeholder(shape)
            body = shape.find(f"{P}txBody")
            if body is not None and (kind == "ftr" or kind == _NO_PLACEHOLDER[0]):
                yield from (line.text for line in body_lines(body))

    def _in_order(self, tree: Element) -> list[Element]:
        shapes = [child for child in children(tree) if child.tag in _SHAPES and not _is_hidden(child)]
        places: list[Place] = []
        for index, shape in enumerate(shapes):
            place = self._place(shape, index)
            if place is None:
                return shapes  # one that stands nowhere: their order in the file is all there is
            places.append(place)
        if all(_placeholder(shape) != _NO_PLACEHOLDER for shape in shapes):
            return shapes  # a layout's own order is that of reading
        return [shapes[index] for index in reading_order(places)]

    def _place(self, shape: Element, index: int) -> Place | None:
        found = _box(shape)
        if found is None:
            kind, key = _placeholder(shape)
            for inherited in self._inherited:
                model = _model(inherited, kind, key)
                found = _box(model) if model is not None else None
                if found is not None:
                    break
        return None if found is None else Place(index, *found)

    def _shape(self, shape: Element) -> Iterator[Written]:
        if shape.tag == f"{P}grpSp":
            for inner in self._in_order(shape):
                yield from self._shape(inner)
            return
        kind, key = _placeholder(shape)
        if kind in FURNITURE:
            return
        body = shape.find(f"{P}txBody")
        if body is not None:
            yield from self._text(body, kind, key)
        if shape.tag == f"{P}graphicFrame":
            yield from self._graphic(shape)
        described = next((part for part in shape.iter() if local_name(part) == "cNvPr"), None)
        if described is not None and (shape.tag != f"{P}sp" or body is None) and (text := alternative_text(described)):
            yield Written(BlockKind.CAPTION, text)

    def _text(self, body: Element, kind: str, key: str) -> Iterator[Written]:
        lines = body_lines(body)
        if kind in TITLES:
            if text := " ".join(line.text.replace("\n", " ") for line in lines):
                yield Written(BlockKind.HEADING, text, is_title=True)
            return
        is_list = (kind, key) != _NO_PLACEHOLDER and kind in _BULLETED and self._has_bullets(kind, key)
        is_list = is_list and len(lines) > 1
        for line in lines:
            yield _written(line, is_list=is_list)

    def _has_bullets(self, kind: str, key: str) -> bool:
        for inherited in self._inherited:
            model = _model(inherited, kind, key)
            first = model.find(f"{P}txBody/{A}lstStyle/{A}lvl1pPr") if model is not None else None
            if first is not None and first.find(f"{A}buNone") is not None:
                return False
        return True

    def _graphic(self, frame: Element) -> Iterator[Written]:
        for part in descendants(frame, inside=frozenset({f"{A}tbl", f"{A}txBody"})):
            name = local_name(part)
            if part.tag == f"{A}tbl":
                yield from (Written(BlockKind.TABLE_ROW, row) for row in _table_rows(part))
            elif part.tag == f"{A}txBody":
                yield from (_written(line, is_list=False) for line in body_lines(part))
            elif name == "chart" and (root := self._part(part.get(f"{R}id") or "")) is not None:
                yield from (Written(kind, text) for kind, text in chart_blocks(root))
            elif name == "relIds" and (root := self._part(part.get(f"{R}dm") or "")) is not None:
                yield from (_written(line, is_list=True) for line in diagram_lines(root))
            elif part.tag == f"{P}oleObj":
                yield Written(BlockKind.PARAGRAPH, "", embedded=part.get(f"{R}id") or "")


_NO_PLACEHOLDER = ("-", "")


def _written(line: Line, *, is_list: bool) -> Written:
    bulleted = is_list if line.bulleted is None else line.bulleted
    if line.marker or bulleted:
        marker = "" if _NUMBERED.match(line.text) else line.marker or "- "
        return Written(BlockKind.LIST_ITEM, marker + line.text, level=line.level)
    return Written(BlockKind.PARAGRAPH, line.text)


def _placeholder(shape: Element) -> tuple[str, str]:
    """Return the kind and the number of the placeholder that a shape fills; one without a kind is of kind ""."""
    for part in shape:
        if local_name(part).startswith("nv"):
            found = part.find(f"{P}nvPr/{P}ph")
            if found is not None:
                return found.get("type") or "", found.get("idx") or ""
    return _NO_PLACEHOLDER


def _placeholders(root: Element) -> Mapping[tuple[str, str], Element]:
    tree = root.find(f"{P}cSld/{P}spTree")
    found: dict[tuple[str, str], Element] = {}
    for shape in tree if tree is not None else ():
        if shape.tag in _SHAPES and (key := _placeholder(shape)) != _NO_PLACEHOLDER:
            found.setdefault(key, shape)
    return found


def _model(inherited: Mapping[tuple[str, str], Element], kind: str, key: str) -> Element | None:
    """Return the placeholder of a layout that one of a slide stands for: by both, by its number, or by its kind."""
    exact = inherited.get((kind, key))
    if exact is not None:
        return exact
    by_number = (shape for (_, its), shape in inherited.items() if key and its == key)
    like = {"ctrTitle": "title", "subTitle": "body", "obj": "body", "": "body"}.get(kind, kind)
    by_kind = (shape for (its, _), shape in inherited.items() if its in {kind, like})
    found = next(by_number, None)
    return found if found is not None else next(by_kind, None)


def _box(shape: Element) -> tuple[float, float, float, float] | None:
    for path in (f"{P}spPr/{A}xfrm", f"{P}grpSpPr/{A}xfrm", f"{P}xfrm"):
        transform = shape.find(path)
        if transform is not None:
            offset, size = transform.find(f"{A}off"), transform.find(f"{A}ext")
            if offset is not None and size is not None:
                x, y = number(offset.get("x")), number(offset.get("y"))
                return x, y, x + number(size.get("cx")), y + number(size.get("cy"))
    return None


def _is_hidden(shape: Element) -> bool:
    named = shape.find(f"./*/{P}cNvPr")
    return named is not None and named.get("hidden") in {"1", "true"}


def _table_rows(table: Element) -> Iterator[str]:
    properties = table.find(f"{A}tblPr")
    is_headed = properties is not None and properties.get("firstRow") in {"1", "true"}
    rows: list[list[Cell]] = []
    for at, row in enumerate(table.iterfind(f"{A}tr")):
        cells: list[Cell] = []
        for cell in row.iterfind(f"{A}tc"):
            if cell.get("hMerge") in {"1", "true"}:
                continue
            body = cell.find(f"{A}txBody")
            lines = body_lines(body) if body is not None else []
            text = " ".join(line.marker + line.text for line in lines)
            strong = (is_headed and at == 0) or (bool(lines) and all(line.strong for line in lines))
            is_lower = cell.get("vMerge") in {"1", "true"}
            cells.append(Cell(text, max(1, number(cell.get("gridSpan"), 1)), is_lower, strong))
        rows.append(cells)
    return merged_rows(rows)
