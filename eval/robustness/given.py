"""Decide which passages the answerer is given: the one that answers among others, or the usual ones reordered.

They go the way of any ranking: widened, cut to the budget, weighed and answered from. A part of a question, or a
further search, that is no question of the set brings nothing: nothing is given beside what is meant to be.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from eval.corpus import Corpus
from eval.metrics.answers import contains
from eval.metrics.quotes import letters
from eval.questions import Question, Support
from eval.record import Record
from eval.robustness.perturbation import ANSWERED, Perturbation, Reorders
from rag.courtesy import without_courtesy
from rag.plan import Found
from rag.retrieve import Reorder
from rag.types import Chunk, Hit

SHARES = {0: 0, 50: 1, 67: 2, 75: 3, 80: 4}  # per cent of the passages that are noise -> passages beside the one
LOOKED_AT = 40  # of a ranking, for passages that could be taken for the answer's
USUALLY_KEPT = 8  # passages: rag.config's own number


class Noise(StrEnum):
    HARD = "hard"  # the best-ranked passages of other documents
    RANDOM = "random"


class Where(StrEnum):
    FIRST = "first"
    MIDDLE = "middle"
    LAST = "last"


def noises() -> Iterator[Perturbation]:
    for noise in Noise:
        which = "that rank best" if noise is Noise.HARD else "drawn at random"
        for share, count in SHARES.items():
            if count or noise is Noise.HARD:  # no noise is of no kind
                does = f"Beside the passage that answers, {count} of other documents are given, {which}"
                yield Perturbation(
                    name=f"noise-{noise}-{share}" if count else "noise-0",
                    family="noise",
                    does=does if count else "The passage that answers is given, and no other",
                    wanted="the same answer",
                    compared=ANSWERED,
                    reorders=_noise(noise, count),
                )


def positions() -> Iterator[Perturbation]:
    for where in Where:
        yield Perturbation(
            name=f"position-{where}",
            family="position",
            does=f"The passages of the document that answers are given {_SAID[where]}",
            wanted="the same answer",
            compared=ANSWERED,
            reorders=_position(where),
            applies=_was_held,
        )


_SAID = {Where.FIRST: "first", Where.MIDDLE: "in the middle", Where.LAST: "last"}


def _was_held(clean: Record) -> bool:
    return clean.scores.get("passages.any", 0.0) > 0


def _noise(noise: Noise, count: int) -> Callable[[int], Reorders]:
    def of_seed(seed: int) -> Reorders:
        def of_questions(questions: Sequence[Question], corpus: Corpus) -> Reorder:
            asked = _by_text(questions)
            documents = sorted(corpus.documents.values())

            def given(text: str, found: Found) -> Found:
                question = asked.get(without_courtesy(text))
                if question is None:
                    return Found(())
                chance = random.Random(f"{seed} {question.id}")
                others = (
                    (hit.key for hit in found.ranking[:LOOKED_AT])
                    if noise is Noise.HARD
                    else _drawn(documents, corpus, chance)
                )
                keys = [_answering(question, corpus, found), *_irrelevant(question, corpus, others, count)]
                chance.shuffle(keys)
                return _with(found, keys)

            return given

        return of_questions

    return of_seed


def _position(where: Where) -> Callable[[int], Reorders]:
    def of_questions(questions: Sequence[Question], corpus: Corpus) -> Reorder:
        asked = _by_text(questions)

        def given(text: str, found: Found) -> Found:
            question = asked.get(without_courtesy(text))
            if question is None:
                return Found(())
            keys = [hit.key for hit in found.ranking[:USUALLY_KEPT]]
            chunks = corpus.library.chunks(keys)
            gold = _gold(question, corpus)
            ours = [key for key in keys if key in chunks and chunks[key].document_id in gold]
            theirs = [key for key in keys if key not in ours]
            place = {Where.FIRST: 0, Where.MIDDLE: len(theirs) // 2, Where.LAST: len(theirs)}[where]
            return _with(found, [*theirs[:place], *ours, *theirs[place:]])

        return given

    return lambda _seed: of_questions


def _by_text(questions: Iterable[Question]) -> Mapping[str, Question]:
    """Where two ask the same, the passages of either answer: both are known by their documents."""
    asked: dict[str, Question] = {}
    for question in questions:
        text = without_courtesy(question.text)  # as the retriever searches for it
        known = asked.get(text)
        asked[text] = question if known is None else replace(known, supports=(*known.supports, *question.supports))
    return asked


def _gold(question: Question, corpus: Corpus) -> set[str]:
    return {corpus.documents[name] for name in question.gold}


def _answering(question: Question, corpus: Corpus, found: Found) -> int:
    """Return the chunk that holds an answer; where none does, the best-ranked of a document that is right."""
    gold = _gold(question, corpus)
    chunks = [chunk for document in sorted(gold) for chunk in corpus.library.chunks_of(document)]
    texts = corpus.library.excerpts(chunk.key for chunk in chunks)
    for support in question.supports:
        for chunk in chunks:
            if chunk.document_id == corpus.documents[support.document] and _holds(chunk, texts[chunk.key], support):
                return chunk.key
    ranks = {hit.key: rank for rank, hit in enumerate(found.ranking)}
    return min(chunks, key=lambda chunk: ranks.get(chunk.key, len(ranks))).key


def _holds(chunk: Chunk, text: str, support: Support) -> bool:
    if support.span is not None:
        return chunk.start <= support.span.start and support.span.end <= chunk.end
    return bool(support.quote) and letters(support.quote) in letters(text)


def _irrelevant(question: Question, corpus: Corpus, keys: Iterable[int], count: int) -> list[int]:
    """Return the first so many that are of other documents, one of each, and do not hold the answer's words."""
    seen = _gold(question, corpus)
    chosen: list[int] = []
    for key in keys:
        if len(chosen) == count:
            break
        chunk = corpus.library.chunks([key]).get(key)
        if chunk is None or chunk.document_id in seen:
            continue
        seen.add(chunk.document_id)
        if not contains(corpus.library.excerpts([key])[key], question.answers):
            chosen.append(key)
    return chosen


def _drawn(documents: Sequence[str], corpus: Corpus, chance: random.Random) -> Iterator[int]:
    for document in chance.sample(documents, len(documents)):
        chunks = corpus.library.chunks_of(document)
        if chunks:
            yield chance.choice(chunks).key


def _with(found: Found, keys: Sequence[int]) -> Found:
    """Return these alone, in this order; one that was not found has no score."""
    scores = {hit.key: hit.score for hit in found.ranking}
    return replace(found, ranking=[Hit(key, scores.get(key, 0.0)) for key in keys], is_all=True)
