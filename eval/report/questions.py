"""What the report shows of single questions: all in a line, and those that went wrong in full. Knows no page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eval.figures import LEGS
from eval.outcome import outcome_of
from eval.record import Record
from eval.report.faults import Fault, by_fault, fault_of, gold_rank
from eval.report.labels import LEGS as LEG_NAMES
from eval.report.plain import plain

SHOWN = 40  # questions of a fault in full; the rest stand in the table of all
LINE_CHARACTERS = 120
QUESTION_CHARACTERS = 600
ANSWER_CHARACTERS = 1200
QUOTE_CHARACTERS = 300
NAME_CHARACTERS = 120
ITEMS = 6  # citations of an answer, expected answers, right documents


@dataclass(frozen=True, slots=True)
class Line:
    """A question in the table of all."""

    id: str
    text: str
    language: str
    kind: str
    style: str  # its outcome
    said: str  # in words
    ranks: tuple[str, ...]  # of the legs, in their order
    confidence: str


@dataclass(frozen=True, slots=True)
class Cited:
    mark: int
    name: str
    quote: str
    status: str
    gold: bool


@dataclass(frozen=True, slots=True)
class Full:
    id: str
    text: str
    language: str
    kind: str
    expected: tuple[str, ...]
    documents: tuple[str, ...]  # that hold the answer
    answer: str
    citations: tuple[Cited, ...]
    more_citations: int
    ranks: tuple[tuple[str, str], ...]
    confidence: str
    error: str


@dataclass(frozen=True, slots=True)
class Group:
    fault: Fault
    count: int
    shown: tuple[Full, ...]


def lines_of(records: Iterable[Record]) -> list[Line]:
    return [
        Line(
            plain(record.id, NAME_CHARACTERS),
            plain(record.question, LINE_CHARACTERS),
            language_tag(record),
            plain(record.kind, NAME_CHARACTERS),
            outcome_of(record).value if (fault := fault_of(record)) is not Fault.UNCITED else "uncited",
            fault.heading if fault is not None else "Right",
            tuple(_rank(record, leg) for leg in LEGS),
            _confidence(record),
        )
        for record in records
    ]


def groups_of(records: Sequence[Record], answers: Iterable[Mapping[str, Any]]) -> list[Group]:
    """answers: those of answers.jsonl, in any order; only what is shown is kept of them."""
    chosen = {fault: (len(some), some[:SHOWN]) for fault, some in by_fault(records).items()}
    wanted = {record.id for _, some in chosen.values() for record in some}
    kept: dict[str, Mapping[str, Any]] = {}
    names: dict[str, str] = {}
    for answer in answers:
        for item in (*_objects(answer, "passages"), *_objects(answer, "citations")):
            names.setdefault(str(item.get("document_id")), _name(item))
        if str(answer.get("id")) in wanted:
            kept[str(answer["id"])] = {**answer, "passages": ()}
    return [
        Group(fault, count, tuple(_full(record, kept.get(record.id, {}), names) for record in some))
        for fault, (count, some) in chosen.items()
    ]


def language_tag(record: Record) -> str:
    """So that the reader's fonts draw Han as the question's readers write it."""
    if record.language == "zh":
        return "zh-Hant" if record.slices.get("script") == "traditional" else "zh-Hans"
    return record.language if record.language.isascii() and record.language.isalpha() else ""


def _full(record: Record, answer: Mapping[str, Any], names: Mapping[str, str]) -> Full:
    citations = _objects(answer, "citations")
    return Full(
        plain(record.id, NAME_CHARACTERS),
        plain(record.question, QUESTION_CHARACTERS),
        language_tag(record),
        plain(record.kind, NAME_CHARACTERS),
        tuple(plain(one, QUOTE_CHARACTERS) for one in record.answers[:ITEMS]),
        tuple(plain(names.get(one, one), NAME_CHARACTERS) for one in list(record.gold)[:ITEMS]),
        plain(answer.get("answer") or "", ANSWER_CHARACTERS),
        tuple(_cited(item, record) for item in citations[:ITEMS]),
        max(len(citations) - ITEMS, 0),
        tuple((LEG_NAMES[leg], _rank(record, leg)) for leg in LEGS if leg in record.rankings and record.gold),
        _confidence(record),
        plain(record.error or "", QUOTE_CHARACTERS),
    )


def _cited(item: Mapping[str, Any], record: Record) -> Cited:
    return Cited(
        int(item.get("mark") or 0),
        plain(_name(item), NAME_CHARACTERS),
        plain(item.get("quote") or "", QUOTE_CHARACTERS),
        plain(item.get("status") or "", 20),
        str(item.get("document_id")) in record.gold,
    )


def _name(item: Mapping[str, Any]) -> str:
    title, source = str(item.get("title") or ""), str(item.get("source") or "")
    page = f", page {item['page']}" if item.get("page") else ""
    return (f"{title} ({source})" if title and source and title not in source else source or title) + page


def _rank(record: Record, leg: str) -> str:
    if leg not in record.rankings or not record.gold:
        return ""
    rank = gold_rank(record, leg)
    return f"{rank}" if rank is not None else f"not in {len(record.rankings[leg])}"


def _confidence(record: Record) -> str:
    value = record.scores.get("refusal.confidence")
    return "" if value is None else f"{value:.2f}"


def _objects(answer: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = answer.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
