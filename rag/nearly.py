"""Whether one text says what another says already, but for differences that cannot matter. Pure: knows no documents.

What differs between two near duplicates may be the answer: a date, an amount, a name, a "not", and as well any other
word. So nearly the same counts as the same only where nothing differs but layout, idle words and a letter misread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rapidfuzz.distance import Indel, LCSseq, Levenshtein

from rag.text import UNSPACED

ALIKE = 0.9  # the share of characters, and of words, that both texts have in the same order
TYPO_LETTERS = 6  # of the shortest word that is the same with one letter changed

_WORD = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+")
# Words whose coming or going changes nothing. Those of place, time, choice and duty do: from, was, 了, or, may.
IDLE = frozenset("a an the of that which its it this these also 的 之 也".split())


def says_nearly(said: str, text: str) -> bool:
    """Tell whether who reads one of them need not read the other."""
    shorter, longer = sorted((len(said), len(text)))
    if shorter < ALIKE * longer or Indel.normalized_similarity(said, text, score_cutoff=ALIKE) == 0:
        return False
    ours, theirs = _WORD.findall(said), _WORD.findall(text)
    one, other = ([word.casefold() for word in words] for words in (ours, theirs))
    if LCSseq.normalized_similarity(one, other, score_cutoff=ALIKE) == 0:
        return False
    return all(_is_nothing(ours[here], theirs[there]) for here, there in _differences(one, other))


def _differences(one: Sequence[str], other: Sequence[str]) -> Iterator[tuple[slice, slice]]:
    """Yield what stands between the runs that both have, in both."""
    begun = other_begun = 0
    for block in LCSseq.editops(one, other).as_matching_blocks():  # the last is empty, at both ends
        if (block.a, block.b) != (begun, other_begun):
            yield slice(begun, block.a), slice(other_begun, block.b)
        begun, other_begun = block.a + block.size, block.b + block.size


def _is_nothing(here: Sequence[str], there: Sequence[str]) -> bool:
    if all(word.casefold() in IDLE for word in (*here, *there)):
        return True
    return len(here) == len(there) and all(map(_is_misread, here, there))


def _is_misread(one: str, other: str) -> bool:
    """One letter inside a long word that is no name: legal and illegal, employer and employee are two words."""
    return (
        one.isascii()
        and one.isalpha()
        and one.islower()
        and min(len(one), len(other)) >= TYPO_LETTERS
        and (one[0], one[-1]) == (other[0], other[-1])
        and other.isalpha()
        and Levenshtein.distance(one, other, score_cutoff=1) <= 1
    )
