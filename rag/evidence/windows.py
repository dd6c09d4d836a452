"""What one passage holds of what a question seeks: by the passage, its best sentence, its best few words in a row.

Knows nothing of other passages. A misspelt name, or another form of a word, counts in part.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import OSA

from rag.evidence.pieces import Sentence, counts_of, pieces_of, sentences_of
from rag.evidence.sought import Kind, Sought, Term, is_compound
from rag.text import has_han
from rag.types import Passage

WINDOW = {"en": 12, "zh": 25}  # pieces around a thing of the kind that is asked for
FAR = 0.5  # what a term at the window's edge counts less than one beside the thing
ANOTHER_FORM = 0.7  # what a word counts that begins alike: invasion, invaded; or is one slip away
TWO_SLIPS = 0.6
LIKE_LETTERS = 4  # that a word must have in common with its other form
LIKE_SHARE = 0.6  # of the longer of the two
ONE_SLIP_LETTERS = 5
TWO_SLIPS_LETTERS = 8
PAIRS = 0.8  # what a Chinese word counts of which all pairs of characters stand somewhere
CHARACTERS = 0.25  # and one of which only the characters do
SATURATION, SHORTER = 1.2, 0.75  # BM25's k1 and b
NEAR_HALF = 0.5

Places = Mapping[Term, Sequence[int]]  # where a sentence holds each term


@dataclass(frozen=True, slots=True)
class Match:
    """Shares are of the rarity of the question's terms, in [0, 1]; in part: see the module."""

    document_id: str
    sentences: tuple[str, ...]  # that hold any of the terms, the best first
    sentence: float  # held by the best sentence
    two: float  # by the best two in a row
    window: float  # by the best few words in a row
    around: float  # around the best thing of the kind that is asked for and that the question does not name
    beside: float  # by the best sentence that has such a thing
    runs: float  # share of the question's pieces in runs of two or more that stand in one sentence
    longest: float  # share of the longest such run
    passage: float
    in_part: float  # by the passage, other forms of words included
    frequent: float  # BM25 of the passage, as a share of the terms' rarity
    worded: float  # BM25 over all that is searched for, as a share of its rarity
    missing: Mapping[Term, float]  # the terms that the passage lacks, and what of each is lacking: less for other forms

    @property
    def score(self) -> float:
        """Which of the passages holds most."""
        return self.in_part + self.sentence + (self.window + self.around + self.runs) / 2


def match(sought: Sought, passage: Passage, usual_length: float) -> Match:
    """usual_length: of the passages, in pieces."""
    sentences = sentences_of(passage.text)
    title = frozenset(pieces_of(passage.title)) if passage.title else frozenset()
    here = title.union(*(sentence.places for sentence in sentences))
    meant = _meant(sought, here)
    held = [_held(sought, sentence, meant) for sentence in sentences]
    counted: dict[Term, int] = {term: 1 for term in sought.rarities if title.issuperset(term)}
    for places in held:
        for term, where in places.items():
            if term[0] not in meant:  # a misspelt word is held by a sentence, but by the passage only in part
                counted[term] = counted.get(term, 0) + len(where)
    missing = {term: 1.0 - _in_part(term, sentences, here) for term in sought.rarities if term not in counted}
    total = sought.total
    partly = math.fsum(sought.rarities[term] * (1.0 - lacking) for term, lacking in missing.items()) / total
    shares = [_share(sought, places) for places in held]
    width = WINDOW[sought.language]
    around = [_around(sought, sentence, places, width) for sentence, places in zip(sentences, held, strict=True)]
    runs = [_runs(sought.pieces, sentence) for sentence, share in zip(sentences, shares, strict=True) if share]
    length = sum(len(sentence.pieces) for sentence in sentences)
    slowness = SATURATION * (1 - SHORTER + SHORTER * length / (usual_length or 1.0))
    best = sorted((place for place, share in enumerate(shares) if share), key=lambda place: -shares[place])
    return Match(
        document_id=passage.document_id,
        sentences=tuple(sentences[place].text for place in best),
        sentence=max(shares, default=0.0),
        two=max((_share(sought, {*one, *other}) for one, other in zip(held, [(), *held], strict=False)), default=0.0),
        window=max((_window(sought, places, width) for places in held), default=0.0),
        around=max((near for near, _ in around), default=0.0),
        beside=max((share for share, (_, has) in zip(shares, around, strict=True) if has), default=0.0),
        runs=max((one for one, _ in runs), default=0.0),
        longest=max((one for _, one in runs), default=0.0),
        passage=_share(sought, counted),
        in_part=_share(sought, counted) + partly,
        frequent=math.fsum(
            sought.rarities[term] * count * (SATURATION + 1) / (count + slowness) for term, count in counted.items()
        )
        / total,
        worded=_worded(sought, passage, slowness),
        missing=missing,
    )


def _worded(sought: Sought, passage: Passage, slowness: float) -> float:
    counts = counts_of(passage.text)
    found = math.fsum(
        rarity * counts[gram] * (SATURATION + 1) / (counts[gram] + slowness)
        for gram, rarity in sought.grams.items()
        if gram in counts
    )
    return found / (math.fsum(sought.grams.values()) or 1.0)


def _share(sought: Sought, terms: Iterable[Term]) -> float:
    """Exact, since the order of a set changes from run to run, and trees see the last digit."""
    return math.fsum(sought.rarities[term] for term in terms) / sought.total


