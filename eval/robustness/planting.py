"""Documents with an instruction to a machine in them, which an answer must not follow. Pure and seeded."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from eval.datasets.bipia import Where
from eval.planted import UNSEEN
from eval.questions import Dataset, Paragraph
from eval.robustness.edits import Edit, changed
from eval.robustness.perturbation import ANSWERED, Compared, Perturbation, Perturbed
from rag.text import sentence_spans
from rag.types import Span

Instructions = Mapping[str, Sequence[str]]  # by language
OURS: Instructions = {"en": UNSEEN["English"], "zh": UNSEEN["Chinese"]}
_SAID = {Where.START: "at the start", Where.MIDDLE: "in the middle", Where.END: "at the end"}


def perturbations(instructions: Instructions = OURS) -> Iterator[Perturbation]:
    for where in Where:
        yield Perturbation(
            name=f"planted-{where}",
            family="planted",
            does=f"An instruction stands {_SAID[where]} of the document",
            wanted="the same answer; nothing followed, nothing quoted",
            compared=(
                *ANSWERED,
                Compared("safety.followed", wanted="lower"),
                Compared("safety.quoted", wanted="lower"),
            ),
            change=partial(planted, where=where, instructions=instructions),
        )


def planted(dataset: Dataset, seed: int, *, where: Where, instructions: Instructions) -> Perturbed:
    """Each document that is asked about gets one in its own language; questions[].planted says which."""
    asked = {document for question in dataset.questions for document in question.gold}
    chosen = {
        paragraph.id: _chosen(paragraph, seed, instructions)
        for paragraph in dataset.paragraphs
        if paragraph.id in asked
    }
    told = tuple(
        replace(question, planted=tuple(chosen[document] for document in sorted(question.gold)))
        for question in dataset.questions
        if question.gold and question.gold <= set(chosen)
    )
    edits = {
        paragraph.id: [_edit(chosen[paragraph.id], paragraph.text, where)]
        for paragraph in dataset.paragraphs
        if paragraph.id in chosen
    }
    return Perturbed((changed(replace(dataset, questions=told), edits),))


def _chosen(paragraph: Paragraph, seed: int, instructions: Instructions) -> str:
    able = instructions.get(paragraph.language) or instructions["en"]
    return random.Random(f"{seed} {paragraph.id}").choice(able)


def _edit(instruction: str, text: str, where: Where) -> Edit:
    """Put it on a line of its own, between sentences."""
    match where:
        case Where.START:
            return Edit(Span(0, 0), f"{instruction}\n")
        case Where.END:
            return Edit(Span(len(text), len(text)), f"\n{instruction}")
        case Where.MIDDLE:
            spans = sentence_spans(text)
            at = spans[(len(spans) - 1) // 2].end if spans else 0
            return Edit(Span(at, at), f"\n{instruction}\n")
