"""How well chances tell questions that the documents answer from those they do not. Pure; knows nothing of models."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from eval.situations import Kind

PAIRS = {
    "leave_one_out": (Kind.WHOLE, Kind.DELETED),
    "one_slip": (Kind.SLIPPED, Kind.SLIPPED_DELETED),
    "sentence_cut": (Kind.WHOLE, Kind.CUT),
    "same_article": (Kind.ARTICLE, Kind.ARTICLE_DELETED),
    "small_library": (Kind.SMALL, Kind.SMALL_DELETED),
    "another_subject": (Kind.SMALL, Kind.STRANGE),
}
ANSWERED = 0.95  # of the answerable
BINS = 10

Numbers = npt.NDArray[np.float64]
Words = npt.NDArray[np.str_]


def report(sets: Words, kinds: Words, chances: Numbers, beside: Numbers | None = None) -> dict[str, dict[str, object]]:
    """Return the figures of each set and pair of situations; all go by row. beside: another score of the same rows."""
    found: dict[str, dict[str, object]] = {}
    for one in dict.fromkeys(sets.tolist()):
        found[one] = {}
        for name, (with_answer, without) in PAIRS.items():
            yes, no = ((sets == one) & (kinds == kind) for kind in (with_answer, without))
            if yes.any() and no.any():
                found[one][name] = told_apart(chances[yes], chances[no]) | {
                    "calibration_error": calibration_error(chances[yes], chances[no])
                }
                if beside is not None:
                    found[one][f"{name}_bm25_alone"] = told_apart(beside[yes], beside[no])
    return found


def told_apart(yes: Numbers, no: Numbers) -> dict[str, float]:
    """yes: the scores where the answer is held; no: where it is not."""
    line = np.quantile(yes, 1 - ANSWERED)
    labels = np.concatenate([np.ones(len(yes)), np.zeros(len(no))])
    return {
        "auroc": round(float(roc_auc_score(labels, np.concatenate([yes, no]))), 4),
        "refused_of_unanswerable": round(float((no < line).mean()), 4),
    }


def calibration_error(yes: Numbers, no: Numbers) -> float:
    """Return by how much a chance is wrong on average, in ten bins, where half of the questions have an answer."""
    given = np.concatenate([yes, no])
    held = np.concatenate([np.ones(len(yes)), np.zeros(len(no))])
    weights = np.concatenate([np.full(len(yes), 0.5 / len(yes)), np.full(len(no), 0.5 / len(no))])
    bins = np.minimum((given * BINS).astype(int), BINS - 1)
    wrong = weights * (held - given)
    return round(sum(abs(float(wrong[bins == one].sum())) for one in range(BINS)), 4)


def risk_and_coverage(yes: Numbers, no: Numbers, errors: tuple[float, ...]) -> list[dict[str, float]]:
    """Return for each share of the answerable that is refused what is paid for it, where half have an answer.

    coverage: the share of all questions that is answered; risk: the share of the given answers without evidence.
    """
    rows = []
    for error in errors:
        line = np.quantile(yes, error)
        right, wrong = float((yes >= line).mean()), float((no >= line).mean())
        rows.append(
            {
                "accepted_error": error,
                "line": round(float(line), 3),
                "coverage": round((right + wrong) / 2, 3),
                "risk": round(wrong / (right + wrong), 3),
                "refused_of_unanswerable": round(1 - wrong, 3),
            }
        )
    return rows
