"""Each question of a set asked of several libraries: such that hold its answer, and such that do not.

    for situation in load_situations("squad:xquad.en.json", Path("runs/libraries")): ...

WHOLE is the set's library, DELETED the same without the answer's paragraph, CUT with that paragraph but without its
sentences that hold the answer. ARTICLE and ARTICLE_DELETED hold the other paragraphs of the same article alone, all of
them on the topic. SLIPPED and SLIPPED_DELETED are WHOLE and DELETED asked with one wrong character. SMALL holds the
answer's passage and at most two of those found beside it, SMALL_DELETED only these, and STRANGE as many of those that
were found for a question of another article. Retrieval ranks once for each kind but CUT, the slipped and the small,
whose passages keep their order.
"""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

from eval.cases import Case, kept_file, load_cases, passage_in, passage_out
from eval.corpus import open_corpus
from eval.datasets.load import load_dataset
from eval.robustness.slips import common_characters, slip
from rag.build import build_embedder, build_retriever
from rag.config import load_settings
from rag.filters import Filters
from rag.library.library import Library
from rag.ports import Embedder
from rag.retrieve import Retriever
from rag.text import query_terms, question_language, search_terms, sentence_spans, telling_terms
from rag.types import Document, Passage, Span

FEWEST = 3  # paragraphs of an article that make a library
SMALLEST = 3  # passages of a small library, at most
SMALL_EVERY = 3  # one question of so many is asked of small libraries


class Kind(StrEnum):
    WHOLE = "whole"
    DELETED = "deleted"
    CUT = "cut"
    ARTICLE = "article"
    ARTICLE_DELETED = "article_deleted"
    SLIPPED = "slipped"
    SLIPPED_DELETED = "slipped_deleted"
    SMALL = "small"
    SMALL_DELETED = "small_deleted"
    STRANGE = "strange"


HELD = frozenset({Kind.WHOLE, Kind.ARTICLE, Kind.SLIPPED, Kind.SMALL})  # the kinds that hold the answer


@dataclass(frozen=True, slots=True)
class Situation:
    """A question and what one library gives for it. frequencies: in how many of its chunks each term stands."""

    id: str
    question: str
    language: str
    article: str
    kind: Kind
    passages: tuple[Passage, ...]
    frequencies: Mapping[str, int]
    chunks: int

    @property
    def held(self) -> bool:
        return self.kind in HELD

    def frequency(self, term: str) -> int:
        return self.frequencies.get(term, 0)


def load_situations(
    spec: str, libraries: Path, *, most: int | None = None, kept: Path = Path("runs/cases")
) -> Iterator[Situation]:
    """Yield the situations of each question; a question has ARTICLE and ARTICLE_DELETED where its article is long.

    most: questions, taken evenly from the set.
    """
    keep = load_settings(data=libraries).retrieve.keep
    file = kept_file(spec, libraries, kept / "hard")
    if not file.is_file():
        _make(spec, libraries, kept, file)
    cases = load_cases(spec, libraries, kept=kept)
    common = common_characters(case.question for case in cases)
    paragraphs = Counter(
        term for paragraph in load_dataset(spec).paragraphs for term in set(search_terms(paragraph.text))
    )
    step = max(1, round(len(cases) / most)) if most else 1
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        strange: list[Situation] = []  # one of each article met so far, the last two
        for count, (case, line) in enumerate(islice(zip(cases, lines, strict=True), None, None, step)):
            plain = list(_situations(case, json.loads(line), keep))
            yield from plain
            yield from (_slipped(one, common, paragraphs) for one in plain[:2])
            if not strange or strange[-1].article != case.article:
                strange = [*strange[-1:], plain[0]]
            if count % SMALL_EVERY == 0:
                yield from _small(case, plain[0], strange[0], 1 + count // SMALL_EVERY % SMALLEST)


def _small(case: Case, whole: Situation, strange: Situation, size: int) -> Iterator[Situation]:
    """size: passages of each library; one of one passage is a large one that is searched through a filter."""

    def situation(kind: Kind, passages: Sequence[Passage]) -> Situation:
        if size == 1:
            return replace(whole, kind=kind, passages=tuple(passages))
        terms = [set(search_terms(f"{passage.title}\n{passage.text}")) for passage in passages]
        frequencies = {term: sum(term in own for own in terms) for term in whole.frequencies}
        return replace(whole, kind=kind, passages=tuple(passages), frequencies=frequencies, chunks=len(terms))

    answering = [passage for passage in whole.passages if passage.document_id in case.gold][:1]
    others = [passage for passage in whole.passages if passage.document_id not in case.gold]
    if answering:
        yield situation(Kind.SMALL, answering + others[: size - 1])
    if others:
        yield situation(Kind.SMALL_DELETED, others[:size])
    if strange.article != whole.article:
        yield situation(Kind.STRANGE, strange.passages[:size])


def _slipped(situation: Situation, common: Sequence[str], paragraphs: Mapping[str, int]) -> Situation:
    """paragraphs: in how many a term stands, for what the slip made of the question's."""
    question = slip(situation.question, common, situation.id)
    known = situation.frequencies
    terms = {*search_terms(question), *query_terms(question), *telling_terms(question)}
    return replace(
        situation,
        question=question,
        kind=Kind.SLIPPED if situation.held else Kind.SLIPPED_DELETED,
        frequencies={term: known[term] if term in known else paragraphs.get(term, 0) for term in terms},
    )


def _situations(case: Case, row: dict[str, Any], keep: int) -> Iterator[Situation]:
    def situation(kind: Kind, passages: Iterable[Passage], frequencies: Mapping[str, int], chunks: int) -> Situation:
        language = question_language(case.question)
        return Situation(case.id, case.question, language, case.article, kind, tuple(passages), frequencies, chunks)

    without = {term: case.frequency_absent(term) for term in case.frequencies}
    yield situation(Kind.WHOLE, case.present(keep), case.frequencies, case.chunks)
    yield situation(Kind.DELETED, case.absent(keep), without, case.chunks_absent)
    yield situation(Kind.CUT, map(passage_in, row["cut"]), row["cut_frequencies"], case.chunks)
    for kind in (Kind.ARTICLE, Kind.ARTICLE_DELETED):
        if kind in row:
            one = row[kind]
            yield situation(kind, map(passage_in, one["passages"]), one["frequencies"], one["chunks"])


def _make(spec: str, libraries: Path, kept: Path, file: Path) -> None:
    cases = load_cases(spec, libraries, kept=kept)
    settings = load_settings(data=libraries)
    embedder = build_embedder(settings)
    dataset = load_dataset(spec)
    spans = {question.id: [support.span for support in question.supports] for question in dataset.questions}
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}.part")
    with ExitStack() as stack:
        out = stack.enter_context(gzip.open(part, "wt", encoding="utf-8"))
        corpus = stack.enter_context(open_corpus(dataset, settings, embedder, lambda _done, _total: None))
        retriever = build_retriever(settings, corpus.library, embedder)
        topics: dict[str, list[str]] = {}
        for paragraph in dataset.paragraphs:
            topics.setdefault(paragraph.topic or paragraph.id, []).append(corpus.documents[paragraph.id])
        library = _Library(corpus.library, embedder, retriever)
        for case in cases:
            row = library.cut(case, [span for span in spans[case.id] if span is not None], settings.retrieve.keep)
            article = topics[case.article]
            others = [document for document in article if document not in case.gold]
            if len(article) >= FEWEST:
                row[Kind.ARTICLE] = library.among(case, article)
                row[Kind.ARTICLE_DELETED] = library.among(case, others)
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    part.replace(file)


