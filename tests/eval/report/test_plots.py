from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from eval.report import curves
from eval.report.plot import SHARES, Axis, Plot, counts_axis
from eval.report.whisker import Shown, decimals, stacked, whiskers
from tests.eval.report.folders import record, wrong

MIXED = [record("a"), wrong("b"), record("c", answerable=False), record("d")]
DRAWN = (curves.reliability, curves.selective_risk, curves.confidences, curves.latency)


@pytest.mark.parametrize("draw", DRAWN)
def test_a_plot_is_well_formed_and_the_same_each_time(draw: object) -> None:
    assert callable(draw)
    made = draw(MIXED)
    assert etree.fromstring(made).get("role") == "img"
    assert draw(MIXED) == made


@pytest.mark.parametrize("draw", DRAWN)
def test_nothing_to_show_is_no_plot(draw: object) -> None:
    assert callable(draw)
    assert draw([]) is None


def test_reliability_needs_both_kinds_of_questions_and_has_a_dot_for_each_bin() -> None:
    assert curves.reliability([record("a")]) is None
    assert _count(curves.reliability(MIXED), "circle") == 2


def test_answerable_questions_stand_up_and_others_down() -> None:
    tree = etree.fromstring(curves.confidences(MIXED) or "")
    assert [bar.get("class") for bar in tree.iter("rect")].count("yes") == 1
    assert [bar.get("class") for bar in tree.iter("rect")].count("no") == 1


def test_an_unheard_of_confidence_or_time_is_not_drawn() -> None:
    odd = [record("a", scores={"refusal.confidence": math.nan, "latency.total": math.inf}), *MIXED]
    for draw in DRAWN:
        assert not re.search(r"\b(?:nan|inf)\b", draw(odd) or "")


@given(st.lists(st.floats(), max_size=6))
def test_whiskers_of_any_numbers_are_well_formed(values: list[float]) -> None:
    made = whiskers(Shown(value, value, None if value < 0 else value, name="<a&\x00>") for value in values)
    drawn = sum(math.isfinite(value) for value in values)
    assert _count(made, "circle") == drawn
    assert "nan" not in made.partition(">")[2]


@given(st.floats(min_value=0, max_value=1e12))
def test_a_scale_of_counts_holds_its_most_in_few_round_steps(most: float) -> None:
    axis = counts_axis(most, "questions")
    assert axis.high >= most * (1 - 1e-9)
    assert 2 <= len(axis.ticks) <= 6


def test_a_mark_that_is_not_finite_is_left_out() -> None:
    plot = Plot("<hostile>", Axis(0, 1, SHARES, "x"), Axis(0, 1, SHARES, "y"))
    plot.dot(math.nan, 0.5, "hybrid", "")
    plot.line([(0, math.inf)], "ideal")
    plot.area([(0, math.nan, 1)], "band")
    plot.bar((0, 1), (0, math.nan), "yes", "")
    plot.rule(math.nan, "here")
    assert plot.marks == []
    assert etree.fromstring(plot.svg()).get("aria-label") == "<hostile>"


def test_a_stacked_bar_has_a_part_for_each_count_above_nothing() -> None:
    assert _count(stacked([("right", 3, "right"), ("wrong", 0, "wrong"), ("failed", 1, "failed")]), "rect") == 2
    assert _count(stacked([]), "rect") == 0


@pytest.mark.parametrize(("value", "shown"), [(None, "–"), (math.nan, "–"), (0.96449, "0.964"), (1234.5, "1,234")])
def test_a_figure_has_the_precision_that_its_size_bears(value: float | None, shown: str) -> None:
    assert decimals(value) == shown


def test_a_refused_question_has_no_risk() -> None:
    assert curves.selective_risk([record("c", answerable=False)]) is None


def _count(svg: str | None, tag: str) -> int:
    return sum(1 for _ in etree.fromstring(svg or "").iter(tag))
