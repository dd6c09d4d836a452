"""Which sentences of an answer are to be doubted, and in what words that is said. Pure: draws nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.wire import AnswerOut
from ui.words import Words

# What may speak against a sentence, by the code of the page's language.
PROBLEMS = {
    "en": {
        "number": "a number differs",
        "date": "a date differs",
        "name": "a name differs",
        "negation": "one denies what the other says",
        "cover": "it speaks of something else",
        "entailment": "it does not follow",
    },
    "zh-Hans": {
        "number": "数字不符",
        "date": "日期不符",
        "name": "名称不符",
        "negation": "肯定与否定相反",
        "cover": "说的是别的事",
        "entailment": "由原文推不出",
    },
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """A stretch of the answer for which no source was found, or whose source does not say it."""

    start: int
    end: int
    kind: str  # "uncited", "unsupported"
    why: str


def doubts_of(answer: AnswerOut, words: Words) -> list[Doubt]:
    """Return them, those without any source first."""
    uncited = [
        Doubt(one.answer_start, one.answer_end, "uncited", why(words.uncited, _telling(one.problems), words))
        for one in answer.uncited
    ]
    unsupported = [
        Doubt(one.answer_start, one.answer_end, "unsupported", why(words.unsupported, one.problems, words))
        for one in answer.citations
        if one.status == "unsupported"
    ]
    return uncited + unsupported


def _telling(problems: Sequence[str]) -> list[str]:
    """That the nearest source speaks of something else is what is said already."""
    return [problem for problem in problems if problem != "cover"]


def why(said: str, problems: Sequence[str], words: Words) -> str:
    """Say what speaks against a sentence; a problem of a name that is not known here is left out."""
    named = PROBLEMS[words.code]
    known = [named[problem] for problem in problems if problem in named]
    return f"{said}{words.colon}{words.comma.join(known)}" if known else said
