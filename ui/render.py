"""Answers and documents as plain data for the page: pieces of text, marks and windows. Pure; nothing here is HTML but
what streaming_html has escaped."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from rag.wire import AnswerOut, CitationOut, PassageOut
from ui.doubts import Doubt, doubts_of, why
from ui.words import Words

WINDOW_CHARACTERS = 4000  # of text shown on each side of a quote
SURE, FAIRLY_SURE = 0.8, 0.6

_MARK = re.compile(r"\[(\d{1,3})\]")
_SPACED_MARK = re.compile(r" *\[(\d{1,3})\]")
_ITEM = re.compile(r"(?:[-*]\s+|[•·]\s*|\d{1,2}[.)、](?!\d)\s*)(?=\S)")  # not -5 or 3.11
_CHINESE = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a canonical text around a quote; before + quote + after == text[start:end]."""

    before: str
    quote: str
    after: str
    start: int
    end: int
    more_before: bool
    more_after: bool


def window(
    text: str, start: int, end: int, *, before: int = WINDOW_CHARACTERS, after: int = WINDOW_CHARACTERS
) -> Window:
    """Cut the text around [start, end), at line ends where there are any near. Spans out of range are drawn in."""
    start = max(0, min(start, len(text)))
    end = max(start, min(end, len(text)))
    first = max(0, start - before)
    if first:
        line_end = text.find("\n", first, start)
        first = line_end + 1 if line_end >= 0 else first
    last = min(len(text), end + after)
    if last < len(text):
        line_start = text.rfind("\n", end, last)
        last = line_start if line_start >= 0 else last
    return Window(text[first:start], text[start:end], text[end:last], first, last, first > 0, last < len(text))


def lang_of(text: str) -> str:
    """Return the lang attribute that gives this text the right glyphs and line breaks."""
    return "zh-Hans" if _CHINESE.search(text) else "en"


def answer_lines(text: str, citations: Sequence[CitationOut], doubts: Sequence[Doubt] = ()) -> list[dict[str, Any]]:
    """Cut an answer into lines of pieces: {"text": ...}, or {"mark": n, "index": i, "status": ...} for citations[i].

    A text that is to be doubted says so: {"text": ..., "doubt": "uncited" or "unsupported", "why": ...}; what goes on
    after a mark has no "ends".

    A line is an "item" when it has a bullet, and when it stands between two that have: it goes on with the first.

    A bracketed number that is no citation's mark stays text.
    """
    lines: list[dict[str, Any]] = []
    offset = 0
    for line in text.split("\n"):
        if line.strip():
            bullet = _ITEM.match(line.lstrip())
            indent = len(line) - len(line.lstrip())
            skip = indent + bullet.end() if bullet else 0
            lines.append(
                {
                    "bullet": bullet.group().strip() if bullet else "",
                    "pieces": _pieces(line[skip:], offset + skip, citations, doubts),
                }
            )
        offset += len(line) + 1
    items = [number for number, line in enumerate(lines) if line["bullet"]]
    for number, drawn in enumerate(lines):
        drawn["item"] = bool(items) and items[0] <= number <= items[-1]
    return lines


def _pieces(line: str, offset: int, citations: Sequence[CitationOut], doubts: Sequence[Doubt]) -> list[dict[str, Any]]:
    pieces: list[dict[str, Any]] = []
    done = 0
    for match in _MARK.finditer(line):
        index = _citation_at(int(match.group(1)), offset + match.start(), citations)
        if index is None:
            continue
        if before := line[done : match.start()].rstrip(" "):
            pieces += _texts(before, offset + done, doubts)
        pieces.append({"mark": citations[index].mark, "index": index, "status": citations[index].status})
        done = match.end()
    if rest := line[done:]:
        pieces += _texts(rest, offset + done, doubts)
    return pieces


def _texts(text: str, offset: int, doubts: Sequence[Doubt]) -> list[dict[str, Any]]:
    """Cut a text where a doubt begins or ends; where several speak of it, the first does."""
    edges = {0, len(text)}
    for one in doubts:
        edges |= {min(max(edge - offset, 0), len(text)) for edge in (one.start, one.end)}
    pieces: list[dict[str, Any]] = []
    for start, end in pairwise(sorted(edges)):
        piece: dict[str, Any] = {"text": text[start:end]}
        doubt = next((one for one in doubts if one.start <= offset + start and offset + end <= one.end), None)
        if doubt is not None:
            piece |= {"doubt": doubt.kind, "why": doubt.why, "ends": offset + end == doubt.end}
        pieces.append(piece)
    return pieces


def _citation_at(mark: int, position: int, citations: Sequence[CitationOut]) -> int | None:
    """Return which citation a mark at this position stands for: the last of its number whose sentence has begun."""
    found = None
    for index, citation in enumerate(citations):
        if citation.mark == mark and (found is None or citation.answer_start <= position):
            found = index
    return found


def streaming_html(text: str, *, caret: str = '<span class="fn-caret"></span>') -> str:
    """Return an unfinished answer as escaped HTML, its marks raised as they will stand in the end."""
    lines = []
    for line in answer_lines(text, ()):
        written = "".join(piece["text"] for piece in line["pieces"])
        raised = _SPACED_MARK.sub(r'<span class="fn-mark">\1</span>', html.escape(written))
        bullet = f'<span class="bullet">{html.escape(shown_bullet(line["bullet"]))}</span>' if line["item"] else ""
        lines.append((' class="item"' if bullet else "", bullet + raised))
    ends = [""] * max(0, len(lines) - 1) + [caret]
    body = "".join(f"<p{kind}>{line}{end}</p>" for (kind, line), end in zip(lines or [("", "")], ends, strict=True))
    return f'<div class="fn-answer" lang="{lang_of(text)}">{body}</div>'


