"""What a mean is of nothing."""

from __future__ import annotations

from eval.metrics.mean import mean


def test_a_mean_over_nothing_is_none_and_not_a_number_that_looks_measured() -> None:
    assert mean([]) is None
    assert mean([0.0, 1.0, 0.5]) == 0.5
