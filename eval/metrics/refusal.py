"""How well a score tells what can be answered from what cannot. Pure.

scores: (n,), higher is surer; held: (n,) whether the answer is there; times: (n,) how often each counts, None for once.
All are None where either class is missing. What asks for shares of all questions counts both classes the same, as if
half of the questions had an answer: sets differ in that, and a score cannot know it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

BINS = 10  # of equal width


def auroc(scores: Numbers, held: Flags, times: Numbers | None = None) -> float | None:
    """Return the chance that an answerable question scores above another, ties counting half."""
    balanced = _balanced(held, times)
    if balanced is None:
        return None
    yes, no = _by_score(scores, held, balanced)
    return float(np.sum(2 * yes * (2 * (1 / 2 - np.cumsum(no)) + no)))


def calibration_error(chances: Numbers, held: Flags, times: Numbers | None = None) -> float | None:
    """Return by how much a chance is wrong on average: the gaps of ten bins of chances, each by its share of questions.

    Source: Naeini et al., AAAI 2015.
    """
    balanced = _balanced(held, times)
    if balanced is None:
        return None
    bins = np.minimum((chances * BINS).astype(int), BINS - 1)
    return float(np.abs(np.bincount(bins, weights=balanced * (held - chances), minlength=BINS)).sum())


def risk_at(yes: Numbers, no: Numbers, line: float) -> tuple[float, float]:
    """Return coverage, the share of all questions that score at least the line, and risk, the share of those unheld."""
    right, wrong = float((yes >= line).mean()), float((no >= line).mean())
    return (right + wrong) / 2, wrong / (right + wrong) if right + wrong else 0.0


def risk_coverage(scores: Numbers, held: Flags, times: Numbers | None = None) -> list[tuple[float, float]]:
    """Return the curve: coverage and risk where questions are refused below each score that there is, highest first."""
    balanced = _balanced(held, times)
    if balanced is None:
        return []
    yes, no = (np.cumsum(share) for share in _by_score(scores, held, balanced))
    covered = yes + no
    return [(float(share), float(wrong / share)) for share, wrong in zip(covered, no, strict=True) if share]


def risk_coverage_area(scores: Numbers, held: Flags, times: Numbers | None = None) -> float | None:
    """Return the mean risk over all coverages: 0.5 by chance, 0.153 where every answerable question scores higher.

    Questions of one score come in any order, and the mean of all is taken. Source: Geifman et al., ICLR 2019.
    """
    balanced = _balanced(held, times)
    if balanced is None:
        return None
    yes, no = _by_score(scores, held, balanced)
    some = yes + no > 0
    share = (no[some] / (yes + no)[some]).astype(np.float64)  # of those of one score, how many are not held
    end = np.cumsum((yes + no)[some])
    start = end - (yes + no)[some]
    wrong = np.cumsum(no[some]) - no[some]
    # Within one score risk is (wrong + share * (c - start)) / c at coverage c; this is its integral.
    rest = np.where(start > 0, (wrong - share * start) * np.log(end / np.where(start > 0, start, end)), 0.0)
    return float(np.sum(share * (end - start) + rest))


def _balanced(held: Flags, times: Numbers | None) -> Numbers | None:
    """Return the weight of each question, half of all for either class; None where one is missing."""
    counted = np.ones(len(held)) if times is None else times
    yes, no = float(counted[held].sum()), float(counted[~held].sum())
    if not yes or not no:
        return None
    balanced: Numbers = counted * np.where(held, 0.5 / yes, 0.5 / no)
    return balanced


def _by_score(scores: Numbers, held: Flags, weights: Numbers) -> tuple[Numbers, Numbers]:
    """Return the weight of each class at each score that there is, the highest score first."""
    found, places = np.unique(-scores, return_inverse=True)
    yes, no = np.zeros(len(found)), np.zeros(len(found))
    np.add.at(yes, places[held], weights[held])
    np.add.at(no, places[~held], weights[~held])
    return yes, no
