"""Two questions in one, whose answers stand in two documents. Pure and seeded."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from eval.metrics.answers import contains
from eval.questions import Dataset, Question
from eval.robustness.perturbation import CITED, CONTAINS, REFUSES, Compared, Perturbation, Perturbed
from eval.robustness.said import said_in
from rag.text import has_han
from rag.types import Answer

BOTH = "several.both"
_ASKING = re.compile(
    r"(?:what|which|who|whom|whose|when|where|why|how|in|on|at|by|for|is|are|was|were|did|does|do)\b", re.I
)


def perturbations() -> Iterator[Perturbation]:
    yield Perturbation(
        name="several",
        family="integration",
        does="Two questions of different documents are asked as one",
        wanted="both answers, both cited",
        compared=(
            Compared(BOTH, CONTAINS),
            Compared("several.one"),
            CITED,
            REFUSES,
        ),
        change=joined,
        measure=told,
    )


def joined(dataset: Dataset, seed: int) -> Perturbed:
    """Each question is asked once, with one of another document; supports are those of both, key points the answers."""
    questions = list(dataset.questions)
    random.Random(seed).shuffle(questions)
    pairs: list[Question] = []
    origins: dict[str, tuple[str, ...]] = {}
    waiting: dict[bool, list[Question]] = {False: [], True: []}
    for question in questions:
        if not question.answers or not question.supports:
            continue
        others = waiting[has_han(question.text)]
        first = next((one for one in others if not one.gold & question.gold), None)
        if first is None:
            others.append(question)
            continue
        others.remove(first)
        both = _both(first, question)
        pairs.append(both)
        origins[both.id] = (first.id, question.id)
    return Perturbed((replace(dataset, questions=tuple(pairs)),), origins)


def _both(one: Question, other: Question) -> Question:
    return replace(
        one,
        id=f"{one.id} + {other.id}",
        text=as_one(one.text, other.text),
        kind="several",
        answers=(*one.answers, *other.answers),
        key_points=(one.answers, other.answers),
        supports=tuple(
            replace(support, part=part) for part, of in (("1", one), ("2", other)) for support in of.supports
        ),
    )


def as_one(one: str, other: str) -> str:
    if has_han(one):
        return f"{one.rstrip('?？。 ')}？另外，{other}"
    if _ASKING.match(other):
        return f"{one.rstrip('?. ')}, and {other[0].lower()}{other[1:]}"
    return f"{one.rstrip('?. ')}? Also, {other}"


def told(question: Question, answer: Answer) -> Mapping[str, float]:
    """Tell whether the answers to both are told, and whether any is."""
    said = said_in(answer)
    points = [contains(said, [point] if isinstance(point, str) else point) for point in question.key_points]
    return {BOTH: min(points), "several.one": max(points)}
