"""The figures that are reported of a run. Knows nothing of datasets, libraries or files."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from eval.estimate import Estimate, Figure, Numbers, Part, Ratio, Whole, estimate, mean_of
from eval.metrics.cost import Prices, money, percentile
from eval.metrics.refusal import Flags, auroc, calibration_error, risk_coverage_area
from eval.record import Record

LEGS = ("hybrid", "dense", "lexical")
RANKED = ("recall@1", "recall@5", "mrr@10", "ndcg@10", "map@10", "precision@1", "precision@5")
JUDGES = ("check", "entailment", "llm")
CLOCKED = ("retrieve", "first_token", "total")
# Groups of figures that most runs do not have, and say nothing of where no question was measured so.
OPTIONAL = ("faithfulness", "reference", "safety")
PER_ANSWERS = 1000
MOST_NATS = 700.0  # a token: more is past what a float holds


def _of_placed(name: str) -> Ratio:
    """The mean over the questions of which it is known where the answer stands; one that failed counts 0."""
    return Ratio(name, lambda record: (record.scores.get(name, 0.0), 1.0) if _asked(record) and record.gold else None)


def _of_told(name: str) -> Ratio:
    return Ratio(name, lambda record: (record.scores.get(name, 0.0), 1.0) if _asked(record) and record.told else None)


def _of_citations(name: str, score: str = "") -> Ratio:
    return _counted(name, score or name, of="citation.count")


def _counted(name: str, score: str = "", *, of: str) -> Ratio:
    """A count of some, by the count of all that there are."""
    key = score or name
    return Ratio(name, lambda record: (record.scores[key], record.scores[of]) if key in record.scores else None)


def _asked(record: Record) -> bool:
    return record.answerable and (record.answered or record.error is not None)


def _answered(record: Record) -> Part | None:
    return (1.0 - record.scores.get("refusal.refused", 1.0), 1.0) if _asked(record) else None


def _refused(record: Record) -> Part | None:
    if record.answerable or not (record.answered or record.error is not None):
        return None
    return record.scores.get("refusal.refused", 0.0), 1.0


def _of_confidence(name: str, of: Callable[[Numbers, Flags, Numbers], float | None], **more: Any) -> Whole:
    """How well the confidence tells the questions that can be answered; one that failed has none at all."""

    def row(record: Record) -> tuple[float, float] | None:
        if not record.answered and record.error is None:
            return None
        return record.scores.get("refusal.confidence", 0.0), float(record.answerable)

    return Whole(f"refusal.{name}", row, lambda rows, times: of(rows[:, 0], rows[:, 1] > 0, times), **more)


def _clocked(stage: str, percent: int) -> Whole:
    """Milliseconds of an answer. Neither is better: they are the machine's as much as ours, and decide nothing."""
    key = f"latency.{stage}"
    return Whole(
        f"{key}_p{percent}",
        lambda record: (record.scores[key],) if key in record.scores else None,
        lambda rows, times: percentile(rows[:, 0], percent / 100, times),
        "neither",
    )


def _judged(judge: str) -> Ratio:
    """The share of sentences, or of answers, that a judge found to be said by what they rest on.

    An answer on which it failed is not in it, but in faithfulness.failed.
    """
    key = f"faithfulness.{judge}"
    return _counted(key, of=f"{key}_of")


def _failed(record: Record) -> Part | None:
    """Of a judge's tries, those that came to nothing."""
    tries = [record.scores[key] for judge in JUDGES if (key := f"faithfulness.{judge}_failed") in record.scores]
    return (sum(tries), float(len(tries))) if tries else None


def _likelihood(record: Record) -> tuple[float, float] | None:
    found = record.scores.get("reference.log_likelihood"), record.scores.get("reference.tokens")
    return None if found[0] is None or found[1] is None else (found[0], found[1])


def _perplexity(rows: Numbers, times: Numbers) -> float | None:
    likelihood, tokens = times @ rows
    return math.exp(min(-likelihood / tokens, MOST_NATS)) if tokens else None


def money_figure(prices: Prices) -> Ratio:
    """What a thousand answers cost, by their tokens."""
    keys = ("cost.prompt_tokens", "cost.completion_tokens")

    def part(record: Record) -> Part | None:
        if not all(key in record.scores for key in keys):
            return None
        return PER_ANSWERS * money(record.scores[keys[0]], record.scores[keys[1]], prices), 1.0

    return Ratio("cost.money_per_1000", part, "lower")


def _leg(leg: str, name: str) -> Ratio:
    """A question that failed before it was ranked counts 0."""
    key = f"{leg}.{name}"
    group = f"retrieval.{name}" if leg == "hybrid" else f"legs.{leg}.{name}"
    return Ratio(group, lambda record: (record.scores.get(key, 0.0), 1.0) if record.gold else None)


FIGURES: tuple[Figure, ...] = (
    *(_leg(leg, name) for leg in LEGS for name in RANKED),
    *(_of_told(f"answer.{name}") for name in ("contains", "f1", "exact", "rouge_l", "bleu", "chrf")),
    _of_citations("citation.precision", "citation.right"),
    _of_placed("citation.recall"),
    *(_of_citations(f"citation.{name}") for name in ("valid", "whole", "sentences", "own", "verified")),
    Ratio("refusal.answered", _answered),
    Ratio("refusal.refused_unanswerable", _refused),
    _of_confidence("auroc", auroc),
    _of_confidence("calibration_error", calibration_error, better="lower"),
    _of_confidence("risk_coverage_area", risk_coverage_area, better="lower"),
    _of_placed("passages.any"),
    _of_placed("passages.all"),
    _counted("passages.sentences", of="passages.chunks"),
    *(mean_of(f"safety.{name}", better="lower") for name in ("quoted", "cited", "linked", "followed")),
    *map(_judged, JUDGES),
    Ratio("faithfulness.failed", _failed, "lower"),
    Whole("reference.perplexity", _likelihood, _perplexity, "lower"),
    *(_clocked(stage, percent) for stage in CLOCKED for percent in (50, 95)),
    *(mean_of(f"cost.{name}", better="neither") for name in ("prompt_tokens", "completion_tokens")),
)


def measured_in(records: Sequence[Record]) -> tuple[Figure, ...]:
    """Return the figures that a run of these can have: without answers, those of rankings alone."""
    measured = {key.partition(".")[0] for record in records for key in record.scores}
    groups = set(OPTIONAL) & measured | {"retrieval", "legs"}
    if any(record.answered for record in records):
        groups |= {figure.name.partition(".")[0] for figure in FIGURES} - set(OPTIONAL)
    return tuple(figure for figure in FIGURES if figure.name.partition(".")[0] in groups)


def figures_of(
    records: Sequence[Record], figures: Iterable[Figure] | None = None, *, seed: int = 0
) -> dict[str, Estimate]:
    """Return every figure that was measured, by its name. figures: None: all that a run of these can have."""
    wanted = measured_in(records) if figures is None else figures
    found = {figure.name: estimate(figure, records, seed=seed) for figure in wanted}
    return {name: one for name, one in found.items() if one.value is not None}
