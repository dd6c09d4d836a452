"""Figures of refusals, by hand and by another program."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from eval.metrics.refusal import auroc

SCORES = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.5001, 0.9, 1.0]), min_size=1, max_size=30)


@given(SCORES, SCORES)
def test_auroc_agrees_with_scikit_learn_ties_and_all(positives: list[float], negatives: list[float]) -> None:
    labels = [1] * len(positives) + [0] * len(negatives)
    assert auroc(positives, negatives) == pytest.approx(roc_auc_score(labels, positives + negatives))


def test_auroc_of_equal_scores_is_a_half_and_of_one_class_unknown() -> None:
    assert auroc([0.4, 0.4], [0.4]) == 0.5
    assert auroc([0.4], []) is None
