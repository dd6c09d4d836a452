"""Krippendorff's alpha: how far raters agree beyond chance, whoever rated what. Pure; knows nothing of sheets.

1: they agree in everything; 0: no more than if each had drawn from all the ratings there are; below 0: less.
Source: Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from eval.estimate import DRAWS, LEVEL

Scale = Literal["nominal", "ordinal", "interval"]
Numbers = npt.NDArray[np.float64]
Unit = Mapping[str, float | str]  # rater -> value; whoever did not rate it is not there


@dataclass(frozen=True, slots=True)
class Agreement:
    """alpha: None where there is none, and why then says the reason. low and high: the 95 % interval.

    units: that two or more rated. ratings: in these.
    """

    alpha: float | None
    low: float | None
    high: float | None
    units: int
    ratings: int
    why: str = ""


def agreement(units: Sequence[Unit], scale: Scale, *, seed: int = 0, draws: int = DRAWS) -> Agreement:
    """Return alpha over the units, and its interval from drawing units again. Values are numbers but for nominal."""
    paired = [list(unit.values()) for unit in units if len(unit) > 1]
    count = sum(map(len, paired))
    if not paired:
        return Agreement(None, None, None, 0, 0, "nothing was rated by two raters")
    values, tables = _tables(paired)
    found = _alphas(tables.sum(axis=0)[None], values, scale)[0]
    if np.isnan(found):
        return Agreement(None, None, None, len(paired), count, "all ratings are the same: there is no chance to beat")
    chosen = np.random.default_rng(seed).multinomial(len(paired), [1 / len(paired)] * len(paired), size=draws)
    size = len(values)
    drawn = (chosen @ tables.reshape(len(paired), -1)).reshape(draws, size, size)
    told = _alphas(drawn, values, scale)
    told = told[~np.isnan(told)]  # where all that was drawn is the same there is none
    edges = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
    low, high = (float(edge) for edge in np.quantile(told, edges)) if len(told) and len(paired) > 1 else (None, None)
    return Agreement(float(found), low, high, len(paired), count)


def _tables(paired: Sequence[Sequence[float | str]]) -> tuple[list[float | str], Numbers]:
    """Return the values there are, in order, and of each unit how often they stand beside each other: (n, v, v)."""
    values: list[float | str] = sorted({value for unit in paired for value in unit}, key=_order)
    place: dict[Hashable, int] = {value: number for number, value in enumerate(values)}
    tables = np.zeros((len(paired), len(values), len(values)))
    for table, unit in zip(tables, paired, strict=True):
        counts = np.bincount([place[value] for value in unit], minlength=len(values)).astype(np.float64)
        table += (np.outer(counts, counts) - np.diag(counts)) / (len(unit) - 1)
    return values, tables


def _order(value: float | str) -> tuple[bool, float, str]:
    return (True, 0.0, value) if isinstance(value, str) else (False, value, "")


def _alphas(coincidences: Numbers, values: Sequence[float | str], scale: Scale) -> Numbers:
    """Return the alpha of each table of coincidences, (k, v, v); nan where all values are the same."""
    marginals = coincidences.sum(axis=2)
    total = marginals.sum(axis=1)
    differences = _differences(marginals, values, scale)
    observed = (coincidences * differences).sum(axis=(1, 2))
    expected = (marginals[:, :, None] * marginals[:, None, :] * differences).sum(axis=(1, 2))
    ratio = np.divide((total - 1) * observed, expected, out=np.full(len(total), np.nan), where=expected > 0)
    alphas: Numbers = 1 - ratio
    return alphas


def _differences(marginals: Numbers, values: Sequence[float | str], scale: Scale) -> Numbers:
    """Return how far apart any two values are, squared; of ranks, it depends on the ratings between them."""
    if scale == "nominal":
        return 1 - np.eye(len(values))[None]
    if scale == "ordinal":
        places = np.cumsum(marginals, axis=1) - marginals / 2  # half of a rank's own ratings counted
    else:
        places = np.array(values, dtype=np.float64)[None]
    squared: Numbers = (places[:, :, None] - places[:, None, :]) ** 2
    return squared
