"""Cut a document into chunks that are exact slices of its text. Pure: the tokenizer is handed in.

Splitters that look each piece up in the text again give wrong offsets where it repeats itself. Here nothing is ever
looked up: every piece is a span from the start, and pieces are only joined to their neighbours or cut.

    blocks -> sections (a heading and what stands below it) -> pieces (sentences, list items, table rows)
           -> packed up to max_tokens, never across a heading, except that small sections under one parent share a chunk
"""

from __future__ import annotations

import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from rag.text import sentence_spans
from rag.types import Block, BlockKind, Chunk, Document, Span

CHUNKER_VERSION = "1"  # raise it when the same document gives other chunks

CHARACTERS_PER_TOKEN = 8  # a word that the tokenizer does not know is one token, however long: cap it by characters too
SMALL_SHARE = 0.25  # of max_tokens: sections below it are joined with their siblings
TINY_SHARE = 0.125  # of max_tokens: a last piece below it goes to the chunk before it
FULL_SHARE = 0.5  # of max_tokens: from here a chunk rather ends than takes half a paragraph
MAX_HEADING_CHARACTERS = 200
STRETCH_CHARACTERS = 1 << 16  # of a text that are tokenized at once

TokenStarts = Callable[[str], Sequence[int]]


def chunk(
    document: Document,
    token_starts: TokenStarts,
    *,
    max_tokens: int,
    overlap_sentences: int = 0,
) -> list[Chunk]:
    """Return the chunks in order; together they hold every character of the text but white space.

    token_starts: the embedder's own tokens, as their starts in code points. No chunk has more than max_tokens of them.
    overlap_sentences: how many sentences of the chunk before are repeated, where they fit.
    A heading's line is the beginning of the chunk that follows it. Chunk.headings is the path above the chunk's start.
    """
    if max_tokens < 1:
        raise ValueError(f"max_tokens must be at least 1, not {max_tokens}")
    ruler = _Ruler(document.text, token_starts, max_tokens)
    chunks: list[Chunk] = []
    for group in _grouped(_sections(document), ruler):
        pieces = [piece for section in group for piece in _pieces(document.text, section.blocks, ruler)]
        spans = _packed(pieces, ruler, overlap_sentences)
        chunks += (Chunk(0, document.id, span.start, span.end, _path(group, span.start)) for span in spans)
    return chunks


