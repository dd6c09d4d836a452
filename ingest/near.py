"""How alike two texts are, and the few numbers by which alike ones find each other. Pure; knows of no library.

A text is a sequence of folded tokens: a word, or in scripts without spaces a character. So traditional and simplified,
full and half width, capitals, punctuation and layout make no difference.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq

from rag.text import UNSPACED, fold

# Chosen on the tuning half of eval/bench/near_duplicates.py: there the near duplicates that have least in common with
# their originals have 0.75, and the others that have most have 0.66.
NEAR = 0.75
FEWEST_WORDS = 40  # shorter texts are the same or different, not nearly the same: one word changed is too much of them

SHINGLE = 3  # tokens; where every tenth token is edited, 0.7 of the shingles are left
BANDS = 32
ROWS = 3  # hashes that must agree in a band: 0.95 of the pairs with Jaccard index 0.45 meet, 0.004 of those with 0.05
SEED = 1  # another one where anything changes that the numbers rest on: old and new ones then never meet

ANCHOR = 6  # tokens; a run that stands once in each text shows where they run side by side
ANCHORS = 4096
CELLS = 25_000_000  # compared at once: 5,000 tokens with as many take 7 ms
BLOCK = 512  # shingles hashed at once: what fits the processor's cache takes a quarter of the time

Hashes = NDArray[np.uint64]

_TOKEN = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+")
_UNSPACED = re.compile(f"[{UNSPACED}]")


@dataclass(frozen=True, slots=True)
class Signature:
    """Two texts that share a band may be near duplicates; those that share none hardly are. None: too short to tell."""

    bands: tuple[int, ...] = ()


def tokens(text: str) -> list[int]:
    """Return the text's words, or characters where its script has no spaces, each as a number."""
    return [crc32(token.encode()) for token in _TOKEN.findall(fold(text))]


def signature(text: str) -> Signature:
    """Return what a library finds a text's near duplicates by; the same in every process."""
    folded = fold(text)
    # One number at a time: the tokens of a long text, each a string, would take many times its bytes.
    numbers = np.fromiter((crc32(match.group().encode()) for match in _TOKEN.finditer(folded)), dtype=np.uint64)
    if len(numbers) < 2 * FEWEST_WORDS and _is_short(_TOKEN.findall(folded)):
        return Signature()
    hashes = _minima(_shingles(numbers, SHINGLE))
    with np.errstate(over="ignore"):
        mixed = _mix(hashes.reshape(BANDS, ROWS) + _ODD[:ROWS] * np.uint64(SEED))
        bands = _mix(mixed.sum(axis=1, dtype=np.uint64) + np.arange(BANDS, dtype=np.uint64))
    return Signature(tuple(bands.view(np.int64).tolist()))


def _is_short(found: Sequence[str]) -> bool:
    """A Han character carries about as much as half a word."""
    if len(found) >= 2 * FEWEST_WORDS:
        return False
    return sum(0.5 if _UNSPACED.match(token) else 1.0 for token in found) < FEWEST_WORDS


def similarity(one: Sequence[int], other: Sequence[int]) -> float:
    """Return the share of the longer text's tokens that both texts have, in the same order; symmetric, in [0, 1].

    So a text that stands whole inside a much longer one is not like it. Long texts are compared between the runs that
    they have in common, and stretches that share no such run count as different: never too much, seldom too little.
    """
    longer = max(len(one), len(other))
    return _in_common(one, other) / longer if longer else 1.0


def _in_common(one: Sequence[int], other: Sequence[int]) -> int:
    if len(one) * len(other) <= CELLS:
        return LCSseq.similarity(one, other)
    one, other = sorted((one, other), key=lambda tokens: (len(tokens), tokens))  # so that it is symmetric
    total = begun = other_begun = 0
    for ended, other_ended in [*_anchors(one, other), (len(one), len(other))]:
        if (ended - begun) * (other_ended - other_begun) <= CELLS:
            total += LCSseq.similarity(one[begun:ended], other[other_begun:other_ended])
        begun, other_begun = ended, other_ended
    return total


def _anchors(one: Sequence[int], other: Sequence[int]) -> list[tuple[int, int]]:
    """Return places where both texts go on alike, in the order of both: the longest such row of them."""
    here, places = _once(_shingles(one, ANCHOR))
    there, other_places = _once(_shingles(other, ANCHOR))
    _, mine, its = np.intersect1d(here, there, assume_unique=True, return_indices=True)
    order = np.argsort(places[mine])
    pairs = np.stack([places[mine], other_places[its]], axis=1)[order]
    return _rising(pairs[:: len(pairs) // ANCHORS + 1].tolist())


def _once(hashes: Hashes) -> tuple[Hashes, NDArray[np.int64]]:
    """Return the hashes that occur once, and where."""
    values, places, counts = np.unique(hashes, return_index=True, return_counts=True)
    return values[counts == 1], places[counts == 1]


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest run of pairs, sorted by the first, in which the second rises too."""
    ends: list[int] = []  # the least second with which a run of each length ends
    at: list[int] = []
    before: list[int] = []
    for place, (_, second) in enumerate(pairs):
        length = bisect_left(ends, second)
        before.append(at[length - 1] if length else -1)
        ends[length:length] = [] if length < len(ends) else [second]
        at[length:length] = [] if length < len(at) else [place]
        ends[length], at[length] = second, place
    run: list[tuple[int, int]] = []
    place = at[-1] if at else -1
    while place >= 0:
        run.append((pairs[place][0], pairs[place][1]))
        place = before[place]
    return run[::-1]


def _shingles(some: Sequence[int] | Hashes, size: int) -> Hashes:
    """Return a hash of every run of so many tokens, in order."""
    numbers = np.array(some, dtype=np.uint64)
    count = max(0, len(numbers) - size + 1)
    hashes = np.zeros(count, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for place in range(size):
            hashes += _mix(numbers[place : place + count] + _ODD[place])
            hashes *= _ODD[0]
    return _mix(hashes)


def _minima(hashes: Hashes) -> Hashes:
    """Return the least of each of BANDS * ROWS permutations of the hashes: MinHash. Source: Broder, 1997."""
    least = np.full(BANDS * ROWS, np.iinfo(np.uint64).max, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for first in range(0, len(hashes), BLOCK):
            permuted = np.multiply.outer(_ODD, hashes[first : first + BLOCK]) + _SHIFT[:, None]
            np.minimum(least, permuted.min(axis=1), out=least)
    return least


def _mix(numbers: Any) -> Hashes:
    """Scatter 64-bit numbers. Source: Steele et al., splitmix64, OOPSLA 2014."""
    with np.errstate(over="ignore"):
        numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        scattered: Hashes = numbers ^ (numbers >> np.uint64(31))
    return scattered


# By a formula of our own: a library's numbers must not change with the version of a random generator.
_COUNT = np.arange(1, BANDS * ROWS + 1, dtype=np.uint64)
_ODD: Hashes = _mix(_COUNT) | np.uint64(1)
_SHIFT: Hashes = _mix(_COUNT + np.uint64(BANDS * ROWS))
