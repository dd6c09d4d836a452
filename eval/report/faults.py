"""Sort a run's questions by what is wrong with them, the worst first. Knows no files and no page."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from eval.outcome import Outcome, cites, outcome_of
from eval.record import Record


class Fault(Enum):
    """What is wrong with a question: a heading, and what it says."""

    FAILED = "Failed", "Asking ended in an error."
    INVENTED = "Wrongly answered", "The documents do not hold the answer, and one was given."
    WRONG = "Wrong", "The answer neither contains the expected one nor cites where it stands."
    LOST = "Not found", "No document that holds the answer is among the first five."
    REFUSED = "Wrongly refused", "The documents hold the answer, and none was given."
    UNCITED = "Right, but uncited", "The expected answer is there; no citation points to where it stands."

    @property
    def heading(self) -> str:
        return self.value[0]

    @property
    def meaning(self) -> str:
        return self.value[1]


def fault_of(record: Record) -> Fault | None:
    outcome = outcome_of(record)
    if outcome is Outcome.FAILED:
        return Fault.FAILED
    if outcome is Outcome.REFUSED:
        return Fault.REFUSED
    if outcome is Outcome.WRONG:
        if not record.answered:
            return Fault.LOST
        return Fault.WRONG if record.answerable else Fault.INVENTED
    uncited = record.answered and record.answerable and record.gold and not cites(record)
    return Fault.UNCITED if uncited else None


def by_fault(records: Iterable[Record]) -> dict[Fault, list[Record]]:
    """Return the questions of each fault that there is; those of most confidence first, which mislead the most."""
    found: dict[Fault, list[Record]] = {fault: [] for fault in Fault}
    for record in records:
        fault = fault_of(record)
        if fault is not None:
            found[fault].append(record)
    return {fault: sorted(some, key=_confidence, reverse=True) for fault, some in found.items() if some}


def gold_rank(record: Record, leg: str) -> int | None:
    """Return where the first right document stands in a leg's ranking, from 1; None where it does not."""
    ranking = record.rankings.get(leg, ())
    return next((place for place, document in enumerate(ranking, 1) if document in record.gold), None)


def _confidence(record: Record) -> float:
    return record.scores.get("refusal.confidence", 0.0)
