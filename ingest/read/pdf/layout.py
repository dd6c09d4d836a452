"""From printed lines to paragraphs, headings, list items and table rows. Knows nothing of PDF: ordered lines go in."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ingest.read.characters import written_without_spaces
from ingest.read.pdf.hyphens import Words
from ingest.read.pdf.lines import PrintedLine
from ingest.read.pdf.order import Printed
from ingest.read.pdf.outline import fold_heading
from ingest.read.pdf.tables import Cell, PrintedTable, Row
from ingest.read.writer import DocumentWriter
from rag.types import BlockKind, Box

HEADING_RATIO = 1.12  # of the body's height; bold 12 point over a body of 10.5 is 1.14
MAX_HEADING_CHARACTERS = 160
NEAR_LINES = 8  # that show how wide a paragraph is set
PARAGRAPH_GAP = 1.35  # of the usual distance between lines
_LIST_START = re.compile(
    r"(?:[•●○▪■◦‣·–*✓➢→-]\s+|\(?\d{1,2}[.)]\s+|\d{1,2}、|[（(][一二三四五六七八九十\d]{1,3}[)）]|[①-⑳])(?=\S)"
)
_NUMBERED_START = re.compile(
    r"\d{1,2}(?:\.\d{1,2}){0,3}\.?\s+\S|第[一二三四五六七八九十百\d]{1,4}[章节節条條部分篇]|[一二三四五六七八九十]{1,3}、"
)
_CAPTION_START = re.compile(r"(?:(?:figure|fig\.|table|chart)\s*\d+|[图圖表]\s*\d+)(?:[.:：\-–\s]|$)", re.IGNORECASE)
_ENDS_SENTENCE = re.compile(r"[。！？；：.!?;:…][\"'”’」』）)\]】]*$")


@dataclass(slots=True)
class _Paragraph:
    kind: BlockKind
    level: int = 0
    lines: list[PrintedLine] = field(default_factory=list)

    @property
    def left(self) -> float:
        """Where its last lines begin, those of its last column alone."""
        left = self.lines[-1].place[0]
        for line, before in pairwise(reversed(self.lines[-6:])):
            if before.box.page != line.box.page or before.place[1] > line.place[3]:
                break
            left = min(left, before.place[0])
        return left


def write_pages(writer: DocumentWriter, pages: Sequence[Sequence[Printed]], outline: Mapping[str, int]) -> None:
    """Write the pages' text as blocks, with a LINE block for every printed line."""
    kept = [[item for item in page if item.text] for page in pages]
    lines = [[item for item in page if isinstance(item, PrintedLine)] for page in kept]
    look = _Look(lines, outline)
    words = Words(line.text for page in lines for line in page)
    for part in _parts(kept, look):
        if isinstance(part, PrintedTable):
            _write_table(writer, part, words)
            continue
        text, places = _joined(part.lines, words)
        writer.add(part.kind, text, level=part.level, box=_around([line.box for line in part.lines]), lines=places)


def _write_table(writer: DocumentWriter, table: PrintedTable, words: Words) -> None:
    """Write a table's rows so that each can be read alone, as ingest.read.tables does; but with boxes."""
    for row in table.above:
        lines = [line for cell in row for line in cell]
        title, inside = _joined(lines, words)
        writer.add(_kind(lines[0], 0), title, box=_around([line.box for line in lines]), lines=inside)
    for row in table.rows or (table.header,):
        pieces: list[str] = []
        places: list[tuple[int, int, Box]] = []
        length = 0
        for separator, cell in _with_names(row, table.header if table.rows else (), words):
            text, inside = _joined(cell, words)
            pieces += (separator, text)
            length += len(separator)
            places += ((length + start, length + end, box) for start, end, box in inside)
            length += len(text)
        writer.add(BlockKind.TABLE_ROW, "".join(pieces), box=_around([box for *_, box in places]), lines=places)