def shown_bullet(bullet: str) -> str:
    return "•" if bullet in ("-", "*", "·") else bullet


def place(page: int | None, words: Words, otherwise: str = "") -> str:
    """Say on which page something stands; otherwise: where, if on no page."""
    return words.page.format(page=page) if page is not None else otherwise


def answer_data(answer: AnswerOut, words: Words, *, active: int | None) -> dict[str, Any]:
    """Return all that the answer component shows. active: the index of the citation whose source is open."""
    return {
        "lang": lang_of(answer.answer),
        "lines": answer_lines(answer.answer, answer.citations, doubts_of(answer, words)),
        "short": _short(answer),
        "disagreements": _disagreements(answer),
        "refused": answer.refused,
        "active": active,
        "activeMark": answer.citations[active].mark if active is not None else None,
        "footnotes": _footnotes(answer, words),
        "passages": [_passage(passage, words) for passage in answer.passages],
        "confidence": _confidence(answer, words),
        "took": _took(answer, words),
        "copy": copy_text(answer, words),
        "words": {
            "footnotes": words.footnotes,
            "verified": words.verified,
            "unsupported": words.unsupported,
            "shortAnswer": words.short_answer,
            "disagree": words.disagree,
            "refused": words.refused,
            "passages": (words.nearest if answer.refused else words.passages).format(count=len(answer.passages)),
            "copy": words.copy,
            "copied": words.copied,
        },
    }


def _short(answer: AnswerOut) -> dict[str, Any] | None:
    """Return the short answer and the mark of the quote that it stands in."""
    short = answer.short_answer
    if short is None:
        return None
    index = next((index for index, one in enumerate(answer.citations) if one.mark == short.mark), None)
    mark = {"mark": short.mark, "index": index, "status": "verified"} if index is not None else None
    return {"text": one_line(short.text), "lang": lang_of(short.text), "mark": mark}


def _disagreements(answer: AnswerOut) -> list[list[dict[str, Any]]]:
    """Return what each source says, those that disagree side by side."""
    first = {citation.mark: index for index, citation in reversed(list(enumerate(answer.citations)))}
    return [
        [
            {
                "value": one_line(value),
                "lang": lang_of(value),
                "mark": mark,
                "index": first[mark],
                "status": answer.citations[first[mark]].status,
                "title": answer.citations[first[mark]].title or answer.citations[first[mark]].source,
            }
            for mark, value in zip(one.marks, one.values, strict=True)
            if mark in first
        ]
        for one in answer.disagreements
    ]


def _footnotes(answer: AnswerOut, words: Words) -> list[dict[str, Any]]:
    """Return one row for each mark: a mark names one quoted span, however many sentences rest on it.

    A row whose quote does not support one of them says so, and why.
    """
    planted = [(row.document_id, span.start, span.end) for row in answer.passages for span in row.instructions]
    rows: dict[int, dict[str, Any]] = {}
    for index, citation in enumerate(answer.citations):
        warnings = []
        if citation.status == "unsupported":
            warnings.append(why(words.unsupported, citation.problems, words))
        if any(
            one == citation.document_id and start < citation.end and citation.start < end for one, start, end in planted
        ):
            warnings.append(words.instructions)
        rows.setdefault(
            citation.mark,
            {
                "mark": citation.mark,
                "index": index,
                "title": citation.title or citation.source,
                "place": place(citation.page, words, citation.place),
                "quote": one_line(citation.quote),
                "lang": lang_of(citation.quote),
                "status": citation.status,
                "warning": words.comma.join(warnings),
            },
        )
        if citation.status == "unsupported" and rows[citation.mark]["status"] == "verified":
            rows[citation.mark] |= {"status": citation.status, "warning": words.comma.join(warnings)}
    return [rows[mark] for mark in sorted(rows)]


def _passage(passage: PassageOut, words: Words) -> dict[str, Any]:
    return {
        "rank": passage.rank,
        "title": passage.title or passage.source,
        "place": place(passage.page, words),
        "text": one_line(passage.text),
        "lang": lang_of(passage.text),
        "warning": words.instructions if passage.instructions else "",
    }


def _confidence(answer: AnswerOut, words: Words) -> dict[str, str] | None:
    if answer.refused:
        return None
    level = "sure" if answer.confidence >= SURE else "fair" if answer.confidence >= FAIRLY_SURE else "unsure"
    label = {"sure": words.sure, "fair": words.fairly_sure, "unsure": words.unsure}[level]
    if level != "unsure" and doubts_of(answer, words):  # the documents may hold it, and yet not say all of this
        level, label = "fair", words.partly_supported
    return {
        "level": level,
        "label": label,
        "help": words.confidence_help.format(percent=round(answer.confidence * 100)),
    }


def _took(answer: AnswerOut, words: Words) -> str:
    total = answer.timings_ms.get("total")
    if total is None:
        return ""
    if total < 1000:
        return words.took_milliseconds.format(milliseconds=max(1, round(total)))
    return words.took.format(seconds=f"{total / 1000:.1f}")


def copy_text(answer: AnswerOut, words: Words) -> str:
    """Return the answer with its sources as plain text, to be pasted elsewhere."""
    notes = []
    for row in _footnotes(answer, words):
        where = words.comma.join(part for part in (row["title"], row["place"], row["warning"]) if part)
        notes.append(f"[{row['mark']}] {where}{words.colon}“{row['quote']}”")
    return "\n".join([answer.answer, "", *notes]) if notes else answer.answer


def one_line(text: str) -> str:
    return " ".join(text.split())
