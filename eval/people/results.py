"""What the ratings of a sheet say: by run, unblinded, and how far the raters agree. Pure over its rows."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from eval.estimate import estimate, mean_of
from eval.metrics.agreement import Unit, agreement
from eval.metrics.mean import mean
from eval.people.rows import ItemRow, RatingRow, Whole
from eval.record import Record
from rag.wire_ratings import CRITERIA


def results(whole: Whole, *, seed: int = 0) -> dict[str, Any]:
    """Return each run's means, with 95 % intervals over the items, and which run is preferred, with a sign test."""
    said = [one for one in whole.ratings if not one.skipped]
    found: dict[str, Any] = {
        "sheet": whole.sheet.name,
        "items": len(whole.items),
        "rated": len({one.position for one in said}),
        "raters": sorted({one.rater for one in whole.ratings}),
        "ratings": len(said),
        "skipped": len(whole.ratings) - len(said),
        "saw_expected": sum(one.saw_expected for one in said),
        "runs": {
            label: {name: _mean(whole, run, name, seed) for name in CRITERIA}
            for run, label in enumerate(whole.sheet.hidden.runs)
        },
    }
    if len(whole.sheet.hidden.runs) == 2:
        found["preference"] = _preference(whole)
    return found


def agreements(whole: Whole, *, seed: int = 0) -> dict[str, Any]:
    """Return Krippendorff's alpha of each score (ordinal) and of the preference (nominal)."""
    found: dict[str, Any] = {
        name: asdict(agreement(list(_units(whole, name).values()), "ordinal", seed=seed)) for name in CRITERIA
    }
    if len(whole.sheet.hidden.runs) == 2:
        votes: dict[int, dict[str, float | str]] = defaultdict(dict)
        for one in _preferring(whole):
            votes[one.position][one.rater] = one.preference or ""
        found["preference"] = asdict(agreement(list(votes.values()), "nominal", seed=seed))
    return {"sheet": whole.sheet.name, "agreement": found}


def _units(whole: Whole, name: str) -> dict[tuple[int, int], Unit]:
    """Return who gave an answer which score, by the item's position and the run."""
    orders = _orders(whole)
    units: dict[tuple[int, int], dict[str, float | str]] = defaultdict(dict)
    for one in whole.ratings:
        for run, side in zip(orders[one.position], one.sides, strict=False):  # of what was skipped there are none
            score = getattr(side, name)
            if score is not None and not one.skipped:
                units[one.position, run][one.rater] = float(score)
    return dict(units)


def _mean(whole: Whole, run: int, name: str, seed: int) -> dict[str, Any]:
    items = {item.position: item for item in whole.items}
    records = [
        _record(items[position], f"people.{name}", mean(float(score) for score in unit.values()))
        for (position, of), unit in sorted(_units(whole, name).items())
        if of == run
    ]
    found = estimate(mean_of(f"people.{name}"), records, seed=seed)
    return {"mean": found.value, "low": found.low, "high": found.high, "items": len(records)}


def _record(item: ItemRow, name: str, score: float | None) -> Record:
    return Record(
        id=item.hidden.id,
        question=item.shown.question,
        language=item.hidden.language,
        kind="",
        answerable=True,
        told=True,
        scores={} if score is None else {name: score},
        unit=item.hidden.unit or item.hidden.id,
    )


def _preference(whole: Whole) -> dict[str, Any]:
    """Count words and items: an item goes to the run that more raters prefer. p: of a sign test over such items."""
    orders, runs = _orders(whole), whole.sheet.hidden.runs
    words = Counter[str]()
    left = decided = 0
    net: dict[int, int] = defaultdict(int)
    for one in _preferring(whole):
        side = {"left": 0, "right": 1}.get(one.preference or "")
        if side is None:
            words[one.preference or ""] += 1
            net[one.position] += 0
            continue
        run = orders[one.position][side]
        words[runs[run]] += 1
        net[one.position] += 1 if run == 0 else -1
        decided, left = decided + 1, left + (side == 0)
    wins = [sum(value > 0 for value in net.values()), sum(value < 0 for value in net.values())]
    return {
        "words": {**{run: words[run] for run in runs}, "tie": words["tie"], "both_bad": words["both_bad"]},
        "items": {runs[0]: wins[0], runs[1]: wins[1], "neither": len(net) - sum(wins)},
        "p": sign_test(*wins),
        "left": left / decided if decided else None,  # far from a half: raters favour a side
    }


def sign_test(wins: int, losses: int) -> float | None:
    """Return how often a fair coin falls as unevenly or more so, both ways; None where it never fell."""
    tries = wins + losses
    if not tries:
        return None
    tail = sum(math.comb(tries, number) for number in range(min(wins, losses) + 1))
    return min(1.0, float(2 * tail / 2**tries))


def _preferring(whole: Whole) -> Iterator[RatingRow]:
    return (one for one in whole.ratings if one.preference is not None and not one.skipped)


def _orders(whole: Whole) -> Mapping[int, list[int]]:
    return {item.position: item.hidden.order for item in whole.items}
