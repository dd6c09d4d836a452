"""Compare an answer's wording with those that are known to be right: ROUGE-L, BLEU and chrF, from 0 to 1. Pure.

They ask how alike two texts are, not whether both are true. The best of the gold answers counts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import lru_cache

from rapidfuzz.distance import LCSseq
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from eval.metrics.answers import WORD
from rag.text import has_han

PER_CENT = 100.0


def rouge_l(answer: str, golds: Collection[str]) -> float:
    """Return the F1 of the longest common subsequence of words, in Chinese of characters. Source: Lin, 2004.

    Lower case, without punctuation; words are not stemmed. One sequence for the whole answer, not one a sentence.
    """
    found = _words(answer)
    return max((_f1(found, _words(gold)) for gold in golds), default=0.0)


def bleu(answer: str, golds: Collection[str]) -> float:
    """Return the BLEU of one answer beside one gold one, by sacrebleu; Chinese is cut into characters.

    Made for many sentences together, it is nothing for one that is shorter than four words: so the order is the
    effective one, and counts of nothing are smoothed.
    """
    return _best(lambda gold: _bleu(_tokenizer(answer, gold)).sentence_score(answer, [gold]).score, golds)


def chrf(answer: str, golds: Collection[str]) -> float:
    """Return chrF2, the F-score of runs of one to six characters, by sacrebleu. Source: Popović, 2015."""
    return _best(lambda gold: _chrf().sentence_score(answer, [gold]).score, golds)


def _best(score: Callable[[str], float], golds: Collection[str]) -> float:
    return max(map(score, golds), default=0.0) / PER_CENT


def _words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def _f1(found: list[str], gold: list[str]) -> float:
    shared = LCSseq.similarity(found, gold)
    return 2 * shared / (len(found) + len(gold)) if shared else 0.0


def _tokenizer(answer: str, gold: str) -> str:
    return "zh" if has_han(answer) or has_han(gold) else "13a"


@lru_cache(maxsize=2)
def _bleu(tokenizer: str) -> BLEU:
    return BLEU(tokenize=tokenizer, effective_order=True)


@lru_cache(maxsize=1)
def _chrf() -> CHRF:
    return CHRF()
