"""What each question of a dataset belongs to, so that figures can be compared between the parts. Pure, but for the
sizes of files.

Thirds are of the set itself and of one language: what is long in Chinese is short in English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import opencc

from eval.questions import Dataset, Question
from rag.text import has_han, to_simplified

THIRDS = ("shortest third", "middle third", "longest third")
_NUMBER = re.compile(r"^\W*[\d.,:/\s-]*\d[\d.,:/\s%-]*\W*$")
_COUNTED = re.compile(r"\d|[一二三四五六七八九十百千万亿兩两]{2,}")
_TIME = re.compile(
    r"\b(?:1\d{3}|20\d{2})\b|[年月日號号]$|世紀|世纪|"
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december|century)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"^(?:[A-Z][\w'’.-]*)(?: (?:of|the|de|and|von|van|[A-Z][\w'’.-]*))*$")


def sliced(dataset: Dataset) -> Dataset:
    """Return the dataset with every question's slices; those that its file gives are kept as they are."""
    kind_of = _document_kinds(dataset)
    size_of = _document_sizes(dataset)
    topic_of = {paragraph.id: paragraph.topic for paragraph in dataset.paragraphs}
    length, size = {}, {}
    for language in {question.language for question in dataset.questions}:
        asked = [question for question in dataset.questions if question.language == language]
        length[language] = _thirds([len(question.text) for question in asked])
        golds = [name for question in asked for name in sorted(question.gold)[:1]]
        size[language] = _thirds([size_of[name] for name in golds if name in size_of])
    questions = []
    for question in dataset.questions:
        found = {
            "language": question.language,
            "script": script_of(question.text),
            "question length": length[question.language](len(question.text)),
        }
        for name in sorted(question.gold)[:1]:
            found["document type"] = kind_of[name]
            if name in size_of:
                found["document length"] = size[question.language](size_of[name])
            if topic_of.get(name):
                found["topic"] = topic_of[name]
        if question.answers:
            found["answer"] = answer_kind(question)
        questions.append(replace(question, slices={**found, **question.slices}))
    return replace(dataset, questions=tuple(questions))


def script_of(text: str) -> str:
    """Return "simplified", "traditional", "either" (Han of no telling) or "latin"; "mixed" with words of both."""
    if not has_han(text):
        return "latin"
    if re.search(r"[A-Za-z]{2}", text):
        return "mixed"
    if to_simplified(text) != text:
        return "traditional"
    return "simplified" if _traditional(text) != text else "either"


def answer_kind(question: Question) -> str:
    """Return "number", "time", "name" or "phrase", as the first gold answer looks. A Chinese name is a phrase here."""
    answer = question.answers[0].strip()
    if _TIME.search(answer) and len(answer) <= 40:
        return "time"
    if _NUMBER.match(answer) or (_COUNTED.search(answer) and len(answer) <= 20):
        return "number"
    if not has_han(answer) and _NAME.match(answer):
        return "name"
    return "phrase"


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


def _traditional(text: str) -> str:
    return str(_converter().convert(text))


def _document_kinds(dataset: Dataset) -> Mapping[str, str]:
    if dataset.paragraphs:
        return {paragraph.id: "paragraph" for paragraph in dataset.paragraphs}
    return {name: Path(name).suffix.lower().lstrip(".") or "none" for name in _named(dataset)}


def _document_sizes(dataset: Dataset) -> Mapping[str, int]:
    """In characters; of files in bytes. Only the order counts. Of a library's own documents it is not asked."""
    if dataset.folder is None:
        return {paragraph.id: len(paragraph.text) for paragraph in dataset.paragraphs}
    folder = dataset.folder
    return {name: (folder / name).stat().st_size if (folder / name).is_file() else 0 for name in _named(dataset)}


def _named(dataset: Dataset) -> set[str]:
    return {name for question in dataset.questions for name in question.gold}


def _thirds(values: Sequence[int]) -> Callable[[int], str]:
    ordered = sorted(values)
    if not ordered:
        return lambda _value: THIRDS[1]
    low, high = ordered[len(ordered) // 3], ordered[2 * len(ordered) // 3]

    def third(value: int) -> str:
        if value < low:
            return THIRDS[0]
        return THIRDS[1] if value < high else THIRDS[2]

    return third
