"""The plots of a run: records in, SVG out; None where a run has nothing to show in one. Knows no files and no page."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from eval.estimate import draws_of
from eval.metrics.refusal import BINS
from eval.outcome import Outcome, outcome_of
from eval.record import Record
from eval.report.plot import SHARES, Axis, Plot, counts_axis, nice_step

HISTOGRAM_BINS = 20
LATENCY_BINS = 28
Numbers = npt.NDArray[np.float64]


def reliability(records: Sequence[Record]) -> str | None:
    """How often the answer is there, by how sure we were: ten bins, both classes weighed the same, as in the figure.

    None where either class is missing.
    """
    asked = _asked(records)
    held = np.array([record.answerable for record in asked], dtype=bool)
    if not held.any() or held.all():
        return None
    bins = np.minimum((_confidences(asked) * BINS).astype(int), BINS - 1)
    units, draws = draws_of(asked, seed=0)
    sums = np.zeros((draws.shape[1], 2, BINS))  # of each unit: its questions by class and bin
    np.add.at(sums, (units, held.astype(int), bins), 1.0)
    found = _share_held(sums.sum(axis=0))
    drawn = _share_held(np.tensordot(draws, sums, axes=1))
    plot = Plot(
        "Reliability diagram: how often the documents hold the answer, by confidence",
        Axis(0, 1, SHARES, "confidence"),
        Axis(0, 1, SHARES, "share that can be answered"),
    )
    plot.line([(0, 0), (1, 1)], "ideal")
    for place in range(BINS):
        some = drawn[:, place][~np.isnan(drawn[:, place])]
        if np.isnan(found[place]) or not some.size:
            continue
        inside = bins == place
        low, high = np.quantile(some, [0.025, 0.975])
        mean = float(_confidences(asked)[inside].mean())
        said = f"{int(inside.sum())} questions: confidence {mean:.2f}, {found[place]:.0%} can be answered"
        plot.dot(mean, float(found[place]), "hybrid", said, whisker=(float(low), float(high)))
    return plot.svg()


def selective_risk(records: Sequence[Record]) -> str | None:
    """What share is wrong, if only the questions of most confidence were answered: a line with its interval.

    The line ends where refusing begins: what a refused question would have been answered is not known.
    """
    asked = _asked(records)
    outcomes = [outcome_of(record) for record in asked]
    said = np.array([record.scores.get("refusal.refused", 1.0) == 0 for record in asked], dtype=bool)
    if not said.any():
        return None
    wrong = np.array([outcome is not Outcome.RIGHT for outcome in outcomes], dtype=np.float64)
    order = np.argsort(-_confidences(asked), kind="stable")
    order = order[said[order]]
    units, draws = draws_of(asked, seed=0)
    places = np.unique(np.linspace(0, len(order) - 1, 60).astype(int))
    counted = np.cumsum(draws[:, units[order]], axis=1)[:, places]
    bad = np.cumsum(draws[:, units[order]] * wrong[order], axis=1)[:, places]
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = np.nanquantile(np.where(counted > 0, bad / np.maximum(counted, 1), 0.0), [0.025, 0.975], axis=0)
    risk = np.cumsum(wrong[order])[places] / (places + 1)
    coverage = (places + 1) / len(asked)
    top = min(1.0, max(0.1, math.ceil(float(high[coverage > 0.05].max(initial=risk.max())) * 10) / 10))
    every = next(step for step in (2, 5, 10, 20, 25) if top * 100 / step <= 5)  # per cent between two ticks
    plot = Plot(
        "Risk and coverage: share of wrong answers among the questions of most confidence",
        Axis(0, 1, SHARES, "share of questions answered, the surest first"),
        Axis(0, top, [step / 100 for step in range(0, round(top * 100) + 1, every)], "share of these that is wrong"),
    )
    plot.area([(float(x), float(a), float(b)) for x, a, b in zip(coverage, low, high, strict=True)], "hybrid band")
    plot.line([(float(x), float(y)) for x, y in zip(coverage, risk, strict=True)], "hybrid curve")
    end = f"{risk[-1]:.1%} of {coverage[-1]:.0%} answered"
    plot.dot(float(coverage[-1]), float(risk[-1]), "hybrid", end)
    return plot.svg()


def confidences(records: Sequence[Record]) -> str | None:
    """A histogram of the confidence: questions that can be answered upwards, others downwards."""
    asked = _asked(records)
    if not asked:
        return None
    edges = np.linspace(0, 1, HISTOGRAM_BINS + 1)
    held = np.array([record.answerable for record in asked], dtype=bool)
    up, down = (np.histogram(_confidences(asked)[chosen], edges)[0] for chosen in (held, ~held))
    above, below = counts_axis(float(up.max()), ""), counts_axis(float(down.max()), "")
    step = max(above.ticks[1] - above.ticks[0], below.ticks[1] - below.ticks[0])
    least = -step * math.ceil(float(down.max()) / step)
    most = step * math.ceil(max(float(up.max()), 1.0) / step)
    ticks = [least + step * number for number in range(round((most - least) / step) + 1)]
    plot = Plot(
        "Histogram of confidence: answerable questions upwards, unanswerable ones downwards",
        Axis(0, 1, SHARES, "confidence"),
        Axis(least, most, ticks, "questions", lambda one: f"{abs(one):,g}"),
    )
    for left, right, yes, no in zip(edges, edges[1:], up, down, strict=False):
        span = f"{left:.2f} to {right:.2f}"
        plot.bar((float(left), float(right)), (0, float(yes)), "yes", f"{span}: {yes} that can be answered")
        plot.bar((float(left), float(right)), (0, -float(no)), "no", f"{span}: {no} that cannot")
    plot.line([(0, 0), (1, 0)], "zero")
    return plot.svg()


def latency(records: Sequence[Record]) -> str | None:
    """A histogram of the milliseconds of an answer; the slowest of a hundred stand in the last bar."""
    times = np.array([one.scores["latency.total"] for one in records if "latency.total" in one.scores])
    times = times[np.isfinite(times)]
    if not times.size:
        return None
    step = nice_step(max(float(np.quantile(times, 0.99)), 4.0) / 4)
    end = step * math.ceil(float(np.quantile(times, 0.99)) / step) or step
    edges = np.linspace(0, end, LATENCY_BINS + 1)
    counts = np.histogram(np.minimum(times, end), edges)[0]
    plot = Plot(
        "Histogram of the milliseconds of an answer",
        Axis(
            0, end, [step * number for number in range(round(end / step) + 1)], "milliseconds", lambda one: f"{one:g}"
        ),
        counts_axis(float(counts.max()), "questions"),
    )
    for left, right, count in zip(edges, edges[1:], counts, strict=False):
        plot.bar((float(left), float(right)), (0, float(count)), "yes", f"{left:.0f} to {right:.0f} ms: {count}")
    for line, (share, name) in enumerate(((0.5, "median"), (0.95, "95 %"))):
        value = float(np.quantile(times, share))
        plot.rule(value, f"{name} {value:,.0f}", line=line)
    return plot.svg()


def _asked(records: Sequence[Record]) -> list[Record]:
    return [record for record in records if record.answered or record.error is not None]


def _confidences(records: Sequence[Record]) -> Numbers:
    """Of one that failed, or says what is no number, none."""
    found = np.array([record.scores.get("refusal.confidence", 0.0) for record in records], dtype=np.float64)
    return np.clip(np.nan_to_num(found), 0.0, 1.0)


def _share_held(counts: Numbers) -> Numbers:
    """Return the share of the answerable in each bin, classes weighed the same; counts: (..., class, bin)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = counts / counts.sum(axis=-1, keepdims=True)
        found: Numbers = shares[..., 1, :] / shares.sum(axis=-2)
    return found
