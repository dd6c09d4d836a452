"""From ranked chunks to passages a reader can use: whole paragraphs, folded where they repeat, cut to a budget.

A passage holds its chunk, the short chunks beside it, and the rest of the paragraphs, lists and tables that it would
tear, with the heading above. Knows nothing of questions.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from threading import Lock

from rag.library.cards import own_date
from rag.library.library import Library
from rag.paragraphs import Paragraphs
from rag.plan import Found
from rag.repeats import ALONE_CHARACTERS, Repeats
from rag.types import Chunk, Document, Hit, Passage, Span

# A passage is widened by at most this much on each side to the neighbouring chunk's boundary, and by as much again to
# the end of what that would tear.
WIDEN_CHARACTERS = 600
CACHED_DOCUMENTS = 64


class Widener:
    def __init__(self, library: Library) -> None:
        self._library = library
        self._paragraphs: OrderedDict[str, tuple[Document, Paragraphs]] = OrderedDict()
        self._turn = Lock()

    def passages(self, found: Found, keep: int, budget_characters: int) -> tuple[list[Passage], bool]:
        """Return passages, and whether there are too few of them because many said the same."""
        passages: list[Passage] = []
        repeats = Repeats()
        left, repeated = budget_characters, False
        for hit, chunk, neighbours, document in self._looked_up(found.ranking, stride=keep):
            taken = [Span(other.start, other.end) for other in passages if other.document_id == chunk.document_id]
            own = Span(chunk.start, chunk.end)
            bare = _without(own, taken)
            if not len(bare):
                continue
            bare = _trimmed(document.text, bare)
            if not len(bare):
                continue
            beside = {Span(other.start, other.end): other for other in neighbours}
            said = [part for part in beside if repeats.says(part.of(document.text))]
            unsaid = [other for part, other in beside.items() if part not in said]
            spans = self._widths(document, bare, _widen(bare, chunk, unsaid, taken), [*taken, *said])
            place = repeats.place_of((own if len(own) >= ALONE_CHARACTERS else spans[0]).of(document.text))
            if place is None:
                place = repeats.near(own.of(document.text))
            if place is not None:
                passages[place], repeated = _also_at(passages[place], document.source), True
                continue
            span = next((span for span in spans if len(span) <= left), bare)
            if passages and len(span) > left:
                return passages, False
            passages.append(self._passage(document, chunk, span, hit.score, found.scores_of(hit.key)))
            place = len(passages) - 1
            repeats.add_chunk(own.of(document.text), place)
            for part in {span, *beside} - {own}:
                if span.start <= part.start and part.end <= span.end:
                    repeats.add(part.of(document.text), place)
            left -= len(span)
            if len(passages) == keep:
                return passages, False
        return passages, repeated

    def _widths(self, document: Document, bare: Span, wide: Span, elsewhere: Sequence[Span]) -> list[Span]:
        """Return the spans that a passage may have, the widest first; elsewhere: what other passages say."""
        paragraphs = self._paragraphs_of(document)
        spans = [paragraphs.whole(document.text, span, _room(document, span, elsewhere)) for span in (wide, bare)]
        return list(dict.fromkeys([*spans, bare]))

    def _paragraphs_of(self, document: Document) -> Paragraphs:
        """The library gives the same object for a document as long as it holds it."""
        with self._turn:
            held = self._paragraphs.pop(document.id, None)
            if held is None or held[0] is not document:
                held = (document, Paragraphs(document.blocks))
            self._paragraphs[document.id] = held
            if len(self._paragraphs) > CACHED_DOCUMENTS:
                self._paragraphs.popitem(last=False)
        return held[1]

    def _looked_up(self, ranking: Sequence[Hit], *, stride: int) -> Iterator[tuple[Hit, Chunk, list[Chunk], Document]]:
        """Yield each hit with its chunk, the chunks before and after it, and its document.

        What was removed is passed over. The keys of a document's chunks go up by one, in the text's order.
        """
        for first in range(0, len(ranking), stride):
            some = ranking[first : first + stride]
            chunks = self._library.chunks({key for hit in some for key in range(hit.key - 1, hit.key + 2)})
            documents = self._library.documents_with({chunks[hit.key].document_id for hit in some if hit.key in chunks})
            for hit in some:
                chunk = chunks.get(hit.key)
                if chunk is not None and chunk.document_id in documents:
                    beside = [chunks[key] for key in (hit.key - 1, hit.key + 1) if key in chunks]
                    beside = [other for other in beside if other.document_id == chunk.document_id]
                    yield hit, chunk, beside, documents[chunk.document_id]

    def _passage(
        self, document: Document, chunk: Chunk, span: Span, score: float, scores: Mapping[str, float]
    ) -> Passage:
        boxes = self._library.boxes_in(document, span)
        return Passage(
            chunk=chunk,
            start=span.start,
            end=span.end,
            text=span.of(document.text),
            title=document.title,
            source=document.source,
            version=document.version,
            score=score,
            scores=scores,
            page=boxes[0].page if boxes else None,
            date=own_date(document.metadata),
        )


def _also_at(passage: Passage, source: str) -> Passage:
    if source == passage.source or source in passage.also_at:
        return passage
    return replace(passage, also_at=(*passage.also_at, source))


def _without(span: Span, taken: Iterable[Span]) -> Span:
    """Return what of a span no other holds; where that is two pieces, the longer one. Chunks may overlap."""
    for other in taken:
        if span.overlaps(other):
            before = Span(span.start, max(span.start, other.start))
            after = Span(min(span.end, other.end), span.end)
            span = max(before, after, key=len)
    return span


def _trimmed(text: str, span: Span) -> Span:
    """Return the span without the white space at its ends."""
    words = span.of(text)
    start = span.start + len(words) - len(words.lstrip())
    return Span(start, max(start, span.end - len(words) + len(words.rstrip())))


def _room(document: Document, span: Span, elsewhere: Iterable[Span]) -> Span:
    """Return how far a span may be widened: not too far, and not into what stands elsewhere."""
    start, end = max(0, span.start - WIDEN_CHARACTERS), min(len(document.text), span.end + WIDEN_CHARACTERS)
    for other in elsewhere:
        if other.start < span.start:  # chunks may overlap
            start = max(start, min(other.end, span.start))
        else:
            end = min(end, max(other.start, span.end))
    return Span(start, end)


def _widen(span: Span, chunk: Chunk, neighbours: Iterable[Chunk], taken: Sequence[Span]) -> Span:
    """Return the span with the chunk's neighbours, where they are short, in the same chapter, and not taken."""
    for neighbour in neighbours:
        wider = Span(min(span.start, neighbour.start), max(span.end, neighbour.end))
        short = neighbour.end - neighbour.start <= WIDEN_CHARACTERS and neighbour.headings[:1] == chunk.headings[:1]
        if short and not any(wider.overlaps(other) for other in taken):
            span = wider
    return span
