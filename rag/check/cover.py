"""How much of a claim's words its quote has, and whether they stand together there. Knows nothing of what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from rag.check.said import Said, Word

NEAR = 3  # telling words within which two that stand together in the claim stand together in the quote
HALF = 0.5  # of a Chinese word, where the quote has but its characters


@dataclass(frozen=True, slots=True)
class Cover:
    """Shares of the claim's words, and of the pairs of words that stand together in it; in [0, 1]."""

    words: float
    pairs: float


def cover(claim: Said, quote: Said) -> Cover:
    wanted = claim.telling
    if not wanted:
        return Cover(0.0, 0.0)
    return Cover(words=sum(_share(word, quote) for word in wanted) / len(wanted), pairs=_pairs(claim, quote))


def _share(word: Word, quote: Said) -> float:
    if word.stem in quote.stems:
        return 1.0
    if word.text < "\u2e80":
        return 0.0
    if word.text in quote.lower:
        return 1.0
    return HALF * sum(letter in quote.lower for letter in word.text) / len(word.text)


def _pairs(claim: Said, quote: Said) -> float:
    wanted = list(pairwise(word.stem for word in claim.telling))
    if not wanted:
        return 0.0
    places: dict[str, list[int]] = {}
    for place, word in enumerate(quote.telling):
        places.setdefault(word.stem, []).append(place)
    return sum(_near(places.get(one), places.get(other)) for one, other in wanted) / len(wanted)


def _near(ones: list[int] | None, others: list[int] | None) -> bool:
    if not ones or not others:
        return False
    if len(ones) * len(others) > 100:  # words that stand everywhere
        return True
    return any(abs(one - other) <= NEAR for one in ones for other in others)
