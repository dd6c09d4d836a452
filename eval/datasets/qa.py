"""Read questions on a person's own files, in the form of gold/qa.jsonl. Knows nothing of libraries or of scoring.

Nothing is dropped in silence: what is left out, or mended, is named with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from eval.datasets.files import Files
from eval.datasets.reading import json_lines, objects, text, texts
from eval.questions import Dataset, Question, Remark, Support
from rag.text import language_of

HINT = "each line is an object with id, question, answers and support, a list of {file, quote}"


def load_qa(spec: str, file: Path, files: Files) -> Dataset:
    """files: those that are asked about. Raises Malformed."""
    questions: dict[str, Question] = {}
    skipped: list[Remark] = []
    mended: list[Remark] = []
    for _, question in json_lines(file, "qa:'s", HINT, _question, mended):
        reason = _unfit(question, questions, files)
        if reason:
            skipped.append(Remark(question.id, reason))
        else:
            questions[question.id] = placed(question, files)
    return Dataset(
        spec=spec,
        questions=tuple(questions.values()),
        folder=files.folder,
        library=files.library,
        skipped=tuple(skipped),
        mended=tuple(mended),
    )


def placed(question: Question, files: Files) -> Question:
    """Return the question with its files called by their keys; those that are not there keep their names."""
    supports = (replace(one, document=files.find(one.document) or one.document) for one in question.supports)
    return replace(question, supports=tuple(supports))


def _unfit(question: Question, questions: Mapping[str, Question], files: Files) -> str:
    if not question.text.strip():
        return "the question is empty"
    if question.id in questions:
        return "another question has this id already"
    return files.lacking(question.gold)


def _question(row: Mapping[str, Any]) -> Question:
    wording = text(row, "question").strip()
    slices = row.get("slices") or {}
    return Question(
        id=text(row, "id"),
        text=wording,
        language=text(row, "lang", "") or language_of(wording),
        kind=text(row, "type", ""),
        answers=tuple(answer for answer in texts(row, "answers") if answer.strip()),
        supports=tuple(Support(text(item, "file"), text(item, "quote", "")) for item in objects(row, "support")),
        key_points=texts(row, "key_points"),
        slices={str(name): text(slices, name) for name in slices},
        synthetic=row.get("synthetic") is True,
    )