def _with_names(row: Row, header: Row, words: Words) -> Iterator[tuple[str, Cell]]:
    """Yield a row's cells, each after its column's name, with what is to stand before each."""
    separator = ""
    for index, cell in enumerate(row):
        if not any(line.text for line in cell):
            continue
        name = header[index] if index < len(header) else ()
        if name and _joined(name, words)[0] != _joined(cell, words)[0]:
            yield separator, name
            separator = ": " if not _joined(name, words)[0].endswith((":", "：")) else " "
        yield separator, cell
        separator = " | "


class _Look:
    """How this document sets its body and its headings."""

    def __init__(self, pages: Sequence[Sequence[PrintedLine]], outline: Mapping[str, int]) -> None:
        self._outline = outline
        weights: Counter[float] = Counter()
        bold = total = 0
        for page in pages:
            for line in page:
                weights[line.size] += len(line.text)
                total += len(line.text)
                bold += len(line.text) * line.bold
        self.body = weights.most_common(1)[0][0] if weights else 0.0
        self._bold_tells = bold < 0.3 * total
        large = {line.size for page in pages for line in page if self._is_large(line) and not line.turned}
        self._levels = {size: min(rank, 5) for rank, size in enumerate(sorted(large, reverse=True), 1)}
        self.pitch = _usual_pitch(pages)

    def _is_large(self, line: PrintedLine) -> bool:
        return self.body > 0 and line.size >= HEADING_RATIO * self.body and _may_head(line.text)

    def heading_level(self, line: PrintedLine) -> int:
        """Return the level of a heading, 0 for a line of body."""
        if not _may_head(line.text) or _CAPTION_START.match(line.text) or line.turned:
            return 0
        named = self._outline.get(fold_heading(line.text))
        if named and (line.bold or line.size >= self.body):
            return named
        if self._is_large(line):
            return self._levels[line.size]
        is_short = len(line.text) <= 80 and not _ENDS_SENTENCE.search(line.text)
        if line.bold and self._bold_tells and is_short and _NUMBERED_START.match(line.text):
            return min(len(self._levels) + 1, 6)
        return 0


def _may_head(text: str) -> bool:
    return len(text) <= MAX_HEADING_CHARACTERS and any(character.isalpha() for character in text)


def _usual_pitch(pages: Sequence[Sequence[PrintedLine]]) -> dict[float, float]:
    """Return, by character height, the commonest distance from one line's foot to the next one's."""
    distances: dict[float, Counter[float]] = defaultdict(Counter)
    for page in pages:
        for before, line in pairwise(page):
            distance = line.place[3] - before.place[3]
            if before.size == line.size and 0.5 * line.size < distance < 3 * line.size:
                distances[line.size][round(distance * 2) / 2] += 1
    return {size: counts.most_common(1)[0][0] for size, counts in distances.items()}


def _parts(pages: Sequence[Sequence[Printed]], look: _Look) -> Iterator[_Paragraph | PrintedTable]:
    current: _Paragraph | None = None
    for page in pages:
        right = _right_edges([item for item in page if isinstance(item, PrintedLine)])
        for item in page:
            if isinstance(item, PrintedTable):
                if current is not None:
                    yield current
                current = None
                yield item
                continue
            level = look.heading_level(item)
            if current is not None and _continues(current, item, level, look, right):
                current.lines.append(item)
                continue
            if current is not None:
                yield current
            current = _Paragraph(_kind(item, level), level, [item])
    if current is not None:
        yield current


def _kind(line: PrintedLine, level: int) -> BlockKind:
    if level:
        return BlockKind.HEADING
    if _LIST_START.match(line.text):
        return BlockKind.LIST_ITEM
    return BlockKind.CAPTION if _CAPTION_START.match(line.text) else BlockKind.PARAGRAPH


def _right_edges(lines: Sequence[PrintedLine]) -> dict[int, float]:
    """Return for each line, by its id, how far right those before and after it reach that begin near the same place."""
    edges: dict[int, float] = {}
    for index, line in enumerate(lines):
        near = lines[max(0, index - NEAR_LINES) : index + NEAR_LINES + 1]
        edges[id(line)] = max(
            other.place[2]
            for other in near
            if abs(other.place[0] - line.place[0]) <= 40 and abs(other.size - line.size) <= 0.12 * line.size
        )
    return edges


