"""Texts in the drawings that DOCX and PPTX share: text bodies, charts, SmartArt. Knows nothing of where they stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ingest.read.characters import LINE_BREAK, flow
from ingest.read.office.docx_numbering import written
from ingest.read.office.ooxml import A, children, descendants, number
from ingest.read.office.ooxml_math import M, linear_math
from ingest.read.office.symbols import plain
from ingest.read.tables import table_rows
from ingest.read.xml_safe import Element, local_name
from rag.types import BlockKind

MAX_POINTS = 5000  # of one series
_LEVELS = 9
_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_COUNTED = {
    "arabic": "decimal",
    "alphaLc": "lowerLetter",
    "alphaUc": "upperLetter",
    "romanLc": "lowerRoman",
    "romanUc": "upperRoman",
    "circleNum": "decimalEnclosedCircle",
    "ea1Chs": "chineseCountingThousand",
    "ea1Cht": "chineseCountingThousand",
    "ea1Jpn": "japaneseCounting",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph of a text body. marker: "- ", "2. " or ""; bulleted is None where it inherits that."""

    text: str
    level: int = 0
    marker: str = ""
    bulleted: bool | None = None
    strong: bool = False


def body_lines(body: Element, *, fields: bool = True) -> list[Line]:
    """Return the paragraphs of an a:txBody, or of any element with a:p in it, that say something.

    fields: with page numbers and dates that the program puts in.
    """
    lines: list[Line] = []
    counts = [0] * _LEVELS
    for paragraph in body.iterfind(f"{A}p"):
        properties = paragraph.find(f"{A}pPr")
        level = min(max(number(properties.get("lvl")), 0), _LEVELS - 1) if properties is not None else 0
        text = flow(_paragraph_text(paragraph, fields=fields))
        if not text:
            continue
        counts[level + 1 :] = [0] * (_LEVELS - level - 1)
        marker, bulleted = "", None
        if properties is not None:
            automatic = properties.find(f"{A}buAutoNum")
            if automatic is not None:
                start = number(automatic.get("startAt"), 1)
                counts[level] = counts[level] + 1 if counts[level] else start
                marker, bulleted = _number(automatic.get("type") or "", counts[level]) + " ", True
            elif properties.find(f"{A}buChar") is not None or properties.find(f"{A}buBlip") is not None:
                marker, bulleted = "- ", True
            elif properties.find(f"{A}buNone") is not None:
                bulleted = False
        if not marker.strip("- "):
            counts[level] = 0
        runs = [run for run in paragraph.iterfind(f"{A}r/{A}rPr") if (run.getparent().findtext(f"{A}t") or "").strip()]
        strong = bool(runs) and all(run.get("b") in {"1", "true"} for run in runs)
        lines.append(Line(text, level, marker, bulleted, strong))
    return lines


def _paragraph_text(paragraph: Element, *, fields: bool) -> str:
    pieces: list[str] = []
    for part in descendants(paragraph, inside=frozenset({f"{A}fld", f"{M}oMath"})):
        if part.tag == f"{A}t":
            font = part.getparent().find(f"{A}rPr/{A}latin")
            symbols = part.getparent().find(f"{A}rPr/{A}sym")
            named = symbols if symbols is not None else font
            pieces.append(plain(part.text or "", named.get("typeface", "") if named is not None else ""))
        elif part.tag == f"{A}br":
            pieces.append(LINE_BREAK)
        elif part.tag == f"{A}tab":
            pieces.append("\t")
        elif part.tag == f"{M}oMath":
            pieces.append(linear_math(part))
        elif part.tag == f"{A}fld" and fields:
            pieces.append(part.findtext(f"{A}t") or "")
    return "".join(pieces).replace("\v", LINE_BREAK)


def _number(kind: str, count: int) -> str:
    for name, format_name in _COUNTED.items():
        if kind.startswith(name):
            shown, rest = written(count, format_name), kind[len(name) :]
            if "ParenBoth" in rest:
                return f"({shown})"
            return shown + (")" if "ParenR" in rest else "." if "Period" in rest else "")
    return f"{count}."


# --- charts


def chart_blocks(root: Element) -> Iterator[tuple[BlockKind, str]]:
    """Yield a chart's titles and its values, one row a category."""
    plot = next((part for part in root.iter() if local_name(part) == "plotArea"), None)
    for title in root.iter():
        if local_name(title) == "title" and (text := _texts(title)):
            yield BlockKind.CAPTION, text
    if plot is None:
        return
    series = [_series(part) for part in plot.iter() if local_name(part) == "ser"]
    for group in _alike([one for one in series if one.values]):
        names = ["", *(one.name for one in group)]
        columns = [group[0].categories, *(one.values for one in group)]
        length = max(map(len, columns))
        rows = [[column[at] if at < len(column) else "" for column in columns] for at in range(length)]
        for row in table_rows(rows, header=names):
            yield BlockKind.TABLE_ROW, row


