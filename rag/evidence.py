"""Which sentences of the passages answer a question, and how likely it is that any does. Knows nothing of models.

Both are judged by the question's terms, weighted by how rare they are in the library: how many of them a sentence
holds, its passage holds, and whether the sentence has what is asked for (a number, a date).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from rag.text import query_terms, search_terms, sentence_spans
from rag.types import Evidence, EvidenceSentence, Passage

# Of a sentence's score; set by hand on XQuAD, where the best sentence holds the answer in 0.79 (en) and 0.76 (zh).
PASSAGE_COVER = 0.3
PASSAGE_RANK = 0.5
SENTENCE_BEFORE = 0.3
RIGHT_TYPE = 0.15

MAX_SENTENCES = 40


class AnswerType(Enum):
    NUMBER = "number"
    DATE = "date"
    OTHER = "other"


_ASKS_DATE = re.compile(
    r"哪一?年|何时|什么时候|什么时间|啥时候|哪个?月|几月|日期|什么年|\bwhen\b|(?:what|which) (?:year|date|day|month|century)"
)
_ASKS_NUMBER = re.compile(
    r"多少|几[个名位次年场座种倍成]|多大|多长|多高|多久|多远|第几|比例|百分|"
    r"\bhow (?:many|much|long|far|old|often|high|large|big|tall)\b|\bwhat (?:percent|number|share)"
)
_DATE = re.compile(
    r"\b1\d{3}\b|\b20\d\d\b|\d ?[年月]|世纪|\d ?世紀|centur|"
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d|[零〇一二三四五六七八九十百千万億亿两兩]+[个個名位次场場种種条條座块塊米公倍成年]|半|"
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundred|thousand|million|billion|half)\b",
    re.IGNORECASE,
)


def answer_type(question: str) -> AnswerType:
    lowered = question.lower()
    if _ASKS_DATE.search(lowered):
        return AnswerType.DATE
    return AnswerType.NUMBER if _ASKS_NUMBER.search(lowered) else AnswerType.OTHER


@dataclass(frozen=True, slots=True)
class Features:
    """What confidence is estimated from; each in [0, 1]."""

    sentence_cover: float  # of the question's terms, by the best sentence
    passage_cover: float  # by that sentence's passage
    cover_gap: float  # how much more of them the best passage holds than the next one
    count_cover: float  # share of distinct terms in that passage, however rare they are
    wrong_type: float  # 1: a number or date is asked for, and the sentence has none
    missing_numbers: float  # share of the question's numbers that the passage lacks

    def confidence(self) -> float:
        """Return the estimated chance that the passages hold the answer."""
        values = (
            self.sentence_cover,
            self.passage_cover,
            self.cover_gap,
            self.count_cover,
            self.wrong_type,
            self.missing_numbers,
        )
        logit = BIAS + sum(weight * value for weight, value in zip(WEIGHTS, values, strict=True))
        return 1.0 / (1.0 + math.exp(-logit))


BIAS = -6.0
WEIGHTS = (3.0, 4.0, 3.0, 2.0, -1.0, -1.0)


def weigh(question: str, passages: Sequence[Passage], frequency: Callable[[str], int], chunks: int) -> Evidence:
    """Score the passages' sentences, and estimate the chance that they answer.

    frequency: in how many of the library's chunks a search term stands; chunks: how many there are.
    """
    evidence, _ = examine(question, passages, frequency, chunks)
    return evidence


def examine(
    question: str, passages: Sequence[Passage], frequency: Callable[[str], int], chunks: int
) -> tuple[Evidence, Features | None]:
    """Do as `weigh`, and tell the features too, which are None where there is no sentence at all."""
    rarity = {term: _rarity(frequency(term), chunks) for term in dict.fromkeys(query_terms(question))}
    wanted = answer_type(question)
    sentences: list[EvidenceSentence] = []
    held_by = [set(search_terms(f"{passage.title} {passage.text}")) for passage in passages]
    covers = [_cover(rarity, held) for held in held_by]
    best_score = max((passage.score for passage in passages), default=0.0) or 1.0
    for index, passage in enumerate(passages):
        before = 0.0
        for position, span in enumerate(sentence_spans(passage.text)):
            text = span.of(passage.text)
            held = set(search_terms(text))
            cover = _cover(rarity, held)
            score = (
                cover
                + PASSAGE_COVER * covers[index]
                + PASSAGE_RANK * passage.score / best_score
                + SENTENCE_BEFORE * before
                + RIGHT_TYPE * _has_type(text, wanted)
            )
            before = cover
            sentences.append(EvidenceSentence(index, text, score, position))
    if not sentences:
        return Evidence(0.0, ()), None
    ranked = sorted(sentences, key=lambda sentence: (-sentence.score, sentence.passage, sentence.position))
    best = ranked[0]
    held = held_by[best.passage]
    numbers = [term for term in rarity if term.isdecimal()]
    others = [cover for index, cover in enumerate(covers) if index != best.passage]
    features = Features(
        sentence_cover=_cover(rarity, set(search_terms(best.text))),
        passage_cover=covers[best.passage],
        cover_gap=max(0.0, covers[best.passage] - max(others, default=0.0)),
        count_cover=_share(term in held for term in rarity),
        wrong_type=float(wanted is not AnswerType.OTHER and not _has_type(best.text, wanted)),
        missing_numbers=1.0 - _share(term in held for term in numbers) if numbers else 0.0,
    )
    return Evidence(features.confidence(), tuple(ranked[:MAX_SENTENCES])), features


def _rarity(frequency: int, chunks: int) -> float:
    """Return BM25's inverse document frequency."""
    return math.log(1.0 + (max(chunks, frequency) - frequency + 0.5) / (frequency + 0.5))


def _cover(rarity: dict[str, float], held: set[str]) -> float:
    total = sum(rarity.values())
    return sum(weight for term, weight in rarity.items() if term in held) / total if total else 0.0


def _share(values: Iterable[bool]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0


def _has_type(text: str, wanted: AnswerType) -> bool:
    if wanted is AnswerType.DATE:
        return _DATE.search(text) is not None
    return wanted is AnswerType.NUMBER and _NUMBER.search(text) is not None
