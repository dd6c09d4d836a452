"""From a question to passages: two legs side by side, fused by what each can know, widened, cut to a budget.

Knows nothing of generators or answers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from rag.errors import NotFound
from rag.fuse import fuse, normalise
from rag.library.library import Library
from rag.ports import Embedder, Matrix
from rag.repeats import ALONE_CHARACTERS, Repeats
from rag.text import language_of
from rag.types import Chunk, Document, Hit, Passage, Span

DENSE_WEIGHT = 0.5  # where the embedder knows the question's language; lexical has the rest
# A passage is widened by at most this much on each side, to the neighbouring chunk's boundary.
WIDEN_CHARACTERS = 600
MORE = 4  # times as many candidates, where those there were said the same so often that too few passages were left
MOST_TIMES = 16  # as many candidates as usual
TRIES = 3  # where what was ranked is removed or replaced before it is read


@dataclass(frozen=True, slots=True)
class Found:
    """One question's fused ranking, and what each leg gave: key -> its own score."""

    ranking: Sequence[Hit]
    dense: Mapping[int, float]
    lexical: Mapping[int, float]
    is_all: bool  # that there is to find

    def scores_of(self, key: int) -> dict[str, float]:
        legs = {"dense": self.dense, "lexical": self.lexical}
        return {name: leg[key] for name, leg in legs.items() if key in leg}


class Retriever:
    def __init__(
        self, library: Library, embedder: Embedder, *, candidates: int, keep: int, budget_characters: int
    ) -> None:
        self._library = library
        self._embedder = embedder
        self._candidates = candidates
        self._keep = keep
        self._budget_characters = budget_characters

    def retrieve(
        self, question: str, *, keep: int | None = None, document_ids: Collection[str] | None = None
    ) -> tuple[Passage, ...]:
        """Return the passages most likely to hold the answer, best first; passages of one document do not overlap.

        What stands in a better passage already is no passage of its own: that one says where else it was found.

        keep: how many, where not the usual number; the budget grows with it. document_ids: only these documents.
        Raises LibraryMismatch if the library was built by another embedder.
        """
        keep = keep or self._keep
        budget = self._budget_characters * max(keep, self._keep) // self._keep
        for _ in range(TRIES):
            self._library.refresh()
            found, passages = self._different(question, keep, budget, document_ids)
            # A key is never used again: what still has its chunk was read from the text that the chunk is of.
            standing = self._library.chunks(passage.chunk.key for passage in passages)
            if len(standing) == len(passages) and (passages or not found.ranking):
                break
        return tuple(passage for passage in passages if passage.chunk.key in standing)

    def find(self, question: str, *, document_ids: Collection[str] | None = None) -> Found:
        """Rank chunks by both legs, before widening."""
        return self._ranked(question, lambda: self._embedder.embed_queries([question]), self._candidates, document_ids)

    def _different(
        self, question: str, keep: int, budget_characters: int, document_ids: Collection[str] | None
    ) -> tuple[Found, list[Passage]]:
        """Return passages of different texts: where a hundred documents hold one text, look further for others."""
        vectors = cache(lambda: self._embedder.embed_queries([question]))
        candidates = self._candidates
        while True:
            found = self._ranked(question, vectors, candidates, document_ids)
            passages, lacking = self._widened(found, keep, budget_characters)
            if not lacking or found.is_all or candidates >= MOST_TIMES * self._candidates:
                return found, passages
            candidates *= MORE

    def _ranked(
        self, question: str, vectors: Callable[[], Matrix], candidates: int, document_ids: Collection[str] | None
    ) -> Found:
        lexical = self._library.lexical(question, candidates, document_ids=document_ids)
        weight = self._dense_weight(question, lexical)
        dense: Sequence[Hit] = ()
        if weight > 0 and len(self._library):
            [dense] = self._library.dense(vectors(), candidates, document_ids=document_ids)
        ranking = fuse([normalise(dense), normalise(lexical, floor=0.0)], [weight, 1 - weight])
        is_all = max(len(dense), len(lexical)) < candidates
        return Found(ranking, {hit.key: hit.score for hit in dense}, {hit.key: hit.score for hit in lexical}, is_all)

    def _dense_weight(self, question: str, lexical: Sequence[Hit]) -> float:
        """Return how much the dense leg can know of this question, in [0, 1].

        An embedder that never saw the question's language knows next to nothing of it, and would ruin what BM25 finds:
        `footnote eval run` on XQuAD zh gives R@1 0.131 for it alone, 0.939 for BM25. It is asked only where no term of
        the question is in any document.
        """
        if not lexical:
            return 1.0
        languages = self._embedder.languages
        return DENSE_WEIGHT if "*" in languages or language_of(question) in languages else 0.0

    def _widened(self, found: Found, keep: int, budget_characters: int) -> tuple[list[Passage], bool]:
        """Return passages, and whether there are too few of them because many said the same."""
        passages: list[Passage] = []
        repeats = Repeats()
        left, repeated = budget_characters, False
        for hit, chunk, neighbours in self._looked_up(found.ranking, stride=2 * keep):
            taken = [Span(other.start, other.end) for other in passages if other.document_id == chunk.document_id]
            bare = _without(Span(chunk.start, chunk.end), taken)
            if not len(bare):
                continue
            try:
                document = self._library.document(chunk.document_id)
            except NotFound:  # removed a moment ago
                continue
            own = Span(chunk.start, chunk.end)
            beside = {Span(other.start, other.end): other for other in neighbours}
            unsaid = [other for part, other in beside.items() if not repeats.says(part.of(document.text))]
            span = _widen(bare, chunk, unsaid, taken)
            place = repeats.place_of((own if len(own) >= ALONE_CHARACTERS else span).of(document.text))
            if place is not None:
                passages[place], repeated = _also_at(passages[place], document.source), True
                continue
            if passages and len(span) > left:
                span = bare
                if len(span) > left:
                    return passages, False
            passages.append(self._passage(document, chunk, span, hit.score, found.scores_of(hit.key)))
            for part in {span, own, *beside}:
                if part == own or (span.start <= part.start and part.end <= span.end):
                    repeats.add(part.of(document.text), len(passages) - 1)
            left -= len(span)
            if len(passages) == keep:
                return passages, False
        return passages, repeated

    def _looked_up(self, ranking: Sequence[Hit], *, stride: int) -> Iterator[tuple[Hit, Chunk, list[Chunk]]]:
        """Yield each hit with its chunk and the chunks before and after it; what was removed is passed over.

        The keys of a document's chunks go up by one, in the text's order.
        """
        for first in range(0, len(ranking), stride):
            some = ranking[first : first + stride]
            chunks = self._library.chunks({key for hit in some for key in range(hit.key - 1, hit.key + 2)})
            for hit in some:
                chunk = chunks.get(hit.key)
                if chunk is not None:
                    beside = [chunks[key] for key in (hit.key - 1, hit.key + 1) if key in chunks]
                    yield hit, chunk, [other for other in beside if other.document_id == chunk.document_id]

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


def _widen(span: Span, chunk: Chunk, neighbours: Iterable[Chunk], taken: Sequence[Span]) -> Span:
    """Return the span with the chunk's neighbours, where they are short, in the same chapter, and not taken."""
    for neighbour in neighbours:
        wider = Span(min(span.start, neighbour.start), max(span.end, neighbour.end))
        short = neighbour.end - neighbour.start <= WIDEN_CHARACTERS and neighbour.headings[:1] == chunk.headings[:1]
        if short and not any(wider.overlaps(other) for other in taken):
            span = wider
    return span
