"""Score rankings, answers, citations and refusals. Pure; knows nothing of datasets, libraries or models.

A mean over nothing is None, never NaN and never 1.0: a score that was not measured must not look like one that was.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from rag.text import fold

ARTICLES = re.compile(r"\b(a|an|the)\b")
# Scripts written without spaces: one character is one token. Kana are in, so mixed Japanese is cut the same way.
_UNSPACED = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
UNSPACED = re.compile(f"([{_UNSPACED}])")
PINYIN_NOTE = re.compile(r"[(（][a-zü]*[āáǎàōóǒòēéěèīíǐìūúǔùǖǘǚǜ][a-zü]*[)）]")
WORD = re.compile(f"[{_UNSPACED}]|[^\\W_{_UNSPACED}]+")


def mean(values: Iterable[float]) -> float | None:
    """Return the mean, or None when there is nothing to take it of."""
    found = list(values)
    return math.fsum(found) / len(found) if found else None


# --- rankings: ids best first, each at most once -------------------------------------------------------------------


def recall(ranking: Sequence[str], gold: Collection[str], k: int) -> float:
    """Return the share of gold that stands in the first k."""
    return len(set(ranking[:k]) & set(gold)) / len(set(gold))


def reciprocal_rank(ranking: Sequence[str], gold: Collection[str], k: int) -> float:
    """Return 1 / rank of the first gold id in the first k, else 0."""
    return next((1 / rank for rank, key in enumerate(ranking[:k], 1) if key in gold), 0.0)


def ndcg(ranking: Sequence[str], grades: Mapping[str, float], k: int) -> float:
    """Return the normalised discounted cumulative gain at k; a document's gain is its grade, as trec_eval has it.

    grades: of the gold documents, above 0. Source: Järvelin and Kekäläinen, 2002.
    """
    gained = _discounted(grades.get(key, 0.0) for key in ranking[:k])
    return gained / _discounted(sorted(grades.values(), reverse=True)[:k])


def _discounted(gains: Iterable[float]) -> float:
    return math.fsum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


# --- answers -------------------------------------------------------------------------------------------------------


def answer_tokens(text: str) -> list[str]:
    """Cut an answer as the SQuAD v1.1 script does, after search folding; each Chinese character is a token.

    Case, punctuation and the English articles go. All Unicode punctuation counts, not only ASCII.
    """
    bare = "".join(
        letter
        for letter in fold(text)
        if not unicodedata.category(letter).startswith("P") and letter not in "$+<=>^`|~"
    )
    return UNSPACED.sub(r" \1 ", ARTICLES.sub(" ", bare)).split()


def f1(answer: str, golds: Iterable[str]) -> float:
    """Return the best token F1 against any gold answer."""
    found = answer_tokens(answer)
    return max((_f1(found, answer_tokens(gold)) for gold in golds), default=0.0)


def exact(answer: str, golds: Iterable[str]) -> float:
    """Return 1 when the answer equals a gold one, token for token."""
    found = answer_tokens(answer)
    return float(any(found == answer_tokens(gold) for gold in golds))


def contains(answer: str, golds: Iterable[str]) -> float:
    """Return 1 when the words of a gold answer stand in the answer, in order and unbroken: 30 is not in 308."""
    words = WORD.findall(fold(answer))
    return float(any(_has_run(words, WORD.findall(fold(gold)), raw=(answer, gold)) for gold in golds))


def _f1(found: Sequence[str], gold: Sequence[str]) -> float:
    if not found or not gold:  # as SQuAD 2.0: an empty answer is right only where nothing was expected
        return float(list(found) == list(gold))
    shared = sum((Counter(found) & Counter(gold)).values())
    return 2 * shared / (len(found) + len(gold))


def _has_run(words: Sequence[str], run: Sequence[str], *, raw: tuple[str, str]) -> bool:
    if not run:  # a gold answer of signs alone, "%" or "C++"'s "++": compare the characters themselves
        return bool(raw[1].strip()) and fold(raw[1]).strip() in fold(raw[0])
    return any(list(words[at : at + len(run)]) == list(run) for at in range(len(words) - len(run) + 1))


# --- quotes --------------------------------------------------------------------------------------------------------

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


# --- refusals ------------------------------------------------------------------------------------------------------


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float | None:
    """Return the chance that a positive scores above a negative, ties counting half; None when either is missing.

    Mann and Whitney's U from mid-ranks, so the order in which ties arrive is of no consequence.
    """
    if not positives or not negatives:
        return None
    counts = Counter(positives) + Counter(negatives)
    mid_rank, below = {}, 0
    for score in sorted(counts):
        mid_rank[score] = below + (counts[score] + 1) / 2
        below += counts[score]
    rank_sum = math.fsum(mid_rank[score] for score in positives)
    least = len(positives) * (len(positives) + 1) / 2
    return (rank_sum - least) / (len(positives) * len(negatives))
