"""Take away what answers a question: the whole document, or its sentences that hold the answer. Pure and seeded.

The questions rest on nothing then, so that a refusal is wanted. Another document may answer all the same, which is not
known here: some answers are given for a good reason.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from eval.questions import Dataset, Question
from eval.robustness.edits import Edit, changed, of_one_text, rounds
from eval.robustness.perturbation import REFUSED, Compared, Perturbation, Perturbed
from rag.text import sentence_spans
from rag.types import Span

FOLDS = 5  # libraries, each without so great a part of the documents that are asked about

_COMPARED = (Compared(REFUSED, REFUSED),)


def perturbations() -> Iterator[Perturbation]:
    yield Perturbation(
        name="unanswerable",
        family="unanswerable",
        does="The document that answers is not in the library",
        wanted="a refusal",
        compared=_COMPARED,
        change=gone,
    )
    yield Perturbation(
        name="unanswerable-hard",
        family="unanswerable",
        does="The document is there without its sentences that hold the answer",
        wanted="a refusal",
        compared=_COMPARED,
        change=cut,
    )


def gone(dataset: Dataset, seed: int) -> Perturbed:
    documents = sorted({document for question in dataset.questions for document in question.gold})
    random.Random(seed).shuffle(documents)
    asked = []
    for fold in range(FOLDS):
        taken = set(documents[fold::FOLDS])
        questions = [question for question in dataset.questions if question.gold and question.gold <= taken]
        left = tuple(paragraph for paragraph in dataset.paragraphs if paragraph.id not in taken)
        if questions and left:
            asked.append(replace(dataset, questions=tuple(map(_resting_on_nothing, questions)), paragraphs=left))
    return Perturbed(tuple(asked))


def cut(dataset: Dataset, _seed: int) -> Perturbed:
    edits: dict[str, list[Edit]] = {}
    able: list[Question] = []
    for question, paragraph in of_one_text(dataset):
        spans = holding(paragraph.text, [one.span for one in question.supports if one.span], question.answers)
        if sum(map(len, spans)) < len(paragraph.text.strip()):
            edits[question.id] = [Edit(span, "") for span in spans]
            able.append(question)
    asked = []
    for some in rounds(able):
        rested = replace(dataset, questions=tuple(some))
        without = changed(rested, {next(iter(question.gold)): edits[question.id] for question in some})
        asked.append(replace(without, questions=tuple(map(_resting_on_nothing, some))))
    return Perturbed(tuple(asked))


def holding(text: str, answers: Sequence[Span], words: Sequence[str]) -> list[Span]:
    """Return the sentences that an answer stands in, or that say its words again."""
    return [
        span
        for span in sentence_spans(text)
        if any(span.overlaps(answer) for answer in answers) or any(word in span.of(text) for word in words)
    ]


def _resting_on_nothing(question: Question) -> Question:
    return replace(question, kind="unanswerable", answers=(), supports=())
