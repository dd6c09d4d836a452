"""The answer's place within its document: every three documents made one, each of them first in turn. Pure and seeded.

No text is there twice, and each question is asked of as much text as the others, wherever its answer stands.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from eval.questions import Dataset, Paragraph, Question, Support
from eval.robustness.edits import key_of
from eval.robustness.perturbation import Perturbation, Perturbed
from rag.types import Span

TOGETHER = 3
PLACES = ("early", "middle", "late")
BETWEEN = "\n\n"


def perturbations() -> Iterator[Perturbation]:
    for place, name in enumerate(PLACES):
        yield Perturbation(
            name=f"place-{name}",
            family="place",
            does=f"The document is the {('first', 'second', 'last')[place]} third of a longer one",
            wanted="the same answer",
            change=partial(merged, place=place),
        )


@dataclass(frozen=True, slots=True)
class _Whole:
    """Paragraphs made one, and where each of them begins."""

    paragraph: Paragraph
    starts: dict[str, int]


def merged(dataset: Dataset, seed: int, *, place: int) -> Perturbed:
    """Ask each question of the documents in which its own stands at this place; what is left over stays alone."""
    drawn = sorted(dataset.paragraphs, key=lambda paragraph: paragraph.id)
    random.Random(seed).shuffle(drawn)
    count = len(drawn) // TOGETHER
    columns = [drawn[number * count : (number + 1) * count] for number in range(TOGETHER)]
    alone = tuple(drawn[TOGETHER * count :])
    asked = []
    for first in range(TOGETHER):
        order = [columns[(first + step) % TOGETHER] for step in range(TOGETHER)]
        wholes = [_whole(some) for some in zip(*order, strict=True)]
        of = {paragraph.id: whole for paragraph, whole in zip(order[place], wholes, strict=True)}
        questions = tuple(
            _resting(question, of)
            for question in dataset.questions
            if len(question.gold) == 1 and question.gold <= set(of)
        )
        if questions:
            paragraphs = (*(whole.paragraph for whole in wholes), *alone)
            asked.append(replace(dataset, questions=questions, paragraphs=paragraphs))
    return Perturbed(tuple(asked))


def _whole(some: tuple[Paragraph, ...]) -> _Whole:
    starts, at = {}, 0
    for paragraph in some:
        starts[paragraph.id] = at
        at += len(paragraph.text) + len(BETWEEN)
    text = BETWEEN.join(paragraph.text for paragraph in some)
    return _Whole(Paragraph(key_of("", text), text, some[0].language), starts)


def _resting(question: Question, of: dict[str, _Whole]) -> Question:
    return replace(question, supports=tuple(_moved(support, of[support.document]) for support in question.supports))


def _moved(support: Support, whole: _Whole) -> Support:
    start = whole.starts[support.document]
    span = Span(support.span.start + start, support.span.end + start) if support.span is not None else None
    return replace(support, document=whole.paragraph.id, span=span)
