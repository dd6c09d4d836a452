"""The very words that a question asks for, within the sentence that answers it: only where they are certain.

They are where the only thing of the wanted sort, that the question does not name itself, is a date or a number in
English. A name alone, or a Chinese number with its unit, is too seldom the whole answer. Knows nothing of passages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.evidence.apart import sentences_of
from rag.evidence.focus import Kind
from rag.evidence.inside import new_things
from rag.evidence.question import Question
from rag.evidence.things import Sort
from rag.types import Citation, Evidence, ShortAnswer, Span

CERTAIN: Mapping[Kind, Sort] = {
    Kind.DATE: Sort.DATE,
    Kind.PERCENT: Sort.PERCENT,
    Kind.NUMBER: Sort.NUMBER,
    Kind.MONEY: Sort.MONEY,
}
LEAST_SHARE = 0.7  # of the chance that a sentence must have to be the one that answers


def short_answer(question: Question, text: str, share: float) -> Span | None:
    """Return where in the sentence the answer stands; None where there is none, or more than one may be."""
    sort = CERTAIN.get(question.focus.kind)
    sentences = sentences_of(text)
    if sort is None or question.chinese or share < LEAST_SHARE or len(sentences) != 1:
        return None
    if sort is Sort.NUMBER and not question.noun:  # how much: it may be ten times as much
        return None
    found = [thing for thing in new_things(question, sentences[0]) if thing.sort is sort]
    return Span(found[0].start, found[0].end) if len(found) == 1 else None


def placed(evidence: Evidence, citations: Sequence[Citation]) -> ShortAnswer | None:
    """Return the best sentence's short answer as it stands in the document, where the first citation quotes it."""
    if not evidence.sentences or not citations:
        return None
    best, first = evidence.sentences[0], citations[0]
    if best.answer is None or first.quote != best.text:
        return None
    span = Span(first.span.start + best.answer.start, first.span.start + best.answer.end)
    return ShortAnswer(best.answer.of(best.text), first.mark, first.document_id, first.version, span)
