"""The questions that came out otherwise in another run of the same set. Knows no figure, and no files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eval.outcome import Outcome, cites, contains, outcome_of
from eval.record import Record

# From best to worst: which way a flip goes.
ORDER = (Outcome.RIGHT, Outcome.REFUSED, Outcome.WRONG, Outcome.FAILED)


@dataclass(frozen=True, slots=True)
class Flip:
    """change: as "right -> wrong", or "cited -> not cited" where it came out as before. worse: whether it is."""

    id: str
    question: str
    change: str
    worse: bool
    before: str  # the answers' beginnings
    after: str


def flips(
    pairs: Sequence[tuple[Record, Record]], before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[Flip, ...]:
    """Return them by their change, those for the worse first, else in the order of the questions.

    pairs: each question's record of the first run and of the second. before, after: what was said, by question's id.
    """
    found = []
    for one, other in pairs:
        told = _change(one, other)
        if told is not None:
            change, worse = told
            said = before.get(one.id, ""), after.get(other.id, "")
            found.append(Flip(other.id, other.question, change, worse, *said))
    return tuple(sorted(found, key=lambda flip: (not flip.worse, flip.change)))


def _change(before: Record, after: Record) -> tuple[str, bool] | None:
    one, other = outcome_of(before), outcome_of(after)
    if one is not other:
        return f"{one} -> {other}", ORDER.index(other) > ORDER.index(one)
    for test, yes, no in ((cites, "cited", "not cited"), (contains, "told", "not told")):
        if test(before) is not test(after):
            return (f"{yes} -> {no}", True) if test(before) else (f"{no} -> {yes}", False)
    return None
