"""From printed lines to paragraphs, headings and list items. Knows nothing of PDF: lines with boxes go in."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ingest.read.characters import written_without_spaces
from ingest.read.pdf_lines import PrintedLine
from ingest.read.pdf_outline import fold_heading
from ingest.read.pdf_running import without_running_lines
from ingest.read.writer import DocumentWriter
from rag.types import BlockKind, Box

HEADING_RATIO = 1.12  # of the body's height; bold 12 point over a body of 10.5 is 1.14
MAX_HEADING_CHARACTERS = 160
PARAGRAPH_GAP = 1.35  # of the usual distance between lines
_LIST_START = re.compile(
    r"(?:[•●○▪■◦‣·–*✓➢→-]\s+|\(?\d{1,2}[.)]\s+|\d{1,2}、|[（(][一二三四五六七八九十\d]{1,3}[)）]|[①-⑳])(?=\S)"
)
_NUMBERED_START = re.compile(
    r"\d{1,2}(?:\.\d{1,2}){0,3}\.?\s+\S|第[一二三四五六七八九十百\d]{1,4}[章节節条條部分篇]|[一二三四五六七八九十]{1,3}、"
)
_CAPTION_START = re.compile(r"(?:(?:figure|fig\.|table|chart)\s*\d+|[图圖表]\s*\d+)(?:[.:：\-–\s]|$)", re.IGNORECASE)
_ENDS_SENTENCE = re.compile(r"[。！？；：.!?;:…][\"'”’」』）)\]】]*$")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)+")


@dataclass(slots=True)
class _Paragraph:
    kind: BlockKind
    level: int = 0
    lines: list[PrintedLine] = field(default_factory=list)

    @property
    def left(self) -> float:
        return min(line.box.x0 for line in self.lines[-6:])


def write_pages(writer: DocumentWriter, pages: Sequence[Sequence[PrintedLine]], outline: Mapping[str, int]) -> None:
    """Write the pages' text as blocks, with a LINE block for every printed line."""
    kept = [[line for line in page if line.text] for page in without_running_lines(pages)]
    look = _Look(kept, outline)
    hyphenated = {word.casefold() for page in kept for line in page for word in _WORD.findall(line.text)}
    for paragraph in _paragraphs(kept, look):
        text, lines = _joined(paragraph.lines, hyphenated)
        on_pages = {line.box.page for line in paragraph.lines}
        box = _around([line.box for line in paragraph.lines]) if len(on_pages) == 1 else None
        writer.add(paragraph.kind, text, level=paragraph.level, box=box, lines=lines)


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
        large = {line.size for page in pages for line in page if self._is_large(line) and not _stands_upright(line)}
        self._levels = {size: min(rank, 5) for rank, size in enumerate(sorted(large, reverse=True), 1)}
        self.pitch = _usual_pitch(pages)

    def _is_large(self, line: PrintedLine) -> bool:
        return self.body > 0 and line.size >= HEADING_RATIO * self.body and _may_head(line.text)

    def heading_level(self, line: PrintedLine) -> int:
        """Return the level of a heading, 0 for a line of body."""
        if not _may_head(line.text) or _CAPTION_START.match(line.text) or _stands_upright(line):
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


def _stands_upright(line: PrintedLine) -> bool:
    """True for text along the side of the page."""
    return len(line.text) > 3 and line.box.y1 - line.box.y0 > 2 * (line.box.x1 - line.box.x0)


def _may_head(text: str) -> bool:
    return len(text) <= MAX_HEADING_CHARACTERS and any(character.isalpha() for character in text)


def _usual_pitch(pages: Sequence[Sequence[PrintedLine]]) -> dict[float, float]:
    """Return, by character height, the commonest distance from one line's foot to the next one's."""
    distances: dict[float, Counter[float]] = defaultdict(Counter)
    for page in pages:
        for before, line in pairwise(page):
            distance = line.box.y1 - before.box.y1
            if before.size == line.size and 0.5 * line.size < distance < 3 * line.size:
                distances[line.size][round(distance * 2) / 2] += 1
    return {size: counts.most_common(1)[0][0] for size, counts in distances.items()}


def _paragraphs(pages: Sequence[Sequence[PrintedLine]], look: _Look) -> Iterator[_Paragraph]:
    current: _Paragraph | None = None
    for page in pages:
        right = _right_edges(page)
        for line in page:
            level = look.heading_level(line)
            if current is not None and _continues(current, line, level, look, right):
                current.lines.append(line)
                continue
            if current is not None:
                yield current
            current = _Paragraph(_kind(line, level), level, [line])
    if current is not None:
        yield current


