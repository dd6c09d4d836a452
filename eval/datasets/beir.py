"""Read a set in BEIR's form: corpus.jsonl, queries.jsonl and judgements in qrels/. Knows nothing of scoring.

Nothing is dropped in silence: what is left out, or mended, is named with the reason.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from eval.questions import Dataset, Paragraph, Question, Remark, Support
from rag.errors import Malformed, NotFound
from rag.text import language_of

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
    questions = tuple(_questions(folder / QUERIES, judged, skipped))
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
    for name, title, text in _rows(file, "title", "text"):
        if name in paragraphs:
            skipped.append(Remark(name, "another document has this id already"))
            continue
        if not text and not title:
            skipped.append(Remark(name, "the document is empty"))
            continue
        if not text:
            mended.append(Remark(name, "the document has a title alone: taken for its text"))
        key = hashlib.sha256(json.dumps([name, title, text]).encode()).hexdigest()[:32]
        paragraphs[name] = Paragraph(id=key, text=text or title, language=language_of(text or title), title=title)
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
    for number, line in enumerate(file.read_text(encoding="utf-8-sig").splitlines(), 1):
        parts = line.split("\t") if "\t" in line else line.split()
        if not line.strip() or (number == 1 and not _is_number(parts[-1])):  # BEIR's files have a heading
            continue
        if len(parts) == 4:  # TREC's own form has a column more, which nobody uses
            del parts[1]
        if len(parts) != 3 or not _is_number(parts[2]):
            raise Malformed(f"{file}:{number} is no judgement: {line!r}", hint="expected query-id, corpus-id and score")
        query, name, grade = parts[0], parts[1], float(parts[2])
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


def _questions(file: Path, judged: dict[str, dict[str, float] | None], skipped: list[Remark]) -> Iterator[Question]:
    """Yield the judged questions, and take each out of `judged`."""
    seen = set()
    for name, text in _rows(file, "text"):
        if name in seen:
            skipped.append(Remark(name, "another question has this id already"))
            continue
        seen.add(name)
        grades = judged.pop(name, None)
        if grades is None:
            continue
        if not text:
            skipped.append(Remark(name, "the question is empty"))
            continue
        yield Question(
            id=name,
            text=text,
            language=language_of(text),
            kind="graded",
            answers=(),
            supports=tuple(Support(document, grade=grade) for document, grade in grades.items()),
        )


def _rows(file: Path, *fields: str) -> Iterator[list[str]]:
    """Yield each row's fields; all but _id may be absent, which is as good as empty."""
    with file.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                yield [str(row["_id"]), *(unicodedata.normalize("NFC", row.get(name) or "").strip() for name in fields)]
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise Malformed(
                    f"{file}:{number} is not in BEIR's form: {type(error).__name__}: {error}",
                    hint="each line is an object with _id and text, and a document's title",
                ) from error


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
