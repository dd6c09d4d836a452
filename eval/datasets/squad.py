"""Read SQuAD 1.1 and 2.0, XQuAD, DRCD and both forms of CMRC 2018. Knows nothing of libraries or of scoring.

Nothing is dropped in silence: what is left out, or mended, is named with the reason.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.questions import Dataset, Paragraph, Question, Remark, Support
from rag.errors import Malformed
from rag.text import language_of
from rag.types import Span


@dataclass(slots=True)
class _Reading:
    """What has been read of one file so far."""

    paragraphs: dict[str, Paragraph] = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)
    skipped: list[Remark] = field(default_factory=list)
    mended: list[Remark] = field(default_factory=list)


def load_squad(spec: str, file: Path) -> Dataset:
    """Read the file. Raises Malformed for one of another shape."""
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
        rows = list(_squad_rows(content))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Malformed(
            f"{file} is not in the form of SQuAD: {type(error).__name__}: {error}",
            hint="expected {'data': [{'title', 'paragraphs': [{'context', 'qas'}]}]} or CMRC's list of contexts",
        ) from error
    reading = _Reading()
    for title, context, asked in rows:
        _read_paragraph(reading, title, context, asked)
    return Dataset(
        spec=spec,
        questions=tuple(reading.questions.values()),
        paragraphs=tuple(reading.paragraphs.values()),
        skipped=tuple(reading.skipped),
        mended=tuple(reading.mended),
    )


def _squad_rows(content: Any) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
    """Yield title, context and questions, the questions in SQuAD's own keys."""
    if isinstance(content, list):  # CMRC 2018's older form
        for row in content:
            asked = [
                {
                    "id": item["query_id"],
                    "question": item["query_text"],
                    "answers": [{"text": answer} for answer in item["answers"]],
                }
                for item in row["qas"]
            ]
            yield str(row.get("title", "")), row["context_text"], asked
        return
    for article in content["data"]:
        for paragraph in article["paragraphs"]:
            yield str(article.get("title", "")), paragraph["context"], list(paragraph["qas"])


def _read_paragraph(reading: _Reading, title: str, context: str, asked: Iterable[Mapping[str, Any]]) -> None:
    text = unicodedata.normalize("NFC", context)
    key = hashlib.sha256(text.encode()).hexdigest()[:32]
    asked = list(asked)
    if not text.strip():
        reading.skipped += [Remark(str(item.get("id")), "its paragraph is empty") for item in asked]
        return
    language = language_of(text)
    reading.paragraphs.setdefault(key, Paragraph(id=key, text=text, language=language, topic=title))
    for item in asked:
        name, wording = str(item["id"]), str(item["question"]).strip()
        if not wording:
            reading.skipped.append(Remark(name, "the question is empty"))
            continue
        if name in reading.questions:
            reading.skipped.append(Remark(name, "another question has this id already"))
            continue
        supports = tuple(_supports(reading, name, key, text, item.get("answers") or []))
        if not supports and not item.get("is_impossible"):
            reading.skipped.append(Remark(name, "none of its answers stands in its paragraph"))
            continue
        reading.questions[name] = Question(
            id=name,
            text=wording,
            language=language_of(wording),
            kind="factoid" if supports else "unanswerable",
            answers=tuple(dict.fromkeys(support.quote for support in supports)),
            supports=supports,
        )


def _supports(
    reading: _Reading, name: str, key: str, text: str, answers: Iterable[Mapping[str, Any]]
) -> Iterator[Support]:
    """Yield the answers that stand in the text, each once, at the place that is given or else the nearest to it."""
    seen = set()
    for answer in answers:
        wanted = unicodedata.normalize("NFC", str(answer["text"]))
        given = int(answer.get("answer_start", 0))
        start = _nearest(text, wanted, given) if wanted.strip() else -1
        if start < 0:
            reading.mended.append(Remark(name, f"the answer {wanted!r} does not stand in the paragraph: left out"))
            continue
        if "answer_start" in answer and start != given:
            reading.mended.append(Remark(name, f"the answer {wanted!r} stands at {start}, not at {given}"))
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
