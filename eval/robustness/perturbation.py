"""What a perturbation is: a set made harder in one way, and what is wanted of the answers all the same. Pure data.

Knows no perturbation by name, and nothing of libraries or files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from eval.corpus import Corpus
from eval.questions import Dataset, Question
from eval.record import Record
from rag.retrieve import Reorder
from rag.types import Answer

Reorders = Callable[[Sequence[Question], Corpus], Reorder]
Measure = Callable[[Question, Answer], Mapping[str, float]]
CONTAINS = "answer.contains"
REFUSED = "refusal.refused"
SAME = "same.answer"  # word for word, marks and all: the runner compares it


@dataclass(frozen=True, slots=True)
class Compared:
    """A score of the perturbed questions, and the score of the same questions as they were that it is held against.

    wanted: "higher" or "lower", of the score now; "" where neither is better. was: "" where there is none.
    """

    now: str
    was: str = ""
    wanted: str = "higher"


TOLD = Compared(CONTAINS, CONTAINS)
CITED = Compared("citation.recall", "citation.recall")
HELD = Compared("passages.any", "passages.any")  # the answer stood in the passages
REFUSES = Compared(REFUSED, REFUSED, "lower")
UNCHANGED = Compared(SAME, wanted="")
USUAL = (TOLD, CITED, HELD, REFUSES, UNCHANGED)
ANSWERED = (TOLD, CITED, REFUSES, UNCHANGED)  # where other hands chose the passages


@dataclass(frozen=True, slots=True)
class Perturbed:
    """What became of a set: sets to be asked one after the other, each of its own documents.

    A question that is not among them is one that the perturbation does nothing to. origins: a question's id -> those
    that it was made of, where they are not itself.
    """

    asked: tuple[Dataset, ...]
    origins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(question for dataset in self.asked for question in dataset.questions)

    def origins_of(self, question: str) -> tuple[str, ...]:
        return self.origins.get(question, (question,))


Change = Callable[[Dataset, int], Perturbed]  # of a seed


def nothing_more(_question: Question, _answer: Answer) -> Mapping[str, float]:
    return {}


def always(_clean: Record) -> bool:
    return True


def as_it_is(dataset: Dataset, _seed: int) -> Perturbed:
    return Perturbed((dataset,))


@dataclass(frozen=True, slots=True)
class Perturbation:
    """compared: the first is what it is judged by. change: pure and seeded. reorders: what the answerer is given.

    measure: further scores of an answer. applies: to a question, by its record of the set as it was.
    """

    name: str
    family: str
    does: str  # in a sentence, without its full stop
    wanted: str  # of the answers, in a few words
    compared: tuple[Compared, ...] = USUAL
    change: Change = as_it_is
    reorders: Callable[[int], Reorders] | None = None  # of a seed
    measure: Measure = nothing_more
    applies: Callable[[Record], bool] = always


def reworded(dataset: Dataset, rewrite: Callable[[Question], str | None]) -> Perturbed:
    """Return the questions that are another text when they are rewritten, with it."""
    changed = []
    for question in dataset.questions:
        text = rewrite(question)
        if text is not None and text.strip() and text != question.text:
            changed.append(replace(question, text=text))
    return Perturbed((replace(dataset, questions=tuple(changed)),))
