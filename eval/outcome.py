"""Whether a question came out right, as a person would call it who looks at one. Knows no figure, and no files."""

from __future__ import annotations

from enum import StrEnum

from eval.record import Record


class Outcome(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    REFUSED = "refused"  # though the documents answer it
    FAILED = "failed"


def outcome_of(record: Record) -> Outcome:
    """Right is an answer that contains the gold answer or cites where it stands; and a refusal, where there is none.

    Where nothing was answered, the ranking alone counts: right has a gold document among the first five. Where it is
    not known what the right answer is, nor where it stands, any answer is one.
    """
    if record.error is not None:
        return Outcome.FAILED
    if not record.answered:
        return Outcome.RIGHT if not record.gold or record.scores.get("hybrid.recall@5", 0.0) > 0 else Outcome.WRONG
    refused = record.scores.get("refusal.refused", 0.0) > 0
    if not record.answerable:
        return Outcome.RIGHT if refused else Outcome.WRONG
    if refused:
        return Outcome.REFUSED
    known = record.told or record.gold
    return Outcome.WRONG if known and not contains(record) and not cites(record) else Outcome.RIGHT


def contains(record: Record) -> bool:
    return record.scores.get("answer.contains", 0.0) > 0


def cites(record: Record) -> bool:
    return record.scores.get("citation.right", 0.0) > 0
