"""Keep each question's answer and record as they come, so that a run killed at any moment can go on.

An answer is written before its record, each as one line. Of what a killed run left, the questions count from the first
for as long as every line is whole and every answer there; what follows is cut off, and asked again. Knows nothing of
what is asked, or of what decides it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from eval.folder.names import ANSWERS, QUESTIONS
from eval.folder.write import append_line
from eval.record import Record


class Journal:
    def __init__(self, folder: Path) -> None:
        """Both files are appended to."""
        self._answers = folder / ANSWERS
        self._records = folder / QUESTIONS
        self._stack = ExitStack()

    def __enter__(self) -> Journal:
        self._answers_file, self._records_file = (
            self._stack.enter_context(path.open("ab", buffering=0)) for path in (self._answers, self._records)
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def add(self, record: Record, answer: Mapping[str, Any] | None) -> None:
        """answer: without the question's id, which is put before it. Raises OSError that names the file."""
        if answer is not None:
            append_line(self._answers_file, self._answers, {"id": record.id, **answer})
        append_line(self._records_file, self._records, record.row())


def whole(folder: Path, asked: Sequence[str]) -> list[Record]:
    """Return what can be believed of the questions asked before, and cut the rest off both files.

    asked: the ids of the run's questions, in order.
    """
    answers, questions = folder / ANSWERS, folder / QUESTIONS
    if not questions.exists() or not answers.exists():
        return _none(answers, questions)
    records: list[Record] = []
    answers_end = questions_end = 0
    with answers.open("rb") as answer_lines, questions.open("rb") as question_lines:
        answered = _rows(answer_lines)
        for (row, end), name in zip(_rows(question_lines), asked, strict=False):
            record = _record(row)
            if record is None or record.id != name:
                break
            if record.answered:
                answer, after = next(answered, ({}, 0))
                if answer.get("id") != name:
                    break
                answers_end = after
            records.append(record)
            questions_end = end
    _cut(answers, answers_end)
    _cut(questions, questions_end)
    return records


def _none(*paths: Path) -> list[Record]:
    for path in paths:
        path.unlink(missing_ok=True)
    return []


def _cut(path: Path, end: int) -> None:
    """A file that is whole is not touched."""
    if path.stat().st_size > end:
        os.truncate(path, end)


def _rows(lines: BinaryIO) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield each whole line's object and where the line ends, up to the first that is torn."""
    end = 0
    for line in lines:
        end += len(line)
        try:
            row = json.loads(line)
        except ValueError:
            return
        if not line.endswith(b"\n") or not isinstance(row, dict):
            return
        yield row, end


def _record(row: Mapping[str, Any]) -> Record | None:
    try:
        return Record.of(row)
    except TypeError:  # of another version's shape
        return None
