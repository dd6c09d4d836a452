"""Read SQuAD 1.1 and 2.0, XQuAD, DRCD and both forms of CMRC 2018. Knows nothing of libraries or of scoring.

Nothing is dropped in silence: what is left out, or mended, is named with the reason.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.datasets.reading import WRONG, json_file, objects, text, texts, told
from eval.questions import Dataset, Paragraph, Question, Remark, Support
from rag.errors import Malformed
from rag.text import language_of
from rag.types import Span

HINT = "expected {'data': [{'title', 'paragraphs': [{'context', 'qas'}]}]} or CMRC's list of contexts"


@dataclass(frozen=True, slots=True)
class _Asked:
    id: str
    text: str
    answers: tuple[tuple[str, int | None], ...]  # each with where it begins, where that is said
    impossible: bool


@dataclass(slots=True)
class _Reading:
    """What has been read of one file so far."""

    paragraphs: dict[str, Paragraph] = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)
    skipped: list[Remark] = field(default_factory=list)
    mended: list[Remark] = field(default_factory=list)


def load_squad(spec: str, file: Path) -> Dataset:
    """Read the file, which is one JSON value and held in memory. Raises Malformed for one of another shape."""
    reading = _Reading()
    content = json_file(file, "SQuAD's", HINT, reading.mended)
    for title, context, asked in _contexts(content, file):
        _read_paragraph(reading, title, context, asked)
    return Dataset(
        spec=spec,
        questions=tuple(reading.questions.values()),
        paragraphs=tuple(reading.paragraphs.values()),
        skipped=tuple(reading.skipped),
        mended=tuple(reading.mended),
    )


def _contexts(content: Any, file: Path) -> Iterator[tuple[str, str, list[_Asked]]]:
    """Yield title, context and questions. Raises Malformed, naming the place."""
    where = "the whole"
    try:
        if isinstance(content, list):  # CMRC 2018's older form
            for number, row in enumerate(content, 1):
                where = f"context {number}"
                asked = [_asked_as_cmrc(item) for item in _all_of(row, "qas")]
                yield text(row, "title", ""), text(row, "context_text"), asked
            return
        for number, article in enumerate(_all_of(content, "data"), 1):
            for place, paragraph in enumerate(_all_of(article, "paragraphs"), 1):
                where = f"article {number}, paragraph {place}"
                asked = [_asked(item) for item in _all_of(paragraph, "qas")]
                yield text(article, "title", ""), text(paragraph, "context"), asked
    except WRONG as error:
        raise Malformed(f"{file} is not in the form of SQuAD: {where}: {told(error)}", hint=HINT) from error


def _all_of(row: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return a list of objects that must be there."""
    if not isinstance(row, dict):
        raise TypeError("it is neither an object nor CMRC's list")
    if row.get(name) is None:
        raise KeyError(name)
    return objects(row, name)


def _asked(item: Mapping[str, Any]) -> _Asked:
    answers = (
        (text(answer, "text"), int(answer["answer_start"]) if answer.get("answer_start") is not None else None)
        for answer in objects(item, "answers")
    )
    return _Asked(text(item, "id"), text(item, "question"), tuple(answers), bool(item.get("is_impossible")))


def _asked_as_cmrc(item: Mapping[str, Any]) -> _Asked:
    answers = ((answer, None) for answer in texts(item, "answers"))
    return _Asked(text(item, "query_id"), text(item, "query_text"), tuple(answers), False)


def _read_paragraph(reading: _Reading, title: str, context: str, asked: Sequence[_Asked]) -> None:
    document = unicodedata.normalize("NFC", context)
    key = hashlib.sha256(document.encode()).hexdigest()[:32]
    if not document.strip():
        reading.skipped += [Remark(item.id, "its paragraph is empty") for item in asked]
        return
    reading.paragraphs.setdefault(key, Paragraph(key, document, language_of(document), topic=title))
    for item in asked:
        wording = item.text.strip()
        if not wording:
            reading.skipped.append(Remark(item.id, "the question is empty"))
            continue
        if item.id in reading.questions:
            reading.skipped.append(Remark(item.id, "another question has this id already"))
            continue
        supports = tuple(_supports(reading, item, key, document))
        if not supports and not item.impossible:
            reading.skipped.append(Remark(item.id, "none of its answers stands in its paragraph"))
            continue
        reading.questions[item.id] = Question(
            id=item.id,
            text=wording,
            language=language_of(wording),
            kind="factoid" if supports else "unanswerable",
            answers=tuple(dict.fromkeys(support.quote for support in supports)),
            supports=supports,
        )


def _supports(reading: _Reading, item: _Asked, key: str, document: str) -> Iterator[Support]:
    """Yield the answers that stand in the text, each once, at the place that is given or else the nearest to it."""
    seen = set()
    for answer, given in item.answers:
        wanted = unicodedata.normalize("NFC", answer)
        start = _nearest(document, wanted, given or 0) if wanted.strip() else -1
        if start < 0:
            reading.mended.append(Remark(item.id, f"the answer {wanted!r} does not stand in the paragraph: left out"))
            continue
        if given is not None and start != given:
            reading.mended.append(Remark(item.id, f"the answer {wanted!r} stands at {start}, not at {given}"))
        span = Span(start, start + len(wanted))
        if span not in seen:
            seen.add(span)
            yield Support(document=key, quote=wanted, span=span)


def _nearest(text: str, wanted: str, given: int) -> int:
    """Return where `wanted` begins, as near to `given` as it does; -1 where it does not stand in the text."""
    if given >= 0 and text.startswith(wanted, given):
        return given
    after, before = text.find(wanted, max(given, 0)), text.rfind(wanted, 0, max(given, 0) + len(wanted))
    found = [start for start in (before, after) if start >= 0]
    return min(found, key=lambda start: abs(start - given), default=-1)
