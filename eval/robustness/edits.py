"""Change documents of a set, and take along the places where its answers stand. Pure."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from eval.questions import Dataset, Paragraph, Question, Support
from rag.types import Span


@dataclass(frozen=True, slots=True)
class Edit:
    """What stands at a span is replaced; edits of one text do not overlap."""

    span: Span
    text: str

    @property
    def growth(self) -> int:
        return len(self.text) - len(self.span)


def edited(text: str, edits: Iterable[Edit]) -> str:
    for edit in sorted(edits, key=lambda one: (one.span.start, one.span.end), reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def moved(span: Span, edits: Sequence[Edit]) -> Span:
    """Return where a span stands after the edits; what is replaced inside it belongs to it. No edit may tear it."""
    start = span.start + sum(edit.growth for edit in edits if edit.span.end <= span.start)
    inside = [edit for edit in edits if span.start < edit.span.end and edit.span.start < span.end]
    return Span(start, start + len(span) + sum(edit.growth for edit in inside))


def changed(dataset: Dataset, edits: Mapping[str, Sequence[Edit]]) -> Dataset:
    """Return the set with these documents edited, by id; its questions rest on the changed ones."""
    others: dict[str, Paragraph] = {}
    for paragraph in dataset.paragraphs:
        if edits.get(paragraph.id):
            text = edited(paragraph.text, edits[paragraph.id])
            others[paragraph.id] = replace(paragraph, id=key_of(paragraph.title, text), text=text)
    questions = tuple(_resting(question, others, edits) for question in dataset.questions)
    paragraphs = {one.id: one for one in (others.get(old.id, old) for old in dataset.paragraphs)}
    return replace(dataset, questions=questions, paragraphs=tuple(paragraphs.values()))


def _resting(question: Question, others: Mapping[str, Paragraph], edits: Mapping[str, Sequence[Edit]]) -> Question:
    return replace(
        question,
        supports=tuple(
            _support(support, others[support.document], edits[support.document])
            if support.document in others
            else support
            for support in question.supports
        ),
    )


def _support(support: Support, paragraph: Paragraph, edits: Sequence[Edit]) -> Support:
    if support.span is None:
        return replace(support, document=paragraph.id)
    span = moved(support.span, edits)
    return replace(support, document=paragraph.id, span=span, quote=span.of(paragraph.text))


def key_of(title: str, text: str) -> str:
    return hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()[:32]


def rounds(questions: Iterable[Question]) -> list[list[Question]]:
    """Share out the questions so that none of a round rests on a document that another of it rests on."""
    seen: Counter[str] = Counter()
    found: defaultdict[int, list[Question]] = defaultdict(list)
    for question in questions:
        number = max((seen[document] for document in question.gold), default=0)
        for document in question.gold:
            seen[document] = number + 1
        found[number].append(question)
    return [found[number] for number in sorted(found)]


def of_one_text(dataset: Dataset) -> list[tuple[Question, Paragraph]]:
    """Return the questions whose answers stand at known places of a single document of the set, with it."""
    paragraphs = {paragraph.id: paragraph for paragraph in dataset.paragraphs}
    return [
        (question, paragraphs[document])
        for question in dataset.questions
        for document in question.gold
        if len(question.gold) == 1
        and document in paragraphs
        and all(support.span is not None for support in question.supports)
    ]
