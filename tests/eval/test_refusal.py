"""eval.refusal: how well chances tell the answerable from the rest."""

from __future__ import annotations

import numpy as np

from eval.bench.refusal import points, svg
from eval.refusal import report, risk_and_coverage, told_apart
from eval.situations import Kind

YES, NO = np.linspace(0.5, 1.0, 100), np.linspace(0.0, 0.6, 100)


def test_what_lies_apart_is_told_apart() -> None:
    assert told_apart(YES, YES - 1)["auroc"] == 1.0
    assert told_apart(YES, YES)["auroc"] == 0.5


def test_who_refuses_more_answers_less_and_errs_less() -> None:
    few, many = risk_and_coverage(YES, NO, (0.05, 0.5))
    assert few["coverage"] > many["coverage"]
    assert few["risk"] > many["risk"] == 0.0


def test_each_set_has_the_pairs_that_it_has_rows_of() -> None:
    kinds = np.array([Kind.WHOLE, Kind.DELETED, Kind.WHOLE, Kind.DELETED])
    found = report(np.array(["a"] * 4), kinds, np.array([0.9, 0.1, 0.8, 0.2]), np.array([1.0, 2.0, 1.0, 2.0]))
    assert set(found["a"]) == {"leave_one_out", "leave_one_out_bm25_alone"}


def test_the_curve_is_drawn_with_a_line_for_each_set() -> None:
    drawn = svg({"one": points(YES, NO), "two": points(YES, NO)})
    assert drawn.count("<polyline") == 2
