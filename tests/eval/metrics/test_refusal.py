"""Figures of refusals, by hand and by another program."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from eval.metrics.refusal import auroc, calibration_error, risk_at, risk_coverage, risk_coverage_area

SCORES = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.5001, 0.9, 1.0]), min_size=1, max_size=30)
ALL: tuple[Callable[..., Any], ...] = (auroc, calibration_error, risk_coverage_area)


def of(measure: Callable[..., Any], yes: list[float], no: list[float], times: list[float] | None = None) -> Any:
    scores, held = np.array([*yes, *no], dtype=np.float64), np.array([True] * len(yes) + [False] * len(no), dtype=bool)
    return measure(scores, held, None if times is None else np.array(times, dtype=np.float64))


@given(SCORES, SCORES)
def test_auroc_agrees_with_scikit_learn_ties_and_all(yes: list[float], no: list[float]) -> None:
    assert of(auroc, yes, no) == pytest.approx(roc_auc_score([1] * len(yes) + [0] * len(no), yes + no))


@given(SCORES, SCORES, st.randoms())
def test_a_question_drawn_twice_counts_as_two(yes: list[float], no: list[float], chance: Any) -> None:
    times = [chance.randint(0, 3) for _ in [*yes, *no]]
    twice = [[score for score, many in rows for _ in range(many)] for rows in (
        list(zip(yes, times, strict=False)), list(zip(no, times[len(yes) :], strict=True)),
    )]  # fmt: skip
    for measure in ALL:
        assert of(measure, yes, no, times) == pytest.approx(of(measure, *twice))


@pytest.mark.parametrize("measure", ALL)
def test_of_one_class_alone_nothing_is_known(measure: Callable[..., Any]) -> None:
    assert of(measure, [0.4], []) is None
    assert of(measure, [], [0.4]) is None
    assert of(measure, [0.4], [0.3], [1.0, 0.0]) is None
    assert of(risk_coverage, [0.4], []) == []


def test_auroc_of_equal_scores_is_a_half() -> None:
    assert of(auroc, [0.4, 0.4], [0.4]) == 0.5


def test_a_chance_that_is_what_happens_has_no_error() -> None:
    assert of(calibration_error, [0.75, 0.75, 0.75, 0.25], [0.75, 0.25, 0.25, 0.25]) == pytest.approx(0.0)
    assert of(calibration_error, [0.9] * 4, [0.9] * 4) == pytest.approx(0.4)
    assert of(calibration_error, [1.0], [0.0]) == 0.0
    assert of(calibration_error, [0.0], [1.0]) == 1.0


def test_either_class_counts_for_half_of_the_error_however_many_it_has() -> None:
    assert of(calibration_error, [0.9], [0.9] * 9) == pytest.approx(0.4)


def test_gaps_of_one_bin_make_up_for_each_other_and_of_two_bins_do_not() -> None:
    assert of(calibration_error, [0.41], [0.49]) == pytest.approx(abs(0.59 - 0.49) / 2)
    assert of(calibration_error, [0.39], [0.49]) == pytest.approx((0.61 + 0.49) / 2)


def test_the_curve_of_a_worked_example() -> None:
    # half of the weight on either class: a held question has 1/4, an unheld one 1/4
    curve = of(risk_coverage, [0.9, 0.5], [0.7, 0.5])
    assert curve == [(0.25, 0.0), (0.5, 0.5), (1.0, 0.5)]
    assert risk_at(np.array([0.9, 0.5]), np.array([0.7, 0.5]), 0.6) == (0.5, 0.5)
    assert risk_at(np.array([0.9]), np.array([0.7]), 2.0) == (0.0, 0.0)


def test_the_area_of_a_score_that_knows_all_and_of_one_that_knows_nothing() -> None:
    perfect = 0.5 - 0.5 * math.log(2)  # all answerable ones first, and then the rest
    assert of(risk_coverage_area, [0.9] * 7, [0.1] * 3) == pytest.approx(perfect)
    assert of(risk_coverage_area, [0.5] * 7, [0.5] * 3) == pytest.approx(0.5)
    assert of(risk_coverage_area, [0.1] * 7, [0.9] * 3) == pytest.approx(0.5 + 0.5 * math.log(2))


@given(SCORES, SCORES)
def test_the_area_is_that_below_the_finely_drawn_curve(yes: list[float], no: list[float]) -> None:
    weights = [(score, 0.5 / len(yes), 0.0) for score in yes] + [(score, 0.0, 0.5 / len(no)) for score in no]
    grid, steps = 0.0, 4000
    levels = sorted({score for score, _, _ in weights}, reverse=True)
    groups = [[sum(row[part] for row in weights if row[0] == level) for part in (1, 2)] for level in levels]
    for step in range(steps):
        covered, left, wrong = (step + 0.5) / steps, (step + 0.5) / steps, 0.0
        for right, bad in groups:
            taken = min(1.0, left / (right + bad))
            wrong, left = wrong + bad * taken, left - (right + bad) * taken
            if left <= 0:
                break
        grid += wrong / covered / steps
    assert of(risk_coverage_area, yes, no) == pytest.approx(grid, abs=2e-3)
