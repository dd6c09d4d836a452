"""How well chances tell questions that the documents answer from those they do not. Pure; knows nothing of models."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from eval.metrics.refusal import auroc, calibration_error, risk_at
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
                    "calibration_error": _rounded(calibration_error(*_joined(chances[yes], chances[no])))
                }
                if beside is not None:
                    found[one][f"{name}_bm25_alone"] = told_apart(beside[yes], beside[no])
    return found


def told_apart(yes: Numbers, no: Numbers) -> dict[str, float | None]:
    """yes: the scores where the answer is held; no: where it is not."""
    line = np.quantile(yes, 1 - ANSWERED)
    return {
        "auroc": _rounded(auroc(*_joined(yes, no))),
        "refused_of_unanswerable": _rounded(float((no < line).mean())),
    }


def risk_and_coverage(yes: Numbers, no: Numbers, errors: tuple[float, ...]) -> list[dict[str, float]]:
    """Return for each share of the answerable that is refused what is paid for it, where half have an answer.

    coverage: the share of all questions that is answered; risk: the share of the given answers without evidence.
    """
    rows = []
    for error in errors:
        line = np.quantile(yes, error)
        coverage, risk = risk_at(yes, no, float(line))
        rows.append(
            {
                "accepted_error": error,
                "line": round(float(line), 3),
                "coverage": round(coverage, 3),
                "risk": round(risk, 3),
                "refused_of_unanswerable": round(float((no < line).mean()), 3),
            }
        )
    return rows


def _joined(yes: Numbers, no: Numbers) -> tuple[Numbers, npt.NDArray[np.bool_]]:
    """Return all scores, and beside each whether the answer was held."""
    return np.concatenate([yes, no]), np.repeat([True, False], [len(yes), len(no)])


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
