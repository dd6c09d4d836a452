"""Records for the tests of this folder."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from eval.judge import rank_scores
from eval.record import Record

GOLD = {"d1": 1.0}
TOLD = {
    "answer.contains": 1.0,
    "answer.f1": 0.4,
    "answer.exact": 0.0,
    "citation.count": 2.0,
    "citation.right": 1.0,
    "citation.valid": 2.0,
    "citation.verified": 1.0,
    "citation.recall": 1.0,
    "passages.any": 1.0,
    "passages.all": 1.0,
    "refusal.refused": 0.0,
    "refusal.confidence": 0.9,
    "latency.total": 12.5,
}


def ranked(name: str, *ranking: str, **others: Any) -> Record:
    """A question that was not answered, ranked so by every leg."""
    scores = {f"{leg}.{key}": value for leg in ("hybrid", "dense") for key, value in rank_scores(ranking, GOLD).items()}
    record = Record(name, f"What is {name}?", "en", "factoid", True, True, scores, gold=GOLD, answers=("42",))
    return replace(record, rankings={"hybrid": list(ranking), "dense": list(ranking)}, **others)


def answered(name: str, **scores: float) -> Record:
    """One that was answered right, but for these scores, which are named "answer__contains"."""
    found = ranked(name, "d1", "d2")
    changed = {key.replace("__", "."): value for key, value in scores.items()}
    return replace(found, scores={**found.scores, **TOLD, **changed}, answered=True)


def refused(name: str, *, answerable: bool) -> Record:
    nothing = {f"citation__{kind}": 0.0 for kind in ("count", "right", "valid", "verified", "recall")}
    found = answered(name, refusal__refused=1.0, answer__contains=0.0, **nothing)
    return found if answerable else replace(found, answerable=False, gold={}, answers=(), told=False)


def failed(name: str, error: str = "RuntimeError: boom") -> Record:
    return replace(ranked(name, "d1"), scores={}, rankings={}, error=error)