@dataclass(frozen=True, slots=True)
class _Series:
    name: str
    categories: tuple[str, ...]
    values: tuple[str, ...]


def _series(element: Element) -> _Series:
    found: dict[str, tuple[str, ...]] = {}
    for part in element:
        kind = local_name(part)
        if kind == "tx":
            found[kind] = (" ".join(value for value in _points(part) if value) or _texts(part),)
        elif kind in {"cat", "xVal"}:
            found["cat"] = _points(part)
        elif kind in {"val", "yVal"}:
            found["val"] = _points(part)
    return _Series("".join(found.get("tx", ())), found.get("cat", ()), found.get("val", ()))


def _alike(series: Sequence[_Series]) -> Iterator[list[_Series]]:
    """Group neighbours that have the same categories: they are columns of one table."""
    group: list[_Series] = []
    for one in series:
        if group and one.categories not in (group[0].categories, ()):
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def _points(element: Element) -> tuple[str, ...]:
    """Return the cached values of a reference; those of categories in several levels are joined."""
    levels = [part for part in element.iter() if local_name(part) == "lvl"]
    rows = [_level_points(level) for level in reversed(levels)] if levels else [_level_points(element)]
    length = max(map(len, rows))
    joined, above = [], [""] * len(rows)
    for at in range(length):
        above = [row[at] if at < len(row) and row[at] else before for row, before in zip(rows, above, strict=True)]
        joined.append(" / ".join(part for part in above if part) if levels else above[0] if rows[0][at] else "")
    return tuple(joined)


def _level_points(element: Element) -> list[str]:
    code, values = "", list[str]()
    for part in element.iter():
        kind = local_name(part)
        if kind == "formatCode":
            code = part.text or ""
        elif kind == "pt":
            index = number(part.get("idx"), len(values))
            value = next((child.text or "" for child in part if local_name(child) == "v"), "")
            if 0 <= index < MAX_POINTS:
                values += [""] * (index + 1 - len(values))
                values[index] = _shown(value, part.get("formatCode") or code)
        elif kind == "v" and part.getparent() is element:
            values.append(part.text or "")
    return values


def _shown(value: str, code: str) -> str:
    value = " ".join(value.split())
    try:
        amount = float(value)
    except ValueError:
        return value
    lowered = code.lower()
    if "yy" in lowered or ("d" in lowered and "m" in lowered):
        try:
            moment = _EPOCH + timedelta(days=amount)
        except (OverflowError, ValueError):
            return value
        return moment.strftime("%Y-%m" if "d" not in lowered else "%Y-%m-%d")
    if code.endswith("%"):
        return f"{amount * 100:.10g}%"
    return f"{amount:.12g}"


def _texts(element: Element) -> str:
    return " ".join(" ".join(part.text or "" for part in element.iter() if local_name(part) in {"t", "v"}).split())


# --- SmartArt


def diagram_lines(root: Element) -> list[Line]:
    """Return the texts of a diagram's data part, each below the one it hangs on."""
    points: dict[str, Element] = {}
    top: list[str] = []
    for point in root.iter():
        if local_name(point) != "pt" or point.get("type") in {"pres", "parTrans", "sibTrans"}:
            continue
        points[point.get("modelId") or ""] = point
        if point.get("type") == "doc":
            top.append(point.get("modelId") or "")
    below: dict[str, list[tuple[int, str]]] = {}
    for link in root.iter():
        if local_name(link) == "cxn" and link.get("type", "parOf") == "parOf":
            place = (number(link.get("srcOrd")), link.get("destId") or "")
            below.setdefault(link.get("srcId") or "", []).append(place)
    lines: list[Line] = []
    seen: set[str] = set()
    waiting = [(identity, -1) for identity in [*reversed(points), *reversed(top)]]
    while waiting:
        identity, level = waiting.pop()
        if identity in seen or identity not in points:
            continue
        seen.add(identity)
        lines += _point_lines(points[identity], max(level, 0))
        waiting += [(inner, level + 1) for _, inner in sorted(below.get(identity, ()), reverse=True)]
    return lines


def _point_lines(point: Element, level: int) -> list[Line]:
    bodies = [part for part in children(point) if local_name(part) == "t"]
    return [Line(line.text, level, "- ", True) for body in bodies for line in body_lines(body)]
