"""Take a question and its passages apart: what each sentence holds of what is asked for. Knows nothing of scores.

Terms weigh by how rare they are in the library.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from rag.asked import AnswerType, answer_type, name_terms
from rag.evidence.apart import Sentence, sentences_of
from rag.text import search_terms, telling_terms
from rag.types import Passage

# A heading or a question repeats what is asked and answers nothing; what follows it may.
NEW_TERMS = 2  # that a sentence must have beside the question's
HEADING_TERMS = 40  # distinct: about thirty words, or fifteen Chinese characters

_PUNCTUATION = re.compile(r"[。.!！…;；:：,，、|]|^(?:[-*•]|\d)")

# In how many of the library's chunks a search term stands.
Frequency = Callable[[str], int]
# The cosine of a question to each of some texts; None where the embedder was not trained for the question's language.
Alike = Callable[[str, Sequence[str]], Sequence[float] | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: its telling terms, each with its rarity, the names among them, and what kind of thing it wants."""

    question: str
    rarity: Mapping[str, float]
    names: frozenset[str]
    wanted: AnswerType


@dataclass(frozen=True, slots=True)
class Reading:
    """A passage taken apart. All sequences go by sentence; covers and cover are shares of the terms' rarity."""

    index: int
    passage: Passage
    texts: Sequence[str]
    sentences: Sequence[Sentence]  # the same, each taken apart
    covers: Sequence[float]
    empty: Sequence[bool]  # the sentences that say nothing beyond the question
    held: frozenset[str]  # of the question's terms, by the passage and its title
    cover: float


@dataclass(frozen=True, slots=True)
class Read:
    asked: Asked
    readings: Sequence[Reading]
    alike: Alike | None = None

    @property
    def best_score(self) -> float:
        """Of a passage, by retrieval; never 0."""
        return max((reading.passage.score for reading in self.readings), default=0.0) or 1.0


def read(
    question: str, passages: Sequence[Passage], frequency: Frequency, chunks: int, alike: Alike | None = None
) -> Read:
    """chunks: how many the library holds."""
    names = name_terms(question)
    rarity = {
        term: _rarity(frequency(term), chunks, name=term in names) for term in dict.fromkeys(telling_terms(question))
    }
    asked = Asked(question, rarity, frozenset(names & rarity.keys()), answer_type(question))
    return Read(asked, [_reading(index, passage, rarity) for index, passage in enumerate(passages)], alike)


def _reading(index: int, passage: Passage, rarity: Mapping[str, float]) -> Reading:
    sentences = sentences_of(passage.text)
    texts = [sentence.text for sentence in sentences]
    terms = [set(search_terms(text)) for text in texts]
    held = [rarity.keys() & own for own in terms]
    together = frozenset().union(rarity.keys() & set(search_terms(passage.title)), *held)
    return Reading(
        index,
        passage,
        texts,
        sentences,
        covers=[_cover(rarity, own) for own in held],
        empty=[
            len(own) - len(wanted) < NEW_TERMS or _only_names(text, len(own))
            for text, own, wanted in zip(texts, terms, held, strict=True)
        ],
        held=together,
        cover=_cover(rarity, together),
    )


def _only_names(text: str, terms: int) -> bool:
    """Tell whether a sentence asks, or only names what others say: a heading is short and has no punctuation."""
    bare = text.rstrip('"”」』)）')
    return bare.endswith(("?", "？")) or (terms <= HEADING_TERMS and not _PUNCTUATION.search(text))


def _rarity(frequency: int, chunks: int, *, name: bool) -> float:
    """Return BM25's inverse document frequency, and half of it for a word that no document has, unless it is a name.

    Such a word may be the asker's own for what the documents call otherwise.
    """
    rarity = math.log(1.0 + (max(chunks, frequency) - frequency + 0.5) / (frequency + 0.5))
    return rarity if frequency or name else rarity / 2


def _cover(rarity: Mapping[str, float], held: Collection[str]) -> float:
    total = sum(rarity.values())
    return sum(weight for term, weight in rarity.items() if term in held) / total if total else 0.0
