"""Where in a passage a sentence stands. Pure over text; whether what stands there says it is asked of rag.check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from rag.check.verdict import verdict as verdict
from rag.text import search_terms, sentence_spans
from rag.types import Span, Verdict

# A claim and a quote to whether the second says the first.
Check = Callable[[str, str], Verdict]

MAX_QUOTE_SENTENCES = 3
# A second sentence joins the quote only for this much more of the claim.
MIN_GAIN = 0.15
# What guard_marks (rag/cite.py) may have changed; each is one character, so offsets hold.
_BRACKETS = str.maketrans("［］【】", "[][]")


def best_quote(claim: str, passage: str) -> Span:
    """Return the span of the passage that the claim rests on: its own words where they stand there, else the
    sentences, at most MAX_QUOTE_SENTENCES in a row, that hold most of its terms.

    An empty passage gives an empty span.
    """
    exact = passage.translate(_BRACKETS).find(claim.translate(_BRACKETS)) if claim else -1
    if exact >= 0:
        return Span(exact, exact + len(claim))
    sentences = sentence_spans(passage)
    if not sentences:
        return Span(0, len(passage))
    wanted = Counter(search_terms(claim))
    held = [Counter(search_terms(sentence.of(passage))) for sentence in sentences]
    covers = [_cover(wanted, terms) for terms in held]
    first = last = max(range(len(sentences)), key=lambda i: (covers[i], -len(sentences[i])))
    terms, cover = held[first], covers[first]
    while last - first + 1 < MAX_QUOTE_SENTENCES:
        options = [i for i in (first - 1, last + 1) if 0 <= i < len(sentences)]
        if not options:
            break
        best = max(options, key=lambda i: _cover(wanted, terms | held[i]))
        widened = _cover(wanted, terms | held[best])
        if widened - cover < MIN_GAIN:
            break
        first, last = min(first, best), max(last, best)
        terms, cover = terms | held[best], widened
    return Span(sentences[first].start, sentences[last].end)


def _cover(wanted: Counter[str], held: Counter[str]) -> float:
    total = wanted.total()
    return (wanted & held).total() / total if total else 0.0