def _continues(paragraph: _Paragraph, line: PrintedLine, level: int, look: _Look, right: Mapping[int, float]) -> bool:
    """Tell whether a line goes on with the paragraph before it."""
    last = paragraph.lines[-1]
    if paragraph.kind is BlockKind.HEADING:
        return _continues_heading(paragraph, line, level, look)
    if level or _LIST_START.match(line.text) or _CAPTION_START.match(line.text) or _NUMBERED_START.match(line.text):
        return False
    if _is_same_row(last, line):
        return True
    if abs(line.size - last.size) > 0.12 * max(last.size, line.size):
        return False
    if last.text.endswith(("-", "\u2010")) and last.text[-2:-1].isalpha() and line.text[:1].islower():
        return True
    ended = _ENDS_SENTENCE.search(last.text) is not None
    distance = line.place[3] - last.place[3]
    if line.box.page != last.box.page or distance < -0.5 * line.size:
        # A new page or column: only a sentence that is not at its end goes on there.
        return not ended and _is_long(last.text) and paragraph.kind is not BlockKind.CAPTION
    if abs(distance) <= 0.5 * line.size:  # the same row, after a wide gap: another column
        return False
    if distance > PARAGRAPH_GAP * look.pitch.get(line.size, 1.6 * line.size):
        return False
    if paragraph.kind is BlockKind.LIST_ITEM and line.place[0] < paragraph.lines[0].place[0] - 2:
        return False
    edge = right.get(id(last), last.place[2])
    room = edge - last.place[2]
    width = max(edge - last.place[0], 1.0)
    if ended and room > 0.1 * width:
        return False
    if room > 0.4 * width:
        return False
    indented = line.place[0] - paragraph.left > 1.2 * line.size
    return not (indented and paragraph.kind is not BlockKind.LIST_ITEM)


def _is_long(text: str) -> bool:
    """True for what is no title or label: a Han character says as much as two letters."""
    return len(text) + sum(map(written_without_spaces, text)) > 20


def _is_same_row(last: PrintedLine, line: PrintedLine) -> bool:
    """True where a line goes on right behind the one before: an index or a footnote's number was set between."""
    size = max(last.size, line.size)
    gap = line.place[0] - last.place[2]
    level = last.place[1] < line.place[3] and line.place[1] < last.place[3]
    return last.box.page == line.box.page and level and -0.3 * size <= gap < size


def _continues_heading(paragraph: _Paragraph, line: PrintedLine, level: int, look: _Look) -> bool:
    last = paragraph.lines[-1]
    if level != paragraph.level or line.size != last.size or line.box.page != last.box.page:
        return False
    if _NUMBERED_START.match(line.text) or len(paragraph.lines) >= 4:
        return False
    return 0 < line.place[3] - last.place[3] <= 1.6 * max(line.size, look.pitch.get(line.size, 0.0))


def _joined(lines: Sequence[PrintedLine], words: Words) -> tuple[str, list[tuple[int, int, Box]]]:
    """Return the lines as one text, and where in it each of them stands."""
    pieces: list[str] = []
    places: list[tuple[int, int, Box]] = []
    length = 0
    for index, line in enumerate(lines):
        piece = line.text
        following = lines[index + 1].text if index + 1 < len(lines) else ""
        separator = ""
        if following and words.is_broken(piece, following):
            piece = piece[:-1]
        elif following and not (piece.endswith("-") and piece[-2:-1].isalpha()):
            joint = written_without_spaces(piece[-1:] or " ") or written_without_spaces(following[0])
            separator = "" if joint else " "
        pieces += (piece, separator)
        places.append((length, length + len(piece), line.box))
        length += len(piece) + len(separator)
    return "".join(pieces), places


def _around(boxes: Sequence[Box]) -> Box | None:
    """Return the box around boxes of one page, None where they stand on several."""
    if len({box.page for box in boxes}) != 1:
        return None
    return Box(
        boxes[0].page,
        min(box.x0 for box in boxes),
        min(box.y0 for box in boxes),
        max(box.x1 for box in boxes),
        max(box.y1 for box in boxes),
    )
