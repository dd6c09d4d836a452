"""What was measured of one question: a line of a run's questions.jsonl. Pure data; knows no figure by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Record:
    """One question of a run.

    scores: "group.name" -> what was measured; what was not measured is not there. A question that failed has none of
    its answer, and counts as one without merit.
    unit: questions of one unit are drawn together where it is asked how sure a figure is: the document they rest on.
    slices: what the question belongs to, as {"script": "traditional"}; figures are compared between the values.
    """

    id: str
    question: str
    language: str
    kind: str
    answerable: bool
    told: bool  # whether it is known what the right answer is
    scores: Mapping[str, float]
    unit: str = ""
    slices: Mapping[str, str] = field(default_factory=dict)
    synthetic: bool = False
    answers: tuple[str, ...] = ()
    gold: Mapping[str, float] = field(default_factory=dict)  # ids of documents, and how right each is
    rankings: Mapping[str, Sequence[str]] = field(default_factory=dict)  # leg -> ids of documents, best first
    answered: bool = False  # whether an answer was asked for and came
    error: str | None = None

    def row(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Record:
        """Raises TypeError for a row of another shape."""
        return cls(**{**row, "answers": tuple(row.get("answers", ()))})
