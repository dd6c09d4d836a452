"""Where in the passages a sentence of an answer stands. Pure over text: whether what stands there says it is not asked.

A term weighs by how rare it is among the passages' own sentences: a name tells them apart, "the" does not.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rag.claims import words
from rag.text import WORD_SIGN, search_terms, sentence_spans
from rag.types import Passage, Span
from rag.words import CHINESE_STOP_WORDS, ENGLISH_STOP_WORDS

MOST_SENTENCES = 3  # in a row, of one quote
# A further sentence joins a quote only for this much more of the claim.
MIN_GAIN = 0.15
SHORT_WORDS = 5  # a claim of fewer is quoted with the whole sentence that it stands in
CONTEXT_WEIGHT = 0.2  # of the question's terms, beside the claim's
STOP_WEIGHT = 0.1  # of what it would be, for a word that says nothing: few sentences are too little to tell it by
# What guard_marks (rag/marks.py) may have changed; each is one character, so offsets hold.
BRACKETS = str.maketrans("［］【】", "[][]")


@lru_cache(maxsize=1)
def _stop_terms() -> frozenset[str]:
    return frozenset(
        search_terms(" ".join(ENGLISH_STOP_WORDS | {"and", "so", "also", "be", "been", "its", "their"}))
    ) | {term for word in CHINESE_STOP_WORDS for term in (word, word + WORD_SIGN)}


def tells(text: str) -> bool:
    """Tell whether a text has a word by which it could be found: "and so on" has none."""
    return any(term not in _stop_terms() for term in search_terms(text))


@dataclass(frozen=True, slots=True)
class Found:
    """A span of passage `index`'s text, and the share of the claim's weight that it holds."""

    index: int
    span: Span
    cover: float


class _Page:
    """A passage's sentences and the terms of each, taken apart when first asked for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.bare = text.translate(BRACKETS)

    @cached_property
    def spans(self) -> list[Span]:
        return sentence_spans(self.text)

    @cached_property
    def terms(self) -> list[frozenset[str]]:
        return [frozenset(search_terms(span.of(self.text))) for span in self.spans]


@dataclass(frozen=True, slots=True)
class _Claim:
    text: str
    terms: frozenset[str]
    context: frozenset[str]  # the question's terms, where the claim alone says too little to be found by


class Quotes:
    """The passages that an answer may quote. question: what a claim of a word or two is an answer to."""

    def __init__(self, passages: Sequence[Passage], question: str = "") -> None:
        self._pages = [_Page(passage.text) for passage in passages]
        self._question = question
        self._weights: dict[str, float] = {}

    def best(self, claim: str, index: int) -> Found:
        """Return the span of the passage that the claim rests on: its own words where they stand there, else the
        sentences, at most MOST_SENTENCES in a row, that hold most of it. An empty passage gives an empty span.
        """
        return self._best(self._taken_apart(claim), index)

    def ranked(self, claim: str) -> list[Found]:
        """Return the best span of every passage, best first, passages that share nothing with the claim left out."""
        taken = self._taken_apart(claim)

        def preference(one: Found) -> tuple[float, int]:
            context = self._share(taken.context, frozenset(search_terms(self.text(one)))) if taken.context else 0.0
            return -(one.cover + CONTEXT_WEIGHT * context), one.index

        found = [self._best(taken, index) for index in range(len(self._pages))]
        return sorted((one for one in found if one.cover > 0), key=preference)

    def further(self, claim: str, found: Found) -> Found | None:
        """Return another sentence of the same passage, apart from what was found, that holds what that lacks."""
        page, wanted = self._pages[found.index], self._taken_apart(claim).terms
        held = frozenset(search_terms(self.text(found)))
        others = [i for i, span in enumerate(page.spans) if not span.overlaps(found.span)]
        if not others:
            return None
        best = max(others, key=lambda i: (self._share(wanted, held | page.terms[i]), -i))
        if self._share(wanted, held | page.terms[best]) - self._share(wanted, held) < MIN_GAIN:
            return None
        return Found(found.index, page.spans[best], self._share(wanted, page.terms[best]))

    def holds(self, claim: str, index: int) -> bool:
        """Tell whether the passage has the claim's very words."""
        return claim.translate(BRACKETS) in self._pages[index].bare

    def text(self, found: Found) -> str:
        return found.span.of(self._pages[found.index].text)

    def _best(self, claim: _Claim, index: int) -> Found:
        page = self._pages[index]
        exact = page.bare.find(claim.text) if claim.text else -1
        if exact >= 0:
            return Found(index, self._whole(page, Span(exact, exact + len(claim.text)), claim), 1.0)
        if not page.spans:
            return Found(index, Span(0, len(page.text)), 0.0)
        first = last = max(range(len(page.spans)), key=lambda i: self._preference(page, i, claim))
        held = page.terms[first]
        share = self._share(claim.terms, held)
        while last - first + 1 < MOST_SENTENCES:
            beside = [i for i in (first - 1, last + 1) if 0 <= i < len(page.spans)]
            if not beside:
                break
            best = max(beside, key=lambda i: self._share(claim.terms, held | page.terms[i]))
            widened = self._share(claim.terms, held | page.terms[best])
            if widened - share < MIN_GAIN:
                break
            first, last = min(first, best), max(last, best)
            held, share = held | page.terms[best], widened
        return Found(index, Span(page.spans[first].start, page.spans[last].end), share)

    def _whole(self, page: _Page, span: Span, claim: _Claim) -> Span:
        """Widen a word or two to the sentence that they stand in; of several, to the one nearest to the question."""
        if words(claim.text) >= SHORT_WORDS:
            return span
        holding = [i for i, one in enumerate(page.spans) if claim.text in one.of(page.bare)]
        if not holding:
            return span
        return page.spans[max(holding, key=lambda i: self._preference(page, i, claim))]

    def _preference(self, page: _Page, sentence: int, claim: _Claim) -> tuple[float, int]:
        held = page.terms[sentence]
        near = self._share(claim.context, held)
        return self._share(claim.terms, held) + CONTEXT_WEIGHT * near, -len(page.spans[sentence])

    def _taken_apart(self, claim: str) -> _Claim:
        context = search_terms(self._question) if words(claim) < SHORT_WORDS else ()
        return _Claim(claim.translate(BRACKETS), frozenset(search_terms(claim)), frozenset(context))

    def _share(self, wanted: frozenset[str], held: frozenset[str]) -> float:
        total = math.fsum(map(self._weight, wanted))  # exact, so the same in whatever order the terms come
        return math.fsum(map(self._weight, wanted & held)) / total if total else 0.0

    def _weight(self, term: str) -> float:
        weight = self._weights.get(term)
        if weight is None:
            sentences, counts = self._counts
            count = max(1, counts[term])  # what no sentence has is the claim's own word for it: no rarer than a name
            weight = math.log(1.0 + (sentences - count + 0.5) / (count + 0.5))
            self._weights[term] = weight = weight * STOP_WEIGHT if term in _stop_terms() else weight
        return weight

    @cached_property
    def _counts(self) -> tuple[int, Counter[str]]:
        counts = Counter(term for page in self._pages for terms in page.terms for term in terms)
        return sum(len(page.spans) for page in self._pages), counts
