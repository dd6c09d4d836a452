"""Read what people said of answers in the UI as a set: their questions, with what they found right.

Each line is one person's word on one answer, as GET /feedback exports it. The majority decides whether an answer was
right; a person's last word on it counts. Of right answers the cited quotes are supports; what people expected instead
of a wrong one is its answer. Questions that read the same are one. Nothing is dropped in silence: what is left out is
named with the reason.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.datasets.files import Files
from eval.datasets.qa import placed
from eval.datasets.reading import json_lines, objects, text
from eval.metrics.safety import MARK
from eval.questions import Dataset, Question, Remark, Support
from rag.text import fold, has_han, language_of

HINT = "each line is an object with question, answer, refused, citations and verdict, as the feedback export writes it"
RIGHT, WRONG, TIE = "right", "wrong", "tie"
MOST_CHARACTERS, MOST_HAN_CHARACTERS = 40, 20  # of an answer whose very words are wanted: more is a sentence


@dataclass(frozen=True, slots=True)
class _Said:
    """What one person said of one answer."""

    id: str
    question: str
    answer: str
    refused: bool
    citations: tuple[Support, ...]
    rater: str
    verdict: str  # "" where none was given
    expected: str


def load_feedback(spec: str, file: Path, files: Files) -> Dataset:
    """files: those that were asked about. Raises Malformed."""
    mended: list[Remark] = []
    skipped: list[Remark] = []
    by_question: dict[str, list[_Said]] = {}
    for number, said in json_lines(file, "the feedback's", HINT, _said, mended):
        if said.question:
            by_question.setdefault(" ".join(fold(said.question).split()), []).append(said)
        else:
            skipped.append(Remark(said.id or f"line {number}", "the question is empty"))
    questions: dict[str, Question] = {}
    for all_said in by_question.values():
        question, reason = _judged(all_said, files)
        if not reason and question.id in questions:
            reason = "another question has this id already"
        if reason:
            skipped.append(Remark(question.id, reason))
            continue
        questions[question.id] = placed(question, files)
        if len(all_said) > 1:
            mended.append(Remark(question.id, f"{len(all_said)} judgements of this question are taken together"))
    return Dataset(
        spec=spec,
        questions=tuple(questions.values()),
        folder=files.folder,
        library=files.library,
        skipped=tuple(skipped),
        mended=tuple(mended),
    )


def _judged(said: Sequence[_Said], files: Files) -> tuple[Question, str]:
    """Return the question, and why it cannot be asked, "" where it can."""
    verdicts = _verdicts(said)
    right = [one for one in said if verdicts[one.answer, one.refused] == RIGHT and one.verdict == RIGHT]
    given = [one for one in right if not one.refused]
    expected = tuple(dict.fromkeys(one.expected for one in right or said if one.expected))
    supports = tuple(dict.fromkeys(support for one in given for support in one.citations))
    short = tuple(dict.fromkeys(one.answer for one in given if _is_short(one.answer)))
    answers = expected or short
    first = (right or said)[0]
    question = Question(
        id=first.id or first.question,
        text=first.question,
        language=language_of(first.question),
        kind="right" if right else "wrong",
        answers=answers,
        supports=supports,
        unplaced=(bool(given) and not supports) or (bool(answers) and not right),
    )
    return question, _unfit(question, verdicts.values(), right) or files.lacking(question.gold)


def _unfit(question: Question, verdicts: Collection[str], right: Sequence[_Said]) -> str:
    if len({one.refused for one in right}) > 1:
        return "an answer was found right, and so was a refusal"
    if right or question.answers:
        return ""
    if TIE in verdicts:
        return "as many people found the answer right as wrong"
    if WRONG in verdicts:
        return "the answer was wrong, and nobody said what was expected"
    return "nobody said whether the answer was right"


def _verdicts(said: Sequence[_Said]) -> dict[tuple[str, bool], str]:
    """Return of each answer, and whether it was a refusal, what most people found it."""
    last: dict[tuple[str, bool], dict[str, str]] = {}
    for number, one in enumerate(said):
        of_answer = last.setdefault((one.answer, one.refused), {})
        if one.verdict:
            of_answer[one.rater or f"line {number}"] = one.verdict
    found = {}
    for key, votes in last.items():
        counted = Counter(votes.values())
        right, wrong = counted[RIGHT], counted[WRONG]
        found[key] = "" if not votes else TIE if right == wrong else RIGHT if right > wrong else WRONG
    return found


def _is_short(answer: str) -> bool:
    most = MOST_HAN_CHARACTERS if has_han(answer) else MOST_CHARACTERS
    return 0 < len(answer) <= most and "\n" not in answer


def _said(row: Mapping[str, Any]) -> _Said:
    verdict = text(row, "verdict", "")
    if verdict not in (RIGHT, WRONG, ""):
        raise ValueError(f"verdict is {verdict!r}, not {RIGHT!r}, {WRONG!r} or null")
    refused = row.get("refused", False)
    if not isinstance(refused, bool):
        raise TypeError(f"refused is {refused!r:.60}, not true or false")
    return _Said(
        id=text(row, "id", ""),
        question=unicodedata.normalize("NFC", text(row, "question")).strip(),
        answer=MARK.sub("", unicodedata.normalize("NFC", text(row, "answer", ""))).strip(),
        refused=refused,
        citations=tuple(
            Support(text(item, "source"), text(item, "quote"))
            for item in objects(row, "citations")
            if text(item, "quote").strip()
        ),
        rater=text(row, "rater", ""),
        verdict=verdict,
        expected=unicodedata.normalize("NFC", text(row, "expected", "")).strip(),
    )
