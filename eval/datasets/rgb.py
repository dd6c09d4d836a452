"""Read a file of RGB: questions with documents that help, that do not, and that hold a false answer.

RGB: Chen et al., "Benchmarking Large Language Models in Retrieval-Augmented Generation", AAAI 2024. One form holds its
four parts: noise and rejection (positive is a list), integration (a list for each part of the answer), and
counterfactual documents (positive_wrong and fakeanswer). An answer is text, or a list of what must all be said, each
as text or as a list of wordings. Knows nothing of scoring. Nothing is dropped in silence.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.datasets.reading import as_text, json_lines, text, texts
from eval.questions import Dataset, Paragraph, Question, Remark, Support
from rag.text import language_of
from rag.types import Span

HINT = "each line is an object with id, query, answer, positive and negative"
Wordings = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    query: str
    answer: tuple[Wordings, ...]  # what must all be said
    positive: tuple[Wordings, ...]  # documents, by the part of the answer that they hold
    negative: Wordings
    positive_wrong: Wordings
    wrong: Wordings
    integration: bool


@dataclass(slots=True)
class _Reading:
    """What has been read of one file so far. Documents that read the same are one."""

    documents: dict[str, Paragraph] = field(default_factory=dict)
    false: dict[str, Paragraph] = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)
    skipped: list[Remark] = field(default_factory=list)
    mended: list[Remark] = field(default_factory=list)


def load_rgb(spec: str, file: Path) -> Dataset:
    """Read the file. positive_wrong documents become false_paragraphs. Raises Malformed."""
    reading = _Reading()
    for _, row in json_lines(file, "RGB's", HINT, _row, reading.mended):
        _read(reading, row)
    both = reading.documents.keys() & reading.false.keys()
    reading.mended += [
        Remark(key[:12], "this document is right for one question and false for another") for key in sorted(both)
    ]
    return Dataset(
        spec=spec,
        questions=tuple(reading.questions.values()),
        paragraphs=tuple(reading.documents.values()),
        false_paragraphs=tuple(reading.false.values()),
        skipped=tuple(reading.skipped),
        mended=tuple(reading.mended),
    )


def _read(reading: _Reading, row: _Row) -> None:
    """The documents stay where a question is skipped: others are asked among them."""
    supports: dict[tuple[str, str], Support] = {}
    for number, (wordings, documents) in enumerate(zip(_by_part(row), row.positive, strict=True), 1):
        part = f"part {number}" if row.integration else "answer"
        for support in _supports(reading, row, part, wordings, documents):
            supports.setdefault((support.document, support.part), support)
    gold = {support.document for support in supports.values()}
    if gold.intersection(list(_keep(reading.documents, row, row.negative, reading.mended))):
        reading.mended.append(Remark(row.name, "a document is given as both positive and negative: it is positive"))
    false = tuple(dict.fromkeys(_keep(reading.false, row, row.positive_wrong, reading.mended)))
    reason = _unfit(row, reading.questions)
    if reason:
        reading.skipped.append(Remark(row.name, reason))
        return
    reading.questions[row.name] = Question(
        id=row.name,
        text=row.query,
        language=language_of(row.query),
        kind=_kind(row),
        answers=row.answer[0] if len(row.answer) == 1 else (" ".join(wordings[0] for wordings in row.answer),),
        supports=tuple(supports.values()),
        key_points=row.answer if len(row.answer) > 1 else (),
        wrong=row.wrong,
        false_documents=false,
    )


def _unfit(row: _Row, questions: Mapping[str, Question]) -> str:
    if not row.query:
        return "the question is empty"
    if row.name in questions:
        return "another question has this id already"
    return "" if row.answer else "it has no answer"


def _kind(row: _Row) -> str:
    if not any(document.strip() for documents in row.positive for document in documents):
        return "unanswerable"
    if row.integration:
        return "integration"
    return "counterfactual" if row.positive_wrong else "factoid"


def _by_part(row: _Row) -> list[Wordings]:
    """Return of each group of positive documents the wordings that may stand in them."""
    if len(row.positive) == len(row.answer):
        return list(row.answer)
    return [tuple(wording for wordings in row.answer for wording in wordings)] * len(row.positive)


def _supports(
    reading: _Reading, row: _Row, part: str, wordings: Wordings, documents: Iterable[str]
) -> Iterator[Support]:
    """Yield of each document where the answer stands in it; the document alone where no wording does."""
    for key in _keep(reading.documents, row, documents, reading.mended):
        document = reading.documents[key].text
        found = next(((at, wording) for wording in wordings if (at := document.find(wording)) >= 0), None)
        if found is None:
            yield Support(key, part=part)
        else:
            at, wording = found
            yield Support(key, wording, Span(at, at + len(wording)), part=part)


def _keep(kept: dict[str, Paragraph], row: _Row, documents: Iterable[str], mended: list[Remark]) -> Iterator[str]:
    """Keep the documents, each once, and yield their ids."""
    for document in documents:
        wording = unicodedata.normalize("NFC", document).strip()
        if not wording:
            mended.append(Remark(row.name, "one of its documents is empty: left out"))
            continue
        key = hashlib.sha256(wording.encode()).hexdigest()[:32]
        kept.setdefault(key, Paragraph(key, wording, language_of(wording)))
        yield key


def _row(row: Mapping[str, Any]) -> _Row:
    positive = _groups(row, "positive")
    integration = any(isinstance(item, list) for item in row.get("positive") or ())
    return _Row(
        name=text(row, "id"),
        query=text(row, "query").strip(),
        answer=tuple(filter(None, map(_said, _groups(row, "answer")))),
        positive=positive if integration else (tuple(document for group in positive for document in group),),
        negative=texts(row, "negative"),
        positive_wrong=texts(row, "positive_wrong"),
        wrong=_said(tuple(wording for group in _groups(row, "fakeanswer") for wording in group)),
        integration=integration,
    )


def _groups(row: Mapping[str, Any], name: str) -> tuple[Wordings, ...]:
    """Return a field that is text, or a list of texts and of lists of texts, as lists of texts."""
    value = row.get(name)
    if value is None:
        return ()
    listed = value if isinstance(value, list) else [value]
    return tuple(
        tuple(as_text(one, name) for one in item) if isinstance(item, list) else (as_text(item, name),)
        for item in listed
    )


def _said(wordings: Wordings) -> Wordings:
    """Return the wordings of an answer, each once, without white space around them."""
    return tuple(dict.fromkeys(filter(None, (unicodedata.normalize("NFC", one).strip() for one in wordings))))
