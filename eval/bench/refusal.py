"""How well refusal tells questions that the documents answer from those they do not, on articles not learnt from.

    python -m eval.bench.refusal --dataset squad:en.json --dataset squad:zh.json ...

prints one JSON object: for each set, leave-one-out and the hard situations apart, with BM25 alone beside.
"""

from __future__ import annotations

import numpy as np
from sklearn.metrics import roc_auc_score

from eval.learn_confidence import Numbers, Seen
from eval.situations import Kind

PAIRS = {
    "leave_one_out": (Kind.WHOLE, Kind.DELETED),
    "sentence_cut": (Kind.WHOLE, Kind.CUT),
    "same_article": (Kind.ARTICLE, Kind.ARTICLE_DELETED),
}
ANSWERED = 0.95  # of the answerable
BINS = 10


def report(seen: Seen, given: Numbers) -> dict[str, object]:
    """given: the chance of each row."""
    found: dict[str, object] = {}
    for one in dict.fromkeys(seen.sets.tolist()):
        of_set: dict[str, object] = {}
        for name, (with_answer, without) in PAIRS.items():
            yes = given[(seen.sets == one) & (seen.kinds == with_answer)]
            no = given[(seen.sets == one) & (seen.kinds == without)]
            if len(yes) and len(no):
                of_set[name] = told_apart(yes, no) | {"calibration_error": calibration_error(yes, no)}
        found[one] = of_set
    return found


def told_apart(yes: Numbers, no: Numbers) -> dict[str, float]:
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
    error = sum(abs(float((weights[bins == one] * (held - given)[bins == one]).sum())) for one in range(BINS))
    return round(error, 4)
