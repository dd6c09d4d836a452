"""How much of a claim's words its quote has, and whether they stand together there. Knows nothing of what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from rag.check.around import Around
from rag.check.said import Said, Word

NEAR = 3  # telling words within which two that stand together in the claim stand together in the quote
HALF = 0.5  # of a Chinese word, where the quote has but its characters


@dataclass(frozen=True, slots=True)
class Cover:
    """words and pairs are shares of the claim's, in [0, 1]. lacking counts the words that the quote has not."""

    words: float
    pairs: float
    lacking: int
    exchanged: int  # of the lacking, those in whose place the quote has another word that the claim has not


def cover(claim: Said, quote: Said, around: Around) -> Cover:
    wanted = claim.telling
    if not wanted:
        return Cover(0.0, 0.0, 0, 0)
    shares = {word.stem: _share(word, quote) for word in wanted}
    lacking = [place for place, word in enumerate(wanted) if shares[word.stem] <= HALF]
    return Cover(
        words=sum(shares[word.stem] for word in wanted) / len(wanted),
        pairs=_pairs(claim, quote),
        lacking=len(lacking),
        exchanged=sum(_exchanged(claim, place, around) for place in lacking),
    )


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


def _exchanged(claim: Said, place: int, around: Around) -> bool:
    between = around.instead(claim.telling, place, place)
    return any(all(word.stem not in claim.stems for word in words) for words in between)
