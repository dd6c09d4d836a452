"""Exact match and F1 as the published scripts of SQuAD 1.1, SQuAD 2.0 and CMRC 2018 compute them. Pure.

SQuAD: lower case, without ASCII punctuation and English articles; F1 of the bags of words. 2.0 differs where there is
nothing to compare: gold answers that come to nothing do not count, and where none is left, saying nothing is right.

CMRC 2018: lower case, without a list of punctuation; each character of U+4E00-9FA5 is a token, and what stands between
is cut into words; F1 of the longest run of tokens that both have. DRCD is scored with it too. Traditional characters
are not folded, nor full-width forms. The best of the gold answers counts, in all three.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from eval.metrics.treebank import sentences, words
from rag.text import has_han

ARTICLES = re.compile(r"\b(a|an|the)\b")
ASCII_PUNCTUATION = str.maketrans("", "", string.punctuation)
# The script lists the ellipsis as two characters, and looks for one at a time: it stays.
CMRC_PUNCTUATION = str.maketrans("", "", "-:_*^/\\~`+=，。：？！“”；’《》·、「」（）－～『』")
CMRC_CHARACTER = re.compile("([\u4e00-\u9fa5])")

Score = Callable[[str, Iterable[str]], float]


@dataclass(frozen=True, slots=True)
class Script:
    """One published script: what it makes of an answer beside the gold ones, from 0 to 1."""

    name: str
    exact: Score
    f1: Score


def squad_text(text: str) -> str:
    """Return what SQuAD's script compares."""
    return " ".join(ARTICLES.sub(" ", text.lower().translate(ASCII_PUNCTUATION)).split())


def cmrc_text(text: str) -> str:
    """Return what CMRC 2018's script compares for an exact match."""
    return text.lower().strip().translate(CMRC_PUNCTUATION)


def cmrc_tokens(text: str) -> list[str]:
    """Return the tokens that CMRC 2018's script counts."""
    tokens: list[str] = []
    for place, piece in enumerate(CMRC_CHARACTER.split(cmrc_text(text))):
        if place % 2:
            tokens.append(piece)
        elif piece:
            tokens += [word for sentence in sentences(piece) for word in words(sentence)]
    return tokens


def _squad1_exact(answer: str, golds: Iterable[str]) -> float:
    found = squad_text(answer)
    return float(any(found == squad_text(gold) for gold in golds))


def _squad1_f1(answer: str, golds: Iterable[str]) -> float:
    found = squad_text(answer).split()
    return max((_of_bags(found, squad_text(gold).split()) for gold in golds), default=0.0)


def _squad2_exact(answer: str, golds: Iterable[str]) -> float:
    return _squad1_exact(answer, _telling(golds))


def _squad2_f1(answer: str, golds: Iterable[str]) -> float:
    found, telling = squad_text(answer).split(), _telling(golds)
    return float(not found) if telling == [""] else max(_of_bags(found, squad_text(gold).split()) for gold in telling)


def _telling(golds: Iterable[str]) -> list[str]:
    return [gold for gold in golds if squad_text(gold)] or [""]


def _cmrc_exact(answer: str, golds: Iterable[str]) -> float:
    found = cmrc_text(answer)
    return float(any(found == cmrc_text(gold) for gold in golds))


def _cmrc_f1(answer: str, golds: Iterable[str]) -> float:
    found = cmrc_tokens(answer)
    return max((_harmonic(_longest_run(found, gold), found, gold) for gold in map(cmrc_tokens, golds)), default=0.0)


def _of_bags(found: Sequence[str], gold: Sequence[str]) -> float:
    return _harmonic(sum((Counter(found) & Counter(gold)).values()), found, gold)


def _harmonic(shared: int, found: Sequence[str], gold: Sequence[str]) -> float:
    """The harmonic mean of what is right of the answer and what is found of the gold one; 0 where nothing is shared."""
    return 2 * shared / (len(found) + len(gold)) if shared else 0.0


def _longest_run(left: Sequence[str], right: Sequence[str]) -> int:
    """Return the length of the longest unbroken run that both have."""
    longest = 0
    ending = [0] * (len(right) + 1)  # of each place of `right`, the run that ends there and at the last of `left`
    for one in left:
        for place in range(len(right), 0, -1):
            ending[place] = ending[place - 1] + 1 if right[place - 1] == one else 0
        longest = max(longest, *ending)
    return longest


SQUAD1 = Script("SQuAD 1.1", _squad1_exact, _squad1_f1)
SQUAD2 = Script("SQuAD 2.0", _squad2_exact, _squad2_f1)
CMRC = Script("CMRC 2018", _cmrc_exact, _cmrc_f1)


def script_for(question: str, golds: Iterable[str]) -> Script:
    """CMRC's where the question or a gold answer has Chinese characters, SQuAD's else.

    The question decides too: 308 may be the answer to a Chinese one, and stands in a sentence without spaces.
    """
    return CMRC if has_han(question) or any(map(has_han, golds)) else SQUAD1
