"""Turn marks in a stream of text into checked citations. Pure over text: knows nothing of models, stores or pages.

A generator writes [2] after what rests on its second passage. Readers see footnotes numbered in the order in which
they first appear, one number for each quoted span. A mark that names no passage never reaches them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.support import Check, best_quote, verdict
from rag.text import sentence_spans
from rag.types import Citation, CitationStatus, Cited, Delta, Passage, Span

_MARK = re.compile(r"[\[【] ?\d{1,3}(?: ?[,，、;；] ?\d{1,3}){0,9} ?[\]】]")
# What may still become a mark when more text comes: any beginning of one.
_UNFINISHED = re.compile(r"[\[【] ?(?:\d{1,3}(?: ?[,，、;；] ?\d{1,3}){0,9}(?: |(?: ?[,，、;；] ?))?)?\Z")
_NUMBER = re.compile(r"\d+")
_SPACES_BEFORE_MARK = re.compile(r"[ \t]+\Z")


def guard_marks(text: str) -> str:
    """Return quoted text with its own [3] written ［3］, so that it is not taken for a mark of the answer."""
    return _MARK.sub(lambda match: "［" + match.group()[1:-1] + "］", text)


class Citer:
    """Feed it a generator's text piece by piece; it gives what may be shown, and each footnote when its mark is whole.

    The pieces may be cut anywhere: the events' texts joined, and the citations, are the same.
    """

    def __init__(self, passages: Sequence[Passage], check: Check = verdict) -> None:
        self._passages = passages
        self._check = check
        self._held = ""  # not shown yet: it may be the beginning of a mark
        self._shown: list[str] = []
        self._length = 0
        self._claim_start = 0  # where the text not yet claimed by any mark begins
        self._last_claim: Span | None = None
        self._numbers: dict[tuple[str, Span], int] = {}
        self.citations: list[Citation] = []

    @property
    def text(self) -> str:
        return "".join(self._shown)

    def feed(self, piece: str) -> Iterator[Delta | Cited]:
        self._held += piece
        while match := _MARK.search(self._held):
            before, mark = self._held[: match.start()], match.group()
            self._held = self._held[match.end() :]
            yield from self._footnotes(before, [int(number) for number in _NUMBER.findall(mark)])
        safe = self._safe_length()
        if safe:
            ready, self._held = self._held[:safe], self._held[safe:]
            yield self._show(ready)

    def close(self) -> Iterator[Delta | Cited]:
        """Give what was held back: there is no more text that could make it a mark."""
        if self._held:
            ready, self._held = self._held, ""
            yield self._show(ready)

    def _safe_length(self) -> int:
        """Return how much of what is held can be shown now: not an unfinished mark, nor white space before one."""
        unfinished = _UNFINISHED.search(self._held)
        text = self._held[: unfinished.start()] if unfinished else self._held
        return len(text.rstrip(" \t"))

    def _show(self, text: str) -> Delta:
        self._shown.append(text)
        self._length += len(text)
        return Delta(text)

    def _footnotes(self, before: str, numbers: Sequence[int]) -> Iterator[Delta | Cited]:
        named = [number for number in dict.fromkeys(numbers) if 1 <= number <= len(self._passages)]
        spaces = _SPACES_BEFORE_MARK.search(before)
        text, gap = (before[: spaces.start()], spaces.group()) if spaces else (before, "")
        if text:
            yield self._show(text)
        if not named:
            # The bracket goes, and so does the space that stood before it.
            return
        claim = self._claim()
        for number in named:
            citation = self._cite(claim, self._passages[number - 1])
            known = citation in self.citations
            yield self._show(f"{gap}[{citation.mark}]")
            gap = ""
            if not known:
                self.citations.append(citation)
                yield Cited(citation)
        self._claim_start = self._length

    def _claim(self) -> Span:
        """Return the span of the answer that the mark is about: the sentence it ends, or stands in."""
        shown = self.text
        sentences = sentence_spans(shown, self._claim_start)
        if sentences and any(character.isalnum() for character in sentences[-1].of(shown)):
            self._last_claim = sentences[-1]
        elif self._last_claim is None:
            self._last_claim = Span(self._length, self._length)
        return self._last_claim  # a second mark after the same sentence: [1] [2]

    def _cite(self, claim: Span, passage: Passage) -> Citation:
        text = claim.of(self.text)
        quote = best_quote(text, passage.text)
        span = Span(passage.start + quote.start, passage.start + quote.end)
        words = quote.of(passage.text)
        found = self._check(text, words)
        return Citation(
            mark=self._numbers.setdefault((passage.document_id, span), len(self._numbers) + 1),
            answer_span=claim,
            document_id=passage.document_id,
            version=passage.version,
            title=passage.title,
            source=passage.source,
            span=span,
            quote=words,
            status=CitationStatus.VERIFIED if found.supported else CitationStatus.UNSUPPORTED,
            problems=found.problems,
        )
