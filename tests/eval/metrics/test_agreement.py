from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.agreement import Scale, Unit, agreement

# The data of Krippendorff 2011, part C: four raters, twelve units; . is missing.
ROWS = ("1 2 3 3 2 1 4 1 2 . . .", "1 2 3 3 2 2 4 1 2 5 . 3", ". 3 3 3 2 3 4 2 2 5 1 .", "1 2 3 3 2 4 4 1 2 5 1 .")


def units_of(rows: tuple[str, ...]) -> list[Unit]:
    columns = zip(*(row.split() for row in rows), strict=True)
    return [{str(rater): float(value) for rater, value in enumerate(column) if value != "."} for column in columns]


@pytest.mark.parametrize(("scale", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_the_published_values_come_out(scale: Scale, alpha: float) -> None:
    found = agreement(units_of(ROWS), scale)
    assert found.alpha == pytest.approx(alpha, abs=0.0005)
    assert (found.units, found.ratings) == (11, 40)
    low, middle, high = (value if value is not None else math.nan for value in (found.low, found.alpha, found.high))
    assert low <= middle <= high


def test_two_raters_and_two_values_come_out_as_published() -> None:
    """Krippendorff 2011, part A."""
    found = agreement(units_of(("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0")), "nominal")
    assert found.alpha == pytest.approx(0.095, abs=0.0005)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("scale", ["nominal", "interval"])
def test_a_second_implementation_says_the_same(scale: Scale, seed: int) -> None:
    nltk = pytest.importorskip("nltk.metrics")
    chance = random.Random(seed)
    drawn = [{rater: float(chance.randint(1, 5)) for rater in "abcd" if chance.random() < 0.8} for _ in range(20)]
    units: list[Unit] = [unit for unit in drawn if len(unit) > 1]
    distance = nltk.binary_distance if scale == "nominal" else nltk.interval_distance
    task = nltk.agreement.AnnotationTask(
        [(rater, number, value) for number, unit in enumerate(units) for rater, value in unit.items()], distance
    )
    assert agreement(units, scale).alpha == pytest.approx(task.alpha(), abs=1e-9)


@pytest.mark.parametrize(
    ("units", "why"),
    [
        ([], "two raters"),
        ([{"a": 1.0}, {"a": 2.0}, {"b": 3.0}], "two raters"),
        ([{"a": 3.0, "b": 3.0}, {"a": 3.0, "b": 3.0}], "the same"),
    ],
)
def test_where_there_is_none_the_reason_is_given(units: list[Unit], why: str) -> None:
    found = agreement(units, "ordinal")
    assert (found.alpha, found.low, found.high) == (None, None, None)
    assert why in found.why


def test_raters_who_agree_in_everything_have_one() -> None:
    units: list[Unit] = [{"a": value, "b": value} for value in (1.0, 2.0, 5.0)]
    assert agreement(units, "ordinal").alpha == pytest.approx(1)


def test_preferences_have_no_numbers() -> None:
    units: list[Unit] = [{"a": "left", "b": "left"}, {"a": "tie", "b": "tie"}, {"a": "left", "b": "tie"}]
    found = agreement(units, "nominal")
    assert found.alpha is not None
    assert 0 < found.alpha < 1


ratings = st.lists(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 5).map(float)), max_size=12)


@given(ratings, st.sampled_from(["nominal", "ordinal", "interval"]))
def test_it_is_never_nan_and_never_above_one(units: list[Unit], scale: Scale) -> None:
    found = agreement(units, scale, draws=50)
    assert (found.alpha is None) == bool(found.why)
    for value in (found.alpha, found.low, found.high):
        assert value is None or (not math.isnan(value) and value <= 1 + 1e-9)


@given(ratings)
def test_it_does_not_matter_who_rated_or_in_which_order(units: list[Unit]) -> None:
    others = [{f"x{rater}": value for rater, value in reversed(list(unit.items()))} for unit in reversed(units)]
    own, other = agreement(units, "ordinal", draws=1).alpha, agreement(others, "ordinal", draws=1).alpha
    assert own == pytest.approx(other) if own is not None else other is None
