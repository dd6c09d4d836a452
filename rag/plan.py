"""What is searched for on behalf of one question, and how that came about. Pure data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from rag.types import Hit, Passage

NO_SCORES: Mapping[int, float] = MappingProxyType({})


class Leg(StrEnum):
    DENSE = "dense"
    LEXICAL = "lexical"


BOTH_LEGS = frozenset(Leg)
PART = "parts"  # the origin of a query that is a question of its own; the side of a comparison is none
NAMED = "hop"  # the origin of one that asks the question by a name which the first passages gave


@dataclass(frozen=True, slots=True)
class Query:
    """One search. Queries of one part say the same in other words; each part asks for something else."""

    text: str
    origin: str = "question"  # the stage that made it
    part: int = 0
    legs: frozenset[Leg] = BOTH_LEGS
    weight: float = 1.0  # beside the others of its part


@dataclass(frozen=True, slots=True)
class Plan:
    question: str  # as it stands alone
    queries: tuple[Query, ...]
    earlier: tuple[str, ...] = ()  # the conversation's earlier questions, oldest first
    answered: str = ""  # what the last of them was answered with, where that is known
    note: str = ""  # for people, by the last stage: why it left things as they are

    @property
    def parts(self) -> list[list[Query]]:
        """The queries by part, in order."""
        numbers = sorted({query.part for query in self.queries})
        return [[query for query in self.queries if query.part == number] for number in numbers]


class Stage(Protocol):
    """A step between a question and its searches. It may leave the plan as it is."""

    @property
    def name(self) -> str: ...

    def is_slow(self, plan: Plan) -> bool:
        """Tell whether who waits for the answer should be told of it: an LLM will be asked."""
        ...

    def __call__(self, plan: Plan) -> Plan: ...


class NextHop(Protocol):
    """Further searches that the first passages suggest; none where they suffice."""

    @property
    def name(self) -> str: ...

    def __call__(self, plan: Plan, passages: Sequence[Passage]) -> tuple[Query, ...]: ...


@dataclass(frozen=True, slots=True)
class Found:
    """One ranking of chunks, and what each leg gave it: key -> that leg's own score."""

    ranking: Sequence[Hit]
    legs: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    is_all: bool = True  # that there is to find
    note: str = ""  # for people: how the legs were weighed

    def scores_of(self, key: int) -> dict[str, float]:
        return {name: scores[key] for name, scores in self.legs.items() if key in scores}

    def ranks_of(self, key: int) -> dict[str, int]:
        """Return a chunk's place in each leg that found it, from 1."""
        return {
            name: 1 + sum(score > scores[key] for score in scores.values())
            for name, scores in self.legs.items()
            if key in scores
        }


NOTHING_FOUND = Found(())


@dataclass(frozen=True, slots=True)
class Step:
    """One stage as it went, for whoever asks why."""

    stage: str
    milliseconds: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Retrieval:
    question: str  # as it was searched for: a follow-up made to stand alone
    passages: tuple[Passage, ...]
    steps: tuple[Step, ...]
    queries: tuple[Query, ...] = ()  # what was searched for, in all
    found: Found = NOTHING_FOUND

    @property
    def ranks(self) -> tuple[Mapping[str, int], ...]:
        """Of each passage, its place in each leg, from 1."""
        return tuple(self.found.ranks_of(passage.chunk.key) for passage in self.passages)

    @property
    def asked(self) -> tuple[str, ...]:
        """The questions that the question was taken apart into; itself where it was not."""
        parts = tuple(dict.fromkeys(query.text for query in self.queries if query.origin == PART))
        return parts if len(parts) > 1 else (self.question,)

    @property
    def named(self) -> tuple[str, ...]:
        """The question by the names of what it only describes."""
        return tuple(query.text for query in self.queries if query.origin == NAMED)