def _kind(line: PrintedLine, level: int) -> BlockKind:
    if level:
        return BlockKind.HEADING
    if _LIST_START.match(line.text):
        return BlockKind.LIST_ITEM
    return BlockKind.CAPTION if _CAPTION_START.match(line.text) else BlockKind.PARAGRAPH


def _right_edges(page: Sequence[PrintedLine]) -> dict[int, float]:
    """Return how far right the lines reach that begin near the same place (in steps of 40 points)."""
    edges: dict[int, float] = {}
    for line in page:
        step = int(line.box.x0 // 40)
        for near in (step - 1, step, step + 1):
            edges[near] = max(edges.get(near, 0.0), line.box.x1)
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
    ended = _ENDS_SENTENCE.search(last.text) is not None
    distance = line.box.y1 - last.box.y1
    if line.box.page != last.box.page or distance < -0.5 * line.size:
        # A new page or column: only a sentence that is not at its end goes on there.
        return not ended and len(last.text) > 20 and paragraph.kind is not BlockKind.CAPTION
    if abs(distance) <= 0.5 * line.size:  # the same row, after a wide gap: another column
        return False
    if distance > PARAGRAPH_GAP * look.pitch.get(line.size, 1.6 * line.size):
        return False
    if paragraph.kind is BlockKind.LIST_ITEM and line.box.x0 < paragraph.lines[0].box.x0 - 2:
        return False
    edge = right.get(int(last.box.x0 // 40), last.box.x1)
    room = edge - last.box.x1
    width = max(edge - last.box.x0, 1.0)
    if ended and room > 0.1 * width:
        return False
    if room > 0.4 * width:
        return False
    indented = line.box.x0 - paragraph.left > 1.2 * line.size
    return not (indented and paragraph.kind is not BlockKind.LIST_ITEM)


def _is_same_row(last: PrintedLine, line: PrintedLine) -> bool:
    """True where a line goes on right behind the one before: an index or a footnote's number was set between."""
    size = max(last.size, line.size)
    gap = line.box.x0 - last.box.x1
    level = last.box.y0 < line.box.y1 and line.box.y0 < last.box.y1
    return last.box.page == line.box.page and level and -0.3 * size <= gap < size


def _continues_heading(paragraph: _Paragraph, line: PrintedLine, level: int, look: _Look) -> bool:
    last = paragraph.lines[-1]
    if level != paragraph.level or line.size != last.size or line.box.page != last.box.page:
        return False
    if _NUMBERED_START.match(line.text) or len(paragraph.lines) >= 4:
        return False
    return 0 < line.box.y1 - last.box.y1 <= 1.6 * max(line.size, look.pitch.get(line.size, 0.0))


def _joined(lines: Sequence[PrintedLine], hyphenated: set[str]) -> tuple[str, list[tuple[int, int, Box]]]:
    """Return the lines as one text, and where in it each of them stands."""
    pieces: list[str] = []
    places: list[tuple[int, int, Box]] = []
    length = 0
    for index, line in enumerate(lines):
        piece = line.text
        following = lines[index + 1].text if index + 1 < len(lines) else ""
        separator = ""
        if following and _is_broken_word(piece, following, hyphenated):
            piece = piece[:-1]
        elif following and not (piece.endswith("-") and piece[-2:-1].isalpha()):
            joint = written_without_spaces(piece[-1]) or written_without_spaces(following[0])
            separator = "" if joint else " "
        pieces += (piece, separator)
        places.append((length, length + len(piece), line.box))
        length += len(piece) + len(separator)
    return "".join(pieces), places


def _is_broken_word(piece: str, following: str, hyphenated: set[str]) -> bool:
    """Tell whether the hyphen at a line's end was put there to break a word."""
    if not piece.endswith(("-", "\u2010")) or not piece[-2:-1].isalpha() or not following[:1].islower():
        return False
    first = re.search(r"[^\W\d_]+$", piece[:-1])
    second = re.match(r"[^\W\d_]+", following)
    return first is None or second is None or f"{first.group()}-{second.group()}".casefold() not in hyphenated


def _around(boxes: Sequence[Box]) -> Box:
    return Box(
        boxes[0].page,
        min(box.x0 for box in boxes),
        min(box.y0 for box in boxes),
        max(box.x1 for box in boxes),
        max(box.y1 for box in boxes),
    )
