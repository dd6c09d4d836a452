"""The words of an index that a misspelt one may mean. Knows nothing of BM25; Latin letters only."""

from __future__ import annotations

from string import ascii_lowercase
from typing import Any

from rag.text import stems

SHORTEST = 4  # letters: a shorter word has too many neighbours
LONGEST = 24
SHORTEST_FOR_TWO = 8  # letters from which two slips are borne
BEGINNING = 3  # letters that stand, where two others may not
MOST_COMPARED = 2000  # words with such a beginning, the commonest first
MOST = 3  # words returned


def nearest_terms(word: str, term: str, searcher: Any, field: str) -> list[str]:
    """Return the commonest terms of the field that are one slip from the word, or else two, where it is long enough.

    A slip is a letter that is wrong, missing or too many, or two that changed places. word: folded; term: its stem.
    """
    if not SHORTEST <= len(word) <= LONGEST:
        return []
    known = {}
    for other in set(stems(sorted(_one_slip(word)))) | _one_slip(term):
        frequency = searcher.doc_freq(field, other)
        if frequency:
            known[other] = frequency
    if not known and len(word) >= SHORTEST_FOR_TWO:
        known = {
            other: frequency
            for other, frequency in searcher.terms_with_prefix(field, term[:BEGINNING], limit=MOST_COMPARED)
            if abs(len(other) - len(term)) <= 2 and other.isalpha() and distance(term, other) <= 2
        }
    return sorted(known, key=lambda other: (-known[other], other))[:MOST]


def _one_slip(word: str) -> set[str]:
    """Return every word that is one slip away. Source: P. Norvig, How to Write a Spelling Corrector, 2007."""
    parts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    found = {left + right[1:] for left, right in parts if right}
    found |= {left + right[1] + right[0] + right[2:] for left, right in parts if len(right) > 1}
    found |= {left + letter + right[1:] for left, right in parts if right for letter in ascii_lowercase}
    found |= {left + letter + right for left, right in parts for letter in ascii_lowercase}
    return found - {word}


def distance(one: str, other: str) -> int:
    """Return how many slips part two words, each letter touched by one slip at most."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        above, before, row = before, row, [i]
        for j, their in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != their))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == their:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
    return row[-1]
