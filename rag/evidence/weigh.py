"""Weigh what the passages hold for a question: their sentences, best first, and the chance that they answer it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from rag.evidence.confidence import confidence
from rag.evidence.reading import Alike, Frequency, read
from rag.evidence.sentences import ranked
from rag.evidence.signals import signals
from rag.text import question_language
from rag.types import Evidence, EvidenceSentence, Passage

MAX_SENTENCES = 40


def weigh(
    question: str, passages: Sequence[Passage], frequency: Frequency, chunks: int, alike: Alike | None = None
) -> Evidence:
    """Score the passages' sentences, and estimate the chance that they answer.

    frequency: in how many of the library's chunks a search term stands; chunks: how many there are. alike: where an
    embedder knows the question's language.
    """
    sentences = ranked(read(question, passages, frequency, chunks, alike))
    seen = signals(question, passages, frequency, chunks, alike)
    chance = confidence(seen, question_language(question)) if seen is not None else 0.0
    return Evidence(chance, tuple(sentences[:MAX_SENTENCES]))


def together(parts: Sequence[Evidence], *, least: float) -> Evidence:
    """Join what the passages hold for each part of a question, so that the best of each comes before the rest.

    least: a part of less confidence gives no sentence, if another gives one. Scores are made comparable: the best
    sentence of each part has the score of the best of all.
    """
    confidence = sum(part.confidence for part in parts) / len(parts)
    held = [part for part in parts if part.confidence >= least and part.sentences] or [
        part for part in parts if part.sentences
    ]
    if not held:
        return Evidence(confidence, ())
    best = max(part.sentences[0].score for part in held)
    raised = [
        [replace(sentence, score=sentence.score + best - part.sentences[0].score) for sentence in part.sentences]
        for part in held
    ]
    turns = (sentence for turn in zip_longest(*raised) for sentence in turn if sentence is not None)
    chosen: dict[tuple[int, int], EvidenceSentence] = {}
    for sentence in turns:
        chosen.setdefault((sentence.passage, sentence.position), sentence)
    return Evidence(confidence, tuple(chosen.values())[:MAX_SENTENCES])
