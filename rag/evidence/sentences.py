"""Rank the sentences of the passages by how likely each is to answer. Knows nothing of refusing.

By rule first; then by what trees have learnt to be wrong with that. `python -m eval.learn_sentences` writes them.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.evidence.reading import Read
from rag.evidence.signs import NAMES, Signs, Table, signs_of
from rag.evidence.trees import Trees
from rag.types import EvidenceSentence

LEARNT = Path(__file__).with_name("sentences.json")
RULE = 5.0  # how much the rule counts beside the trees; these are learnt beside it
ANSWERS_NOTHING = -3.0  # a heading or a question, of which what was learnt from has few
SHARPNESS = 1.3  # makes a share how often the sentence answers; `learn_sentences` tells it
BY_RULE, EMPTY = NAMES.index("by_rule"), NAMES.index("empty")


def ranked(read: Read) -> list[EvidenceSentence]:
    """Return all the passages' sentences, best first.

    The score of one is its share of all: the estimated chance that it is the one that answers, if any does.
    """
    signs = signs_of(read)
    shares = dict(zip(signs.places, _shares(signs), strict=True))
    order = sorted(signs.by_rule, key=lambda one: (-shares.get(one[0], 0.0), -one[1], one[0]))
    return [
        EvidenceSentence(
            passage, read.readings[passage].texts[position], shares.get((passage, position), 0.0), position
        )
        for (passage, position), _ in order
    ]


def _shares(signs: Signs) -> list[float]:
    """Return of each sentence that was looked at its share; together 1."""
    if not signs.places:
        return []
    odds = SHARPNESS * odds_of(signs.rows, learnt())
    raised = np.exp(odds - odds.max())
    shares: list[float] = (raised / raised.sum()).tolist()
    return shares


def odds_of(rows: Table, trees: Trees) -> npt.NDArray[np.float64]:
    """Return the score of each sentence: by rule, and by what was learnt to be wrong with that.

    So where a text is unlike all that was learnt from, the rule stands.
    """
    by_rule = RULE * rows[:, BY_RULE].astype(np.float64) + ANSWERS_NOTHING * rows[:, EMPTY]
    return by_rule + trees.score(rows)


@lru_cache(maxsize=1)
def learnt() -> Trees:
    return Trees.read(LEARNT)
