"""Percentiles and columns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.bench.spread import lines, spread


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=300))
def test_percentiles_are_those_of_numpy(milliseconds: list[float]) -> None:
    found = spread(milliseconds)
    expected = np.percentile(milliseconds, [50, 95, 99])
    assert list(found.values()) == pytest.approx(expected.tolist(), abs=0.0051)


def test_of_nothing_there_is_no_percentile() -> None:
    assert set(spread([]).values()) == {None}


def test_a_column_is_as_wide_as_its_widest_cell() -> None:
    assert lines([{"way": "a", "n": 1}, {"way": "bcd", "n": None}]) == "way  n\na    1\nbcd  -"
    assert lines([]) == ""
