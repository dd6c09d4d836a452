"""From signals to the chance that the documents hold the answer, and the line below which none is given.

What was learnt stands in confidence.json, written by `python -m eval.learn_confidence`. Knows nothing of texts.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rag.evidence.signals import Signals

LEARNT = Path(__file__).with_name("confidence.json")
ACCEPTED_ERROR = 0.03  # the share of answerable questions that may be refused
MOST = 500.0  # of the logarithm of odds: more is no number any more

Tree = Sequence[Sequence[float]]  # of nodes: signal, line, left, right; or of leaves: -1, value


@dataclass(frozen=True, slots=True)
class Learnt:
    """A sum of weighted signals, and of the leaves that they lead to in small trees; then a straight line of that.

    All but the trees go by language. weights: with the names' order. scales: slope and offset that make chances of the
    sums. lines: accepted error -> chance.
    """

    names: tuple[str, ...]
    biases: Mapping[str, float]
    weights: Mapping[str, tuple[float, ...]]
    trees: tuple[Tree, ...]
    scales: Mapping[str, tuple[float, float]]
    lines: Mapping[str, Mapping[float, float]]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Learnt:
        return cls(
            names=tuple(row["names"]),
            biases={language: straight["bias"] for language, straight in row["straight"].items()},
            weights={language: tuple(straight["weights"]) for language, straight in row["straight"].items()},
            trees=tuple(row["trees"]),
            scales={language: (slope, offset) for language, (slope, offset) in row["scales"].items()},
            lines={
                language: {float(error): line for error, line in table.items()}
                for language, table in row["lines"].items()
            },
        )

    def sum(self, signals: Signals, language: str) -> float:
        values = [signals[name] for name in self.names]
        weighted = (weight * value for weight, value in zip(self.weights[language], values, strict=True))
        return self.biases[language] + math.fsum(weighted) + math.fsum(_leaf(tree, values) for tree in self.trees)

    def chance(self, signals: Signals, language: str) -> float:
        slope, offset = self.scales[language]
        return 1.0 / (1.0 + math.exp(-max(-MOST, min(MOST, slope * self.sum(signals, language) + offset))))

    def line(self, language: str, accepted_error: float) -> float:
        """Return the chance below which to refuse, so that no larger share of the answerable is refused.

        Between the errors of the table the line is straight; beyond them it goes on to 0 and to 1.
        """
        table = {0.0: 0.0, **self.lines[language], 1.0: 1.0}
        errors = sorted(table)
        right = bisect_left(errors, accepted_error)
        if errors[right] == accepted_error:
            return table[accepted_error]
        low, high = errors[right - 1], errors[right]
        return table[low] + (table[high] - table[low]) * (accepted_error - low) / (high - low)


def _leaf(tree: Tree, values: Sequence[float]) -> float:
    node = tree[0]
    while node[0] >= 0:
        node = tree[int(node[2] if values[int(node[0])] <= node[1] else node[3])]
    return node[1]


@lru_cache(maxsize=1)
def learnt() -> Learnt:
    return Learnt.of(json.loads(LEARNT.read_text(encoding="utf-8")))


def confidence(signals: Signals, language: str) -> float:
    """Return the estimated chance that the passages hold the answer. language: the question's, "en" or "zh"."""
    return learnt().chance(signals, language)


def least_confidence(language: str, accepted_error: float) -> float:
    """Return the line for a language; accepted_error: the share of answerable questions that may be refused."""
    return learnt().line(language, accepted_error)
