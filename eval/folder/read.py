"""Read what a run's folder holds. Knows nothing of what the figures mean.

Raises NotFound for what is not there, Malformed for what is not of this version's shape.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eval.folder.names import ANSWERS, CONFIG, QUESTIONS, SUMMARY
from eval.record import Record
from rag.errors import Malformed, NotFound

UNFINISHED = "give the folder of a finished run; the same `footnote eval run` again goes on where it was"


def read_summary(folder: Path) -> dict[str, Any]:
    return _object(folder / SUMMARY)


def read_config(folder: Path) -> dict[str, Any]:
    return _object(folder / CONFIG)


def read_records(folder: Path) -> list[Record]:
    """Return what was measured of each question, in the order asked."""
    file = folder / QUESTIONS
    try:
        return [Record.of(row) for row in _rows(file)]
    except TypeError as error:
        raise Malformed(f"{file} holds no records: {error}", hint="run it again with this version") from error


def read_answers(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield what `ask --json` prints of each answer, with the question's id; a question that failed has none."""
    yield from _rows(folder / ANSWERS)


def _object(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotFound(f"{file} cannot be read: {error.strerror}", hint=UNFINISHED) from error
    except ValueError as error:
        raise Malformed(f"{file} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise Malformed(f"{file} holds no object, as a run's does")
    return found


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                yield _row(file, number, line)
    except OSError as error:
        raise NotFound(f"{file} cannot be read: {error.strerror}", hint=UNFINISHED) from error


def _row(file: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise Malformed(f"{file}:{number} is not JSON: {error}", hint=UNFINISHED) from error
    if not isinstance(row, dict):
        raise Malformed(f"{file}:{number} holds no object, as a run's does", hint=UNFINISHED)
    return row
