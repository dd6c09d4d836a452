"""Read questions on a folder of files, in the form of gold/qa.jsonl. Knows nothing of libraries or of scoring.

Nothing is dropped in silence: what is left out is named with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval.questions import Dataset, Question, Remark, Support
from rag.errors import Malformed, NotFound
from rag.text import language_of


def load_qa(spec: str, file: Path, documents: Path | None) -> Dataset:
    """documents: the files asked about; None: `seeds` beside the file's own folder. Raises Malformed, NotFound."""
    folder = documents if documents is not None else file.resolve().parent.parent / "seeds"
    if not folder.is_dir():
        raise NotFound(
            f"{folder} is not a folder", hint="say with --documents where the files are that the questions ask about"
        )
    questions: dict[str, Question] = {}
    skipped: list[Remark] = []
    for number, line in enumerate(file.read_text(encoding="utf-8-sig").split("\n"), 1):
        if not line.strip():
            continue
        try:
            question = _qa_question(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Malformed(
                f"{file}:{number} is not a question: {type(error).__name__}: {error}",
                hint="each line is an object with id, question, answers and support, a list of {file, quote}",
            ) from error
        missing = [name for name in sorted(question.gold) if not (folder / name).is_file()]
        if missing:
            skipped.append(Remark(question.id, f"it rests on {', '.join(missing)}, which {folder} does not hold"))
        elif question.id in questions:
            skipped.append(Remark(question.id, "another question has this id already"))
        else:
            questions[question.id] = question
    return Dataset(spec=spec, questions=tuple(questions.values()), folder=folder, skipped=tuple(skipped))


def _qa_question(row: Mapping[str, Any]) -> Question:
    wording = str(row["question"])
    return Question(
        id=str(row["id"]),
        text=wording,
        language=str(row.get("lang") or language_of(wording)),
        kind=str(row.get("type", "")),
        answers=tuple(map(str, row["answers"])),
        supports=tuple(Support(document=str(item["file"]), quote=str(item["quote"])) for item in row["support"]),
        key_points=tuple(map(str, row.get("key_points", ()))),
        slices={str(name): str(value) for name, value in dict(row.get("slices") or {}).items()},
        synthetic=bool(row.get("synthetic", False)),
    )