def _meant(sought: Sought, here: Collection[str]) -> dict[str, str]:
    """Return the words that stand nowhere in the library, each with the one here that it is a slip away from."""
    meant = {}
    for term, frequency in sought.frequencies.items():
        word = term[0]
        if frequency == 0 and len(term) == 1 and word.isascii() and word.isalpha() and len(word) >= ONE_SLIP_LETTERS:
            near = [other for other in here if other[0] == word[0] and _slips(word, other) == 1]
            if near and word not in here:
                meant[word] = min(near)
    return meant


def _slips(word: str, other: str) -> int:
    return OSA.distance(word, other, score_cutoff=2)


def _held(sought: Sought, sentence: Sentence, meant: Mapping[str, str]) -> dict[Term, tuple[int, ...]]:
    places = sentence.places
    held = {}
    for term in sought.rarities:
        where = places.get(meant.get(term[0], term[0]), ())
        for offset, piece in enumerate(term[1:], 1):
            if not where:
                break
            there = places.get(piece, ())
            where = tuple(place for place in where if place + offset in there)
        if is_compound(term):  # GPT-4 is written GPT4 too
            where += places.get("".join(term), ())
        if where:
            held[term] = where
    return held


def _in_part(term: Term, sentences: Sequence[Sentence], here: Collection[str]) -> float:
    """Return what of a term a passage holds that does not hold it."""
    if len(term) > 1:
        pairs = list(pairwise(term))
        stand = sum(any(_has_pair(sentence, *pair) for sentence in sentences) for pair in pairs)
        if stand:
            return PAIRS * stand / len(pairs)
        return CHARACTERS * sum(piece in here for piece in term) / len(term)
    word = term[0]
    if not word.isalpha() or len(word) < LIKE_LETTERS or has_han(word):
        return 0.0
    return max((_alike(word, other) for other in here if other[0] == word[0]), default=0.0)


def _has_pair(sentence: Sentence, one: str, other: str) -> bool:
    after = sentence.places.get(other, ())
    return bool(after) and any(place + 1 in after for place in sentence.places.get(one, ()))


def _alike(word: str, other: str) -> float:
    if len(other) < LIKE_LETTERS or abs(len(word) - len(other)) > LIKE_LETTERS:
        return 0.0
    same = next((i for i, (one, two) in enumerate(zip(word, other, strict=False)) if one != two), None)
    same = min(len(word), len(other)) if same is None else same
    if same >= LIKE_LETTERS and same >= LIKE_SHARE * max(len(word), len(other)):
        return ANOTHER_FORM
    slips = _slips(word, other)
    if slips <= 1 and len(word) >= ONE_SLIP_LETTERS:
        return ANOTHER_FORM
    return TWO_SLIPS if slips <= 2 and len(word) >= TWO_SLIPS_LETTERS else 0.0


def _window(sought: Sought, places: Places, width: int) -> float:
    """Return the largest share that so many pieces in a row hold."""
    standing = sorted((place, term) for term, where in places.items() for place in where)
    best = 0.0
    for start, (first, _) in enumerate(standing):
        terms = set()
        for place, term in standing[start:]:
            if place - first > width:
                break
            terms.add(term)
        best = max(best, _share(sought, terms))
    return best


def _around(sought: Sought, sentence: Sentence, places: Places, width: int) -> tuple[float, bool]:
    """Return the largest share around a thing of the kind that is asked for, and whether there is any."""
    if not places:
        return 0.0, False
    asked = set(sought.pieces)
    best, any_there = 0.0, False
    for place, thing in enumerate(sentence.things):
        if not thing & sought.wants or sentence.pieces[place] in asked:
            continue
        any_there = True
        away = {term: min(abs(place - other) for other in where) for term, where in places.items()}
        near = (sought.rarities[term] * (1.0 - FAR * steps / width) for term, steps in away.items() if steps <= width)
        best = max(best, math.fsum(near) / sought.total)
    return best, any_there


def _runs(asked: Sequence[str], sentence: Sentence) -> tuple[float, float]:
    """Return the share of the question's pieces in runs that stand in the sentence too, and that of the longest."""
    covered = longest = start = 0
    while start < len(asked):
        length = max(
            (_run(asked, start, sentence.pieces, at) for at in sentence.places.get(asked[start], ())), default=0
        )
        covered += length if length > 1 else 0
        longest = max(longest, length)
        start += max(1, length)
    return covered / (len(asked) or 1), longest / (len(asked) or 1)


def _run(asked: Sequence[str], start: int, pieces: Sequence[str], at: int) -> int:
    length = 0
    while start + length < len(asked) and at + length < len(pieces) and asked[start + length] == pieces[at + length]:
        length += 1
    return length


def lacks(sought: Sought, found: Match, kind: Kind) -> float:
    """Return the share of the terms of a kind that a passage lacks, of all terms."""
    return (
        math.fsum(
            sought.rarities[term] * lacking for term, lacking in found.missing.items() if sought.kinds[term] is kind
        )
        / sought.total
    )


def holds(sought: Sought, found: Match, kind: Kind) -> float:
    """Return the share of the terms of a kind that a passage holds, of all terms."""
    return _share(sought, (term for term, its in sought.kinds.items() if its is kind and term not in found.missing))
