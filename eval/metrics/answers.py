"""Compare an answer with those that are known to be right. Pure; knows nothing of citations."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from rag.text import fold

ARTICLES = re.compile(r"\b(a|an|the)\b")
# Scripts written without spaces: one character is one token. Kana are in, so mixed Japanese is cut the same way.
_UNSPACED = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
UNSPACED = re.compile(f"([{_UNSPACED}])")
WORD = re.compile(f"[{_UNSPACED}]|[^\\W_{_UNSPACED}]+")


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
    """Return the best token F1 against any gold answer. It folds; eval/metrics/official.py has those of the scripts."""
    found = answer_tokens(answer)
    return max((_f1(found, answer_tokens(gold)) for gold in golds), default=0.0)


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
