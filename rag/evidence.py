"""Which sentences of the passages answer a question, and how likely it is that any does. Knows nothing of models.

Both are judged by the question's terms, weighted by how rare they are in the library: how many of them a sentence
holds, its passage holds, and whether the sentence has what is asked for (a number, a date).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from itertools import zip_longest

from rag.asked import AnswerType, answer_type, holds_type, name_terms
from rag.text import search_terms, sentence_spans, telling_terms
from rag.types import Evidence, EvidenceSentence, Passage

# Of a sentence's score; set by hand, on XQuAD.
PASSAGE_COVER = 0.3
PASSAGE_RANK = 0.5
SENTENCE_BEFORE = 0.3
RIGHT_TYPE = 0.15
# A heading or a question repeats what is asked and answers nothing; what follows it may.
ANSWERS_NOTHING = -1.0
NEW_TERMS = 2  # that a sentence must have beside the question's
HEADING_TERMS = 25  # distinct: about twenty words, or nine Chinese characters

MAX_SENTENCES = 40

_CHECKED_TYPES = (AnswerType.NUMBER, AnswerType.DATE)
_PUNCTUATION = re.compile(r"[。.!！…;；:：,，、|]|^(?:[-*•]|\d)")


@dataclass(frozen=True, slots=True)
class Features:
    """What confidence is estimated from; each in [0, 1]."""

    sentence_cover: float  # of the question's terms, by the best sentence
    passage_cover: float  # by that sentence's passage
    cover_gap: float  # how much more of them the best passage holds than the next one
    wrong_type: float  # 1: a number or date is asked for, and the sentence has none
    missing_names: float  # share of the question's names and numbers that the passage lacks

    def confidence(self) -> float:
        """Return the estimated chance that the passages hold the answer."""
        logit = BIAS + sum(weight * value for weight, value in zip(WEIGHTS, astuple(self), strict=True))
        return 1.0 / (1.0 + math.exp(-logit))


# In the order of the features. Learnt by `python -m eval.learn_confidence` on XQuAD en and zh. On articles that were
# not learnt from, the AUROC is 0.942 and 0.940; where 95 % of the answerable are answered, 0.73 and 0.72 of the
# others are refused.
BIAS = -4.87
WEIGHTS = (2.86, 5.42, 2.91, -0.87, -1.27)


def weigh(question: str, passages: Sequence[Passage], frequency: Callable[[str], int], chunks: int) -> Evidence:
    """Score the passages' sentences, and estimate the chance that they answer.

    frequency: in how many of the library's chunks a search term stands; chunks: how many there are.
    """
    evidence, _ = examine(question, passages, frequency, chunks)
    return evidence


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


def examine(
    question: str, passages: Sequence[Passage], frequency: Callable[[str], int], chunks: int
) -> tuple[Evidence, Features | None]:
    """Do as `weigh`, and tell the features too, which are None where there is no sentence at all."""
    names = name_terms(question)
    rarity = {
        term: _rarity(frequency(term), chunks, name=term in names) for term in dict.fromkeys(telling_terms(question))
    }
    wanted = answer_type(question)
    drafts = [_draft(index, passage, rarity) for index, passage in enumerate(passages)]
    best_score = max((passage.score for passage in passages), default=0.0) or 1.0
    sentences = [
        _scored(draft, position, wanted, rank=PASSAGE_RANK * draft.passage.score / best_score)
        for draft in drafts
        for position in range(len(draft.texts))
    ]
    if not sentences:
        return Evidence(0.0, ()), None
    ranked = sorted(sentences, key=lambda sentence: (-sentence.score, sentence.passage, sentence.position))
    best, draft = ranked[0], drafts[ranked[0].passage]
    features = Features(
        sentence_cover=draft.covers[best.position],
        passage_cover=draft.cover,
        cover_gap=max(0.0, draft.cover - max((other.cover for other in drafts if other is not draft), default=0.0)),
        wrong_type=float(wanted in _CHECKED_TYPES and not holds_type(best.text, wanted)),
        missing_names=_share(term not in draft.held for term in names & rarity.keys()),
    )
    return Evidence(features.confidence(), tuple(ranked[:MAX_SENTENCES])), features


@dataclass(frozen=True, slots=True)
class _Draft:
    """A passage taken apart: what its sentences hold of the question's terms."""

    index: int
    passage: Passage
    texts: Sequence[str]
    covers: Sequence[float]
    empty: Sequence[bool]  # the sentences that say nothing beyond the question
    held: set[str]  # of the question's terms, by the passage and its title
    cover: float


def _draft(index: int, passage: Passage, rarity: Mapping[str, float]) -> _Draft:
    texts = [span.of(passage.text) for span in sentence_spans(passage.text)]
    terms = [set(search_terms(text)) for text in texts]
    held = [rarity.keys() & own for own in terms]
    together = set().union(rarity.keys() & set(search_terms(passage.title)), *held)
    return _Draft(
        index,
        passage,
        texts,
        covers=[_cover(rarity, own) for own in held],
        empty=[
            len(own) - len(wanted) < NEW_TERMS or _only_names(text, len(own))
            for text, own, wanted in zip(texts, terms, held, strict=True)
        ],
        held=together,
        cover=_cover(rarity, together),
    )


def _scored(draft: _Draft, position: int, wanted: AnswerType, *, rank: float) -> EvidenceSentence:
    text = draft.texts[position]
    before = draft.covers[position - 1] if position else 0.0
    score = draft.covers[position] + PASSAGE_COVER * draft.cover + rank + SENTENCE_BEFORE * before
    score += RIGHT_TYPE * holds_type(text, wanted) + ANSWERS_NOTHING * draft.empty[position]
    return EvidenceSentence(draft.index, text, score, position)


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


def _share(values: Iterable[bool]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0
