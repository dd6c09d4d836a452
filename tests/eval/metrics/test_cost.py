"""Milliseconds and money."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.cost import Prices, money, percentile
from rag.errors import InvalidRequest


def test_money_is_by_the_million_tokens() -> None:
    assert money(1_000_000, 0, Prices(2.5, 10.0)) == 2.5
    assert money(2_000, 500, Prices(2.5, 10.0)) == pytest.approx(0.005 + 0.005)
    assert money(2_000, 500, Prices(0.0, 0.0)) == 0.0


@pytest.mark.parametrize("prices", [(-1.0, 0.0), (0.0, -1.0), (float("nan"), 0.0)])
def test_a_price_below_nothing_is_refused(prices: tuple[float, float]) -> None:
    with pytest.raises(InvalidRequest, match="prices"):
        Prices(*prices)


def test_percentiles_of_a_worked_example() -> None:
    values = np.array([30.0, 10.0, 20.0, 40.0])
    assert [percentile(values, share) for share in (0.0, 0.25, 0.5, 0.51, 0.95, 1.0)] == [10, 10, 20, 30, 40, 40]
    assert percentile(values, 0.5, np.array([0.0, 1.0, 1.0, 8.0])) == 40.0


@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(1, 4)), min_size=1, max_size=30), st.sampled_from([0.5, 0.95])
)
def test_percentiles_are_those_of_numpy(rows: list[tuple[int, int]], share: float) -> None:
    values, times = (np.array(column, dtype=np.float64) for column in zip(*rows, strict=True))
    expected = np.quantile(values, share, weights=times, method="inverted_cdf")
    assert percentile(values, share, times) == pytest.approx(expected)
