"""Rank the sentences of the passages by how likely each is to answer. Knows nothing of refusing."""

from __future__ import annotations

from rag.asked import holds_type
from rag.evidence.reading import Read, Reading
from rag.types import EvidenceSentence

# Of a sentence's score; set by hand, on XQuAD.
PASSAGE_COVER = 0.3
PASSAGE_RANK = 0.5
SENTENCE_BEFORE = 0.3
RIGHT_TYPE = 0.15
ANSWERS_NOTHING = -1.0


def ranked(read: Read) -> list[EvidenceSentence]:
    """Return all the passages' sentences, best first."""
    sentences = [
        _scored(read, reading, position) for reading in read.readings for position in range(len(reading.texts))
    ]
    return sorted(sentences, key=lambda sentence: (-sentence.score, sentence.passage, sentence.position))


def _scored(read: Read, reading: Reading, position: int) -> EvidenceSentence:
    text = reading.texts[position]
    before = reading.covers[position - 1] if position else 0.0
    rank = PASSAGE_RANK * reading.passage.score / read.best_score
    score = reading.covers[position] + PASSAGE_COVER * reading.cover + rank + SENTENCE_BEFORE * before
    score += RIGHT_TYPE * holds_type(text, read.asked.wanted) + ANSWERS_NOTHING * reading.empty[position]
    return EvidenceSentence(reading.index, text, score, position)
