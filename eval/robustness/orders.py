"""The questions in another order, and each of them twice: no answer may depend on what was asked before. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from eval.questions import Dataset
from eval.robustness.perturbation import SAME, TOLD, Compared, Perturbation, Perturbed


def perturbations() -> Iterator[Perturbation]:
    for name, does, change in (
        ("order-shuffled", "The questions are asked in another order", shuffled),
        ("order-twice", "Each question is asked twice, and the second answer is looked at", twice),
    ):
        yield Perturbation(
            name=name,
            family="order",
            does=does,
            wanted="the same answer, word for word",
            compared=(Compared(SAME), TOLD),
            change=change,
        )


def shuffled(dataset: Dataset, seed: int) -> Perturbed:
    questions = list(dataset.questions)
    random.Random(seed).shuffle(questions)
    return Perturbed((replace(dataset, questions=tuple(questions)),))


def twice(dataset: Dataset, _seed: int) -> Perturbed:
    """Of two records of one id, the last counts."""
    return Perturbed((replace(dataset, questions=tuple(one for one in dataset.questions for _ in range(2))),))
