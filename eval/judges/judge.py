"""What every judge gives, and the sentences of an answer as all of them see it. Knows no judge by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from eval.metrics.quotes import letters
from eval.questions import Question
from rag.text import sentence_spans
from rag.types import Answer, Citation, Span

GROUP = "faithfulness"
_MARK = re.compile(r"[ \t]?\[\d+\]")


class Judge(Protocol):
    @property
    def name(self) -> str: ...

    def score(self, question: Question, answer: Answer) -> dict[str, float]:
        """Return scores of a Record: those of `judged` or of `failed`; none of an answer that was refused."""
        ...


@dataclass(frozen=True, slots=True)
class Sentence:
    """text: without marks. citations: those about any of it."""

    span: Span
    text: str
    citations: tuple[Citation, ...]


def sentences_of(answer: Answer) -> list[Sentence]:
    """Return the sentences that say something, in order; the mark of one may stand at the head of the next."""
    found = []
    for span in sentence_spans(answer.text):
        text = without_marks(span.of(answer.text))
        if letters(text):
            about = (one for one in answer.citations if one.answer_span.overlaps(span))
            found.append(Sentence(span, text, tuple(about)))
    return found


def without_marks(text: str) -> str:
    return _MARK.sub("", text).strip()


def judged(name: str, supported: Sequence[bool]) -> dict[str, float]:
    """Return the scores of a judge that found so much of an answer supported."""
    key = f"{GROUP}.{name}"
    return {key: float(sum(supported)), f"{key}_of": float(len(supported)), f"{key}_failed": 0.0}


def failed(name: str) -> dict[str, float]:
    return {f"{GROUP}.{name}_failed": 1.0}
