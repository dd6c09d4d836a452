"""Read a set in BEIR's form: corpus.jsonl, queries.jsonl and judgements in qrels/. Knows nothing of scoring.

Nothing is dropped in silence: what is left out, or mended, is named with the reason.
"""

from __future__ import annotations

import hashlib
import json
import math
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from eval.datasets.reading import json_lines, text, usable
from eval.questions import Dataset, Paragraph, Question, Remark, Support
from rag.errors import Malformed, NotFound
from rag.text import language_of

HINT = "each line is an object with _id and text, and a document's title"
CORPUS, QUERIES = "corpus.jsonl", "queries.jsonl"
# The first that is there is read: a set is judged by its test part, where it has one.
JUDGEMENTS = ("test.tsv", "dev.tsv", "train.tsv")


def load_beir(spec: str, folder: Path) -> Dataset:
    """Read a folder. Questions without a judgement of that file are not asked: they belong to another part of the set.

    Raises NotFound for a missing file, Malformed for one of another shape.
    """
    for name in (CORPUS, QUERIES):
        if not (folder / name).is_file():
            raise NotFound(f"{folder / name} is not a file", hint="give the folder of a BEIR dataset after `beir:`")
    skipped: list[Remark] = []
    mended: list[Remark] = []
    paragraphs = _paragraphs(folder / CORPUS, skipped, mended)
    judged = _judgements(_judgement_file(folder), paragraphs, skipped)
    questions = tuple(_questions(folder / QUERIES, judged, skipped, mended))
    skipped += [Remark(query, f"{QUERIES} does not hold it") for query in judged]
    return Dataset(
        spec=spec,
        questions=questions,
        paragraphs=tuple(paragraphs.values()),
        skipped=tuple(skipped),
        mended=tuple(mended),
    )


def _paragraphs(file: Path, skipped: list[Remark], mended: list[Remark]) -> dict[str, Paragraph]:
    """Return the documents by the set's own ids."""
    paragraphs: dict[str, Paragraph] = {}
    for name, title, body in _rows(file, mended, "title", "text"):
        if name in paragraphs:
            skipped.append(Remark(name, "another document has this id already"))
            continue
        if not body and not title:
            skipped.append(Remark(name, "the document is empty"))
            continue
        if not body:
            mended.append(Remark(name, "the document has a title alone: taken for its text"))
        key = hashlib.sha256(json.dumps([name, title, body]).encode()).hexdigest()[:32]
        paragraphs[name] = Paragraph(id=key, text=body or title, language=language_of(body or title), title=title)
    return paragraphs


def _judgement_file(folder: Path) -> Path:
    found = sorted((folder / "qrels").glob("*.tsv"))
    first = next((file for name in JUDGEMENTS for file in found if file.name == name), None)
    if first is None and len(found) != 1:
        raise NotFound(
            f"{folder / 'qrels'} holds no {JUDGEMENTS[0]}", hint="judgements are rows of query-id, corpus-id and score"
        )
    return first or found[0]


def _judgements(
    file: Path, paragraphs: dict[str, Paragraph], skipped: list[Remark]
) -> dict[str, dict[str, float] | None]:
    """Return the grades above 0 by query and paragraph id; None for a query none of whose documents is there."""
    judged: dict[str, dict[str, float]] = {}
    missing: dict[str, list[str]] = {}
    for number, line in enumerate(_lines(file), 1):
        parts = line.split("\t") if "\t" in line else line.split()
        if not line.strip() or (number == 1 and not _is_number(parts[-1])):  # BEIR's files have a heading
            continue
        if len(parts) == 4:  # TREC's own form has a column more, which nobody uses
            del parts[1]
        if len(parts) != 3 or not _is_number(parts[2]):
            raise Malformed(f"{file}:{number} is no judgement: {line!r}", hint="expected query-id, corpus-id and score")
        query, name, grade = usable(parts[0]), usable(parts[1]), float(parts[2])
        if grade <= 0:
            continue
        if name in paragraphs:
            judged.setdefault(query, {})[paragraphs[name].id] = grade
        else:
            missing.setdefault(query, []).append(name)
    for query, names in missing.items():
        left = "" if query in judged else ", and no other is right"
        skipped.append(Remark(query, f"{CORPUS} does not hold {', '.join(names)}, which it is judged by{left}"))
    return {**dict.fromkeys(missing), **judged}


def _lines(file: Path) -> Iterator[str]:
    """Yield the lines of a file of judgements, which may be long. Raises Malformed."""
    with file.open(encoding="utf-8-sig") as lines:
        try:
            yield from (line.rstrip("\r\n") for line in lines)
        except UnicodeError as error:
            raise Malformed(
                f"{file} is not in UTF-8: {error}", hint="expected query-id, corpus-id and score"
            ) from error


def _questions(
    file: Path, judged: dict[str, dict[str, float] | None], skipped: list[Remark], mended: list[Remark]
) -> Iterator[Question]:
    """Yield the judged questions, and take each out of `judged`."""
    seen = set()
    for name, wording in _rows(file, mended, "text"):
        if name in seen:
            skipped.append(Remark(name, "another question has this id already"))
            continue
        seen.add(name)
        grades = judged.pop(name, None)
        if grades is None:
            continue
        if not wording:
            skipped.append(Remark(name, "the question is empty"))
            continue
        yield Question(
            id=name,
            text=wording,
            language=language_of(wording),
            kind="graded",
            answers=(),
            supports=tuple(Support(document, grade=grade) for document, grade in grades.items()),
        )


def _rows(file: Path, mended: list[Remark], *fields: str) -> Iterator[tuple[str, ...]]:
    """Yield each row's id and fields; all but _id may be absent, which is as good as empty."""

    def shape(row: Mapping[str, Any]) -> tuple[str, ...]:
        return text(row, "_id"), *(unicodedata.normalize("NFC", text(row, name, "")).strip() for name in fields)

    for _, row in json_lines(file, "BEIR's", HINT, shape, mended):
        yield row


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
