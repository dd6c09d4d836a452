"""The question in a language model's words, where the settings name one. What it says is not judged here."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from eval.questions import Dataset, Question
from eval.robustness.perturbation import Perturbation, Perturbed, reworded
from rag.errors import FootnoteError
from rag.ports import Message, Writer
from rag.text import has_han

MAX_TOKENS = 120
_ASKED = {
    True: "用另外的说法改写下面的问题，意思不变，只写出改写后的问题：\n{}",
    False: "Ask the following question in other words, without changing what is asked. Write the question alone:\n{}",
}


def perturbations(writer: Writer) -> Iterator[Perturbation]:
    yield Perturbation(
        "paraphrase-written",
        "paraphrase",
        "The question is in a language model's words",
        "the same answer",
        change=partial(_each, writer=writer),
    )


def _each(dataset: Dataset, _seed: int, *, writer: Writer) -> Perturbed:
    def rewrite(question: Question) -> str | None:
        prompt = _ASKED[has_han(question.text)].format(question.text)
        try:
            said = writer.complete([Message("user", prompt)], max_tokens=MAX_TOKENS)
        except FootnoteError:  # it is counted among those that stay as they were
            return None
        return next((line.strip() for line in said.splitlines() if line.strip()), None)

    return reworded(dataset, rewrite)
