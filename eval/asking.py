"""Ask a dataset's questions of the library that holds its documents. Knows nothing of runs, figures or files.

The retriever and the answerer are those of rag.build, as a user has them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import Enum, auto
from itertools import islice

from eval.corpus import Corpus
from eval.judge import DEPTH, answer_scores, rank_scores
from eval.questions import Question
from eval.record import Record
from rag.build import build_answerer, build_retriever
from rag.config import Settings
from rag.ports import Embedder
from rag.retrieve import Reorder
from rag.types import Answer, Hit

log = logging.getLogger(__name__)

CANDIDATES = 50  # chunks of a leg alone: DEPTH documents, where a document has five chunks
QUERY_BATCH = 64


class Scope(Enum):
    RETRIEVAL = auto()  # rankings alone
    ANSWERS = auto()  # and answers, citations and refusals
    ANSWERS_ALONE = auto()  # without rankings, in half the time


def ask_all(
    questions: Sequence[Question],
    corpus: Corpus,
    settings: Settings,
    embedder: Embedder,
    scope: Scope,
    *,
    reorder: Sequence[tuple[str, Reorder]] = (),
    after: int = 0,
) -> Iterator[tuple[Record, Answer | None]]:
    """Yield what was measured of each question, and its answer, where one was asked for and came.

    reorder: named, what each ranking goes through before it is widened to passages: how a perturbation hands other
    passages to the answerer. after: so many of the first were asked before, and are passed over.
    """
    retriever = answerer = None
    if scope is not Scope.ANSWERS_ALONE:
        retriever = build_retriever(settings, corpus.library, embedder, reorder=reorder)
    if scope is not Scope.RETRIEVAL:
        answerer = build_answerer(settings, corpus.library, embedder, reorder=reorder)
    corpus.library.refresh()
    asked = (
        _with_dense(questions, corpus, embedder, after)
        if retriever is not None
        else ((one, ()) for one in questions[after:])
    )
    for question, dense in asked:
        begun = _begun(question, corpus)
        rankings: dict[str, Sequence[str]] = {}
        try:
            if retriever is not None:
                rankings["dense"] = ranked_documents(corpus, dense)
                rankings["lexical"] = ranked_documents(corpus, corpus.library.lexical(question.text, CANDIDATES))
                rankings["hybrid"] = ranked_documents(corpus, retriever.find(question.text).ranking)
            scores = _ranking_scores(rankings, begun.gold)
            answer = None
            if answerer is not None:
                answer = answerer.answer(question.text)
                scores |= answer_scores(question, answer, _texts(corpus, answer), corpus.documents)
            yield replace(begun, scores=scores, rankings=rankings, answered=answer is not None), answer
        except Exception as error:  # the edge: one question must not end the run, and is counted as failed
            log.exception("question %s failed", question.id)
            failure = f"{type(error).__name__}: {error}"
            scores = _ranking_scores(rankings, begun.gold)
            yield replace(begun, scores=scores, rankings=rankings, error=failure), None


def _begun(question: Question, corpus: Corpus) -> Record:
    """What is known of a question before it is asked."""
    # a document that could not be read is gold all the same: nothing that is found will be it
    gold = {corpus.documents.get(name, name): grade for name, grade in question.grades.items()}
    return Record(
        id=question.id,
        question=question.text,
        language=question.language,
        kind=question.kind,
        answerable=question.answerable,
        told=bool(question.answers),
        scores={},
        unit=min(question.gold, default=question.id),
        slices=question.slices,
        synthetic=question.synthetic,
        answers=question.answers,
        gold=gold,
    )


def _ranking_scores(rankings: Mapping[str, Sequence[str]], gold: Mapping[str, float]) -> dict[str, float]:
    scores = {leg: rank_scores(ranking, gold) for leg, ranking in rankings.items()}
    return {f"{leg}.{name}": value for leg, found in scores.items() for name, value in found.items()}


def _with_dense(
    questions: Sequence[Question], corpus: Corpus, embedder: Embedder, after: int
) -> Iterator[tuple[Question, Sequence[Hit]]]:
    """Yield each question with its dense hits, embedded in batches.

    The batches are the same wherever one begins: on torch a vector depends, in its last bits, on what it came with.
    """
    for first in range(after - after % QUERY_BATCH, len(questions), QUERY_BATCH):
        batch = questions[first : first + QUERY_BATCH]
        vectors = embedder.embed_queries([question.text for question in batch])
        found = zip(batch, corpus.library.dense(vectors, CANDIDATES), strict=True)
        yield from islice(found, max(after - first, 0), None)


def ranked_documents(corpus: Corpus, hits: Iterable[Hit]) -> list[str]:
    """Return the documents of the hits' chunks, each where its best chunk stands, at most DEPTH of them."""
    keys = [hit.key for hit in hits]
    chunks = corpus.library.chunks(keys)
    return list(dict.fromkeys(chunks[key].document_id for key in keys if key in chunks))[:DEPTH]


def _texts(corpus: Corpus, answer: Answer) -> dict[str, str]:
    return {key: corpus.library.document(key).text for key in {citation.document_id for citation in answer.citations}}
