"""Read questions from a table: CSV, or with tabs or semicolons, as spreadsheets write it. Knows nothing of scoring.

The first row names the columns, in any order: question and answer; and, where they are there, id, file, quote, kind and
language, also by the names in COLUMNS. Several answers of a cell stand between "|". A row without an answer asks what
the documents do not tell. Nothing is dropped in silence: what is left out is named with the reason.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

from eval.datasets.files import Files
from eval.datasets.qa import placed
from eval.datasets.reading import MENDED, UNUSABLE, usable
from eval.questions import Dataset, Question, Remark, Support
from ingest.read.encoding import decode
from rag.errors import Malformed
from rag.text import language_of

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "question": ("question", "query", "问题", "問題"),
    "answer": ("answer", "answers", "答案", "回答"),
    "id": ("id", "编号", "編號"),
    "file": ("file", "source", "document", "文件", "文档", "來源", "来源"),
    "quote": ("quote", "evidence", "引文", "原文"),
    "kind": ("kind", "type", "类型", "類型"),
    "language": ("language", "lang", "语言", "語言"),
}
HINT = "the first row names the columns: question and answer, and, where you have them, id, file, quote, kind, language"
DELIMITERS = ",\t;"
PARTS = "|"
BOM = "\ufeff"


def load_table(spec: str, file: Path, files: Files) -> Dataset:
    """files: those that are asked about. Raises Malformed for a table without a question or an answer column."""
    questions: dict[str, Question] = {}
    asked: set[tuple[str, tuple[str, ...], frozenset[str]]] = set()
    skipped: list[Remark] = []
    mended: list[Remark] = []
    for number, cells in _rows(file, mended, skipped):
        name = cells["id"] or f"row {number}"
        question = _question(name, cells)
        same = (question.text, question.answers, question.gold)
        reason = _unfit(cells, files)
        if not reason and name in questions:
            reason = "another question has this id already"
        if not reason and same in asked:
            reason = "the same is asked and answered in another row already"
        if reason:
            skipped.append(Remark(name, reason))
            continue
        asked.add(same)
        questions[name] = placed(question, files)
    return Dataset(
        spec=spec,
        questions=tuple(questions.values()),
        folder=files.folder,
        library=files.library,
        skipped=tuple(skipped),
        mended=tuple(mended),
    )


def _question(name: str, cells: Mapping[str, str]) -> Question:
    answers = tuple(dict.fromkeys(part.strip() for part in cells["answer"].split(PARTS) if part.strip()))
    supports = (Support(cells["file"], cells["quote"]),) if cells["file"] and answers else ()
    return Question(
        id=name,
        text=cells["question"],
        language=cells["language"] or language_of(cells["question"]),
        kind=cells["kind"],
        answers=answers,
        supports=supports,
        unplaced=bool(answers) and not supports,
    )


def _unfit(cells: Mapping[str, str], files: Files) -> str:
    if not any(cells.values()):
        return "the row is empty"
    if not cells["question"]:
        return "the question is empty"
    return files.lacking([cells["file"]] if cells["file"] else [])


def _rows(file: Path, mended: list[Remark], skipped: list[Remark]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield of each row the line where it begins and its cells by the names above, "" for a column that is not there.

    Raises Malformed.
    """
    lines = _lines(file, mended)
    delimiter = _delimiter(lines)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    places: dict[str, int] = {}
    number = begin = 1
    try:
        for fields in reader:
            number, begin = begin, reader.line_num + 1
            if not places:
                places, width = _places(fields, file, number), len(fields)
                continue
            if any(field.strip() for field in fields[width:]):
                reason = (
                    f"it has {len(fields)} cells under {width} columns: put a cell that holds {delimiter!r} in quotes"
                )
                skipped.append(Remark(f"row {number}", reason))
                continue
            cells = {
                name: unicodedata.normalize("NFC", fields[places[name]]).strip()
                if places.get(name, len(fields)) < len(fields)
                else ""
                for name in COLUMNS
            }
            yield number, cells
    except csv.Error as error:
        raise Malformed(f"{file}:{begin} is no row of a table: {error}", hint=HINT) from error
    if not places:
        raise Malformed(f"{file} is empty", hint=HINT)


def _lines(file: Path, mended: list[Remark]) -> list[str]:
    """Return the file's lines with their ends: a cell in quotes may go over several."""
    read = decode(file.read_bytes())
    if read is None:
        raise Malformed(f"{file} is in no encoding that is known", hint="save it as CSV in UTF-8")
    text, encoding = read
    if not encoding.startswith("utf-8"):
        mended.append(Remark(str(file), f"its encoding was taken for {encoding}"))
    if UNUSABLE.search(text):
        mended.append(Remark(str(file), MENDED))
    return io.StringIO(usable(text.removeprefix(BOM)), newline="").readlines()


def _delimiter(lines: list[str]) -> str:
    """Return what gives the first line with anything on it the most columns that are known."""
    heading = next((line for line in lines if line.strip()), "")
    return max(DELIMITERS, key=lambda delimiter: len(set(map(_named, heading.split(delimiter))) - {""}))


def _named(heading: str) -> str:
    bare = heading.strip(" \t\r\n\"'").casefold()
    return next((name for name, names in COLUMNS.items() if bare in names), "")


def _places(fields: list[str], file: Path, number: int) -> dict[str, int]:
    """Return where each column is; {} of a blank line above them. Raises Malformed for one that is missing or twice."""
    places: dict[str, int] = {}
    for place, name in enumerate(map(_named, fields)):
        if name in places:
            raise Malformed(f"{file}:{number} names the column {name} twice", hint=HINT)
        if name:
            places[name] = place
    if any(map(str.strip, fields)) and not {"question", "answer"} <= places.keys():
        missing = " and ".join(sorted({"question", "answer"} - places.keys()))
        raise Malformed(f"{file}:{number} names no column {missing}", hint=HINT)
    return places