class _Ruler:
    """Measures spans of one text in tokens. The text is tokenized once, and each slice that is kept."""

    def __init__(self, text: str, token_starts: TokenStarts, max_tokens: int) -> None:
        self._text = text
        self._token_starts = token_starts
        self._starts = _starts(text, token_starts)
        self.max_tokens = max_tokens
        self.max_characters = max_tokens * CHARACTERS_PER_TOKEN

    def tokens(self, start: int, end: int) -> int:
        return bisect_left(self._starts, end) - bisect_left(self._starts, start)

    def fits(self, start: int, end: int) -> bool:
        return end - start <= self.max_characters and self.tokens(start, end) <= self.max_tokens

    def really_fits(self, start: int, end: int) -> bool:
        """Measure the slice by itself: cut out of its text, a word may fall into other tokens."""
        if end - start > self.max_characters:
            return False
        if end - start <= self.max_tokens and 2 * self.tokens(start, end) <= self.max_tokens:
            return True  # short, and far from the limit: only its first and last word can be told apart otherwise
        return len(self._token_starts(self._text[start:end])) <= self.max_tokens

    def longest(self, start: int, end: int) -> int:
        """Return the furthest end, at most `end`, to which a slice from start really fits: one character at least."""
        limit = min(end, start + self.max_characters)
        beyond = bisect_left(self._starts, start) + self.max_tokens
        if beyond < len(self._starts):
            limit = min(limit, max(start + 1, self._starts[beyond]))
        starts = self._token_starts(self._text[start:limit])
        if len(starts) > self.max_tokens:
            limit = max(start + 1, start + starts[self.max_tokens])
        while limit > start + 1 and not self.really_fits(start, limit):
            limit = start + max(1, (limit - start) * 3 // 4)
        return limit


def _starts(text: str, token_starts: TokenStarts) -> array[int]:
    """Tokenize a long text a stretch of lines at a time: all at once, its tokens take many times its bytes."""
    starts = array("q")
    begin = 0
    while begin < len(text):
        end = begin + STRETCH_CHARACTERS
        if end < len(text):
            end = (text.rfind("\n", begin, end) + 1) or (text.rfind(" ", begin, end) + 1) or end
        starts.extend(begin + start for start in token_starts(text[begin:end]))
        begin = end
    return starts


@dataclass(slots=True)
class _Section:
    """A heading, if there is one, and the blocks below it up to the next."""

    path: tuple[str, ...]  # headings above this one
    heading: str | None
    level: int
    blocks: list[Block] = field(default_factory=list)

    @property
    def start(self) -> int:
        return self.blocks[0].start

    @property
    def end(self) -> int:
        return self.blocks[-1].end

    @property
    def is_bare(self) -> bool:
        return len(self.blocks) == 1 and self.heading is not None


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    ends_block: bool


def _sections(document: Document) -> list[_Section]:
    sections: list[_Section] = []
    above: list[tuple[int, str]] = []
    for block in _whole_cover(document):
        if block.kind is BlockKind.HEADING:
            level = max(block.level, 1)
            while above and above[-1][0] >= level:
                above.pop()
            heading = " ".join(document.text[block.start : block.end].split())[:MAX_HEADING_CHARACTERS]
            sections.append(_Section(tuple(text for _, text in above), heading, level, [block]))
            above.append((level, heading))
        elif sections:
            sections[-1].blocks.append(block)
        else:
            sections.append(_Section((), None, 0, [block]))
    return sections


def _whole_cover(document: Document) -> Iterator[Block]:
    """Yield the structural blocks, and paragraphs for whatever text no block holds."""
    text, position = document.text, 0
    for block in document.blocks:
        if block.kind is BlockKind.LINE or block.end <= position:
            continue
        yield from _loose(text, position, block.start)
        yield Block(max(block.start, position), block.end, block.kind, level=block.level)
        position = block.end
    yield from _loose(text, position, len(text))


def _loose(text: str, start: int, end: int) -> Iterator[Block]:
    span = _trimmed(text, start, end)
    if span is not None:
        yield Block(span.start, span.end)


def _trimmed(text: str, start: int, end: int) -> Span | None:
    """Return the span without white space at its ends, None where there is nothing else."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end) if start < end else None


def _grouped(sections: Sequence[_Section], ruler: _Ruler) -> Iterator[list[_Section]]:
    """Yield sections that share their chunks: bare headings with what follows, small ones with their siblings."""
    group: list[_Section] = []
    for section in sections:
        if group and not _shares(group, section, ruler):
            yield group
            group = []
        group.append(section)
    if group:
        yield group


def _shares(group: Sequence[_Section], section: _Section, ruler: _Ruler) -> bool:
    first, last = group[0], group[-1]
    if last.is_bare:  # a heading with nothing below it but the next heading
        return section.level > last.level or ruler.fits(first.start, section.end)
    if not ruler.fits(first.start, section.end):
        return False
    small = SMALL_SHARE * ruler.max_tokens
    is_small = ruler.tokens(section.start, section.end) < small and ruler.tokens(last.start, last.end) < small
    is_sibling = section.heading is not None and section.path == last.path
    # What stands before the first heading, and a short lead below a heading, go with what they introduce.
    is_lead = last is first and ruler.tokens(last.start, last.end) < small and section.level > last.level
    return (is_small and is_sibling) or is_lead


def _path(group: Sequence[_Section], start: int) -> tuple[str, ...]:
    """Return the headings above an offset: those of its section, and the section's own where it stands before."""
    section = max((section for section in group if section.start <= start), key=lambda section: section.start)
    if section.heading is not None and section.start < start:
        return (*section.path, section.heading)
    return section.path


def _pieces(text: str, blocks: Sequence[Block], ruler: _Ruler) -> Iterator[_Piece]:
    """Yield what is packed: blocks that are one line each, lines of code, else sentences; too long ones are cut."""
    for block in blocks:
        if block.kind in {BlockKind.HEADING, BlockKind.TABLE_ROW, BlockKind.LIST_ITEM} and ruler.fits(
            block.start, block.end
        ):
            units = [Span(block.start, block.end)]
        elif block.kind is BlockKind.CODE:
            units = _lines(text, block.start, block.end)
        else:
            units = _tiled(text, sentence_spans(text, block.start, block.end), block.start, block.end)
        pieces = [span for unit in units for span in _cut(text, unit, ruler)]
        for span, following in zip_longest(pieces, pieces[1:]):
            # An empty line inside, as between two functions, is as good a place to end at.
            ends_block = following is None or text.count("\n", span.end, following.start) > 1
            yield _Piece(span.start, span.end, ends_block)


def _lines(text: str, start: int, end: int) -> list[Span]:
    ends = [place for place in range(start, end) if text[place] == "\n"]
    spans = (_trimmed(text, a, b) for a, b in zip([start, *ends], [*ends, end], strict=True))
    return [span for span in spans if span is not None]


def _tiled(text: str, spans: Sequence[Span], start: int, end: int) -> list[Span]:
    """Return the spans, widened over whatever but white space stands between them."""
    tiles: list[Span] = []
    position = start
    for index, span in enumerate(spans):
        stop = end if index == len(spans) - 1 else span.end
        tile = _trimmed(text, position, stop)
        if tile is not None:
            tiles.append(tile)
        position = stop
    if not spans:
        tile = _trimmed(text, start, end)
        return [tile] if tile is not None else []
    return tiles


# Where a sentence that is too long may be cut, from the best place to the worst.
_CUTS = (frozenset("。！？!?\n"), frozenset(";；:："), frozenset(",，、)）】」』|"), frozenset(" \t\u3000"))


def _cut(text: str, unit: Span, ruler: _Ruler) -> Iterator[Span]:
    if ruler.fits(unit.start, unit.end) and ruler.really_fits(unit.start, unit.end):
        yield unit
        return
    start = unit.start
    while start < unit.end:
        limit = ruler.longest(start, unit.end)
        end = limit if limit == unit.end else _cut_place(text, start, limit)
        span = _trimmed(text, start, end)
        if span is not None:
            yield span
        start = end


def _cut_place(text: str, start: int, limit: int) -> int:
    """Return the best place in the last half of text[start:limit] to cut it, `limit` itself where none is good."""
    half = start + max(1, (limit - start) // 2)
    for marks in _CUTS:
        for end in range(limit, half - 1, -1):
            if text[end - 1] in marks and not _is_inside_number(text, end):
                return end
    end = limit
    while end > half and _clings(text, end):
        end -= 1
    return end if end > half else limit


def _is_inside_number(text: str, end: int) -> bool:
    return 2 <= end < len(text) and text[end].isdigit() and text[end - 2].isdigit() and not text[end - 1].isspace()


def _clings(text: str, index: int) -> bool:
    """True where a cut before text[index] would part what is seen as one character."""
    if index >= len(text):
        return False
    return (
        unicodedata.category(text[index])[0] == "M"
        or text[index] in "\u200d\ufe0f"
        or text[index - 1] == "\u200d"
        or "\U0001f3fb" <= text[index] <= "\U0001f3ff"
    )


def _packed(pieces: Sequence[_Piece], ruler: _Ruler, overlap: int) -> list[Span]:
    """Join neighbouring pieces as long as they fit, each chunk beginning with the last pieces of the one before."""
    spans: list[Span] = []
    position = first = 0  # the next new piece, and the piece that the chunk begins with
    while position < len(pieces):
        while first < position and not ruler.really_fits(pieces[first].start, pieces[position].end):
            first += 1
        stop = max(_reach(pieces, first, ruler), position + 1)
        spans.append(Span(pieces[first].start, pieces[stop - 1].end))
        first, position = max(first + 1, stop - overlap), stop
    return _without_tiny_end(spans, ruler)


def _reach(pieces: Sequence[_Piece], first: int, ruler: _Ruler) -> int:
    """Return the index behind the last piece of the chunk that begins with `first`."""
    start = pieces[first].start
    stop = first + 1
    block_end = stop if pieces[first].ends_block else 0  # behind the last whole block
    while stop < len(pieces) and ruler.fits(start, pieces[stop].end):
        stop += 1
        if pieces[stop - 1].ends_block:
            block_end = stop
    is_full = block_end and ruler.tokens(start, pieces[block_end - 1].end) >= FULL_SHARE * ruler.max_tokens
    if stop < len(pieces) and is_full:
        stop = block_end
    while stop > first + 1 and not ruler.really_fits(start, pieces[stop - 1].end):
        stop -= 1
    return stop


def _without_tiny_end(spans: list[Span], ruler: _Ruler) -> list[Span]:
    if len(spans) < 2:
        return spans
    before, last = spans[-2], spans[-1]
    is_tiny = ruler.tokens(last.start, last.end) < TINY_SHARE * ruler.max_tokens
    if is_tiny and ruler.fits(before.start, last.end) and ruler.really_fits(before.start, last.end):
        return [*spans[:-2], Span(before.start, last.end)]
    return spans
