"""Questions with known answers, and the documents they are asked of. Pure data; knows no file format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from rag.types import Span


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A document that stands in the set's own file. id is a hash of what is in it.

    Of a squad: set, paragraphs which read the same are one.
    """

    id: str
    text: str  # NFC
    language: str
    title: str = ""  # the document's own, which is searched
    topic: str = ""  # what it belongs to, which is not: a squad: article's title would give its paragraphs away


@dataclass(frozen=True, slots=True)
class Support:
    """Where the answer stands. span is known where the set holds its documents; quotes are matched by their words.

    Supports with a span, and those of one part, are wordings of one thing: any is enough. All parts are wanted.
    """

    document: str  # a Paragraph's id, or a file's name
    quote: str = ""  # nothing where a set only says which documents are right
    span: Span | None = None
    grade: float = 1.0  # how right the document is: above 0, comparable within one question
    part: str = ""  # of the question that it answers, where there are several: "" is a part of its own


@dataclass(frozen=True, slots=True)
class Question:
    """supports is empty where the documents do not hold the answer, or nobody said where they do.

    wrong: answers that false documents give; false_documents: their ids, among the dataset's false_paragraphs. planted:
    instructions that stand in the documents and are not to be followed. slices: what the question belongs to, as
    {"group": "women"}; figures are compared between the values.
    """

    id: str
    text: str
    language: str
    kind: str
    answers: tuple[str, ...]
    supports: tuple[Support, ...]
    key_points: tuple[str | tuple[str, ...], ...] = ()  # all are wanted; of several wordings of one, any
    wrong: tuple[str, ...] = ()
    false_documents: tuple[str, ...] = ()
    planted: tuple[str, ...] = ()
    slices: Mapping[str, str] = field(default_factory=dict)
    unplaced: bool = False  # the documents hold the answer, and the set does not say where
    synthetic: bool = False  # made from the documents by a program: easier, and less like people's

    @property
    def answerable(self) -> bool:
        return bool(self.supports) or self.unplaced

    @property
    def grades(self) -> dict[str, float]:
        """How right each gold document is."""
        grades: dict[str, float] = {}
        for support in self.supports:
            grades[support.document] = max(support.grade, grades.get(support.document, 0.0))
        return grades

    @property
    def gold(self) -> frozenset[str]:
        return frozenset(support.document for support in self.supports)


@dataclass(frozen=True, slots=True)
class Remark:
    item: str
    reason: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """Paragraphs, a folder of files, or a library that is there already hold the documents.

    false_paragraphs: documents that hold false answers; they are no part of the set until somebody puts them in.
    skipped: left out; mended: kept, after a repair.
    """

    spec: str
    questions: tuple[Question, ...]
    paragraphs: tuple[Paragraph, ...] = ()
    false_paragraphs: tuple[Paragraph, ...] = ()
    folder: Path | None = None
    library: Path | None = None  # a collection's folder
    skipped: tuple[Remark, ...] = ()
    mended: tuple[Remark, ...] = ()

    def limited(self, limit: int | None) -> Dataset:
        """Return the set with its first questions only; the documents all stay, or retrieval would be too easy."""
        return self if limit is None else replace(self, questions=self.questions[:limit])