class _Library:
    def __init__(self, library: Library, embedder: Embedder, retriever: Retriever) -> None:
        self._library = library
        self._embedder = embedder
        self._retriever = retriever
        self._terms: dict[tuple[str, int], frozenset[str]] = {}

    def among(self, case: Case, documents: Sequence[str]) -> dict[str, Any]:
        """What a library of these documents alone gives."""
        passages = self._retriever.retrieve(case.question, filters=Filters(document_ids=tuple(documents)))
        chunks = [chunk for document in documents for chunk in self._chunk_terms(document)]
        return {
            "passages": [passage_out(passage) for passage in passages],
            "frequencies": {term: sum(term in chunk for chunk in chunks) for term in case.frequencies},
            "chunks": len(chunks),
        }

    def cut(self, case: Case, answers: Sequence[Span], keep: int) -> dict[str, Any]:
        """The usual passages, without the sentences that hold the answer."""
        frequencies = dict(case.frequencies)
        removed = {document: _holding(self._library.document(document), answers) for document in case.gold}
        for document, spans in removed.items():
            text = self._library.document(document).text
            chunks = self._library.chunks_of(document)
            for chunk, terms in zip(chunks, self._chunk_terms(document), strict=True):
                left = set(search_terms(_without(text, Span(chunk.start, chunk.end), spans)))
                for term in terms - left:
                    if term in frequencies:
                        frequencies[term] -= 1
        passages = []
        for passage in case.present(keep):
            if passage.document_id in removed:
                text = self._library.document(passage.document_id).text
                spans = removed[passage.document_id]
                left_text = _without(text, Span(passage.start, passage.end), spans)
                if not left_text.strip():
                    continue
                scores: dict[str, float] = {}
                if "dense" in passage.scores:
                    vectors = self._embedder.embed_passages(
                        [_without(text, Span(passage.chunk.start, passage.chunk.end), spans) or left_text]
                    )
                    scores = {"dense": float((vectors @ self._embedder.embed_queries([case.question])[0])[0])}
                passage = replace(passage, text=left_text, scores=scores)
            passages.append(passage)
        return {"cut": [passage_out(passage) for passage in passages], "cut_frequencies": frequencies}

    def _chunk_terms(self, document_id: str) -> list[frozenset[str]]:
        document = self._library.document(document_id)
        return [self._terms_of(document, chunk.start, chunk.end) for chunk in self._library.chunks_of(document_id)]

    def _terms_of(self, document: Document, start: int, end: int) -> frozenset[str]:
        key = document.id, start
        if key not in self._terms:
            self._terms[key] = frozenset(search_terms(document.text[start:end]))
        return self._terms[key]


def _holding(document: Document, answers: Sequence[Span]) -> list[Span]:
    """Return the sentences that an answer stands in, or that say its words again."""
    words = {answer.of(document.text) for answer in answers}
    return [
        span
        for span in sentence_spans(document.text)
        if any(span.overlaps(answer) for answer in answers) or any(word in span.of(document.text) for word in words)
    ]


def _without(text: str, span: Span, removed: Sequence[Span]) -> str:
    """Return the text of a span less what is removed."""
    pieces, at = [], span.start
    for gone in removed:
        if gone.overlaps(Span(at, span.end)):
            pieces.append(text[at : max(at, gone.start)])
            at = max(at, gone.end)
    pieces.append(text[at : span.end])
    return "".join(pieces).strip()
