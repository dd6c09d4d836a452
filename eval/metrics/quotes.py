"""Say whether two quotes tell the same. Pure; knows nothing of documents."""

from __future__ import annotations

import re

from eval.metrics.answers import WORD
from rag.text import fold

PINYIN_NOTE = re.compile(r"[(（][a-zü]*[āáǎàōóǒòēéěèīíǐìūúǔùǖǘǚǜ][a-zü]*[)）]")
LEAST_RUN = 8  # characters: a shorter stretch in common says little


def letters(text: str) -> str:
    """Return the letters and digits of a text, folded: what is left when layout and punctuation are mended.

    Pinyin notes go too: gold quotes are of files as they were found, answers of texts that were mended.
    """
    return "".join(WORD.findall(fold(PINYIN_NOTE.sub("", text))))


def overlaps(quote: str, gold: str) -> bool:
    """Say whether two quotes tell the same: one holds the other, or they share a run of half the gold one.

    Compared by letters and digits alone, after folding, so that a mended line break or comma does not count.
    """
    left, right = letters(quote), letters(gold)
    if not left or not right:
        return False
    if right in left or (left in right and len(left) >= min(12, len(right))):
        return True
    need = max(LEAST_RUN, len(right) // 2)
    return any(right[at : at + need] in left for at in range(len(right) - need + 1))
