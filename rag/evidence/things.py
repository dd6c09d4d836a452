"""What a thing in a sentence may be that answers a question: a name, a date, a number with what it counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

QUOTED = re.compile(r"[“\"「『《〈‘]([^”\"」』》〉’]{1,40})[”\"」』》〉’]")


class Sort(IntEnum):
    """What a thing looks like."""

    NAME = 0  # capitalised, or Latin in a Chinese text
    PERSON = 1
    PLACE = 2
    BODY = 3  # a company, a party, a university, a team
    DATE = 4
    NUMBER = 5
    PERCENT = 6
    MONEY = 7
    DURATION = 8
    QUOTED = 9


@dataclass(frozen=True, slots=True)
class Thing:
    """first and last: of its pieces, last excluded; start and end: in the sentence's text."""

    sort: Sort
    first: int
    last: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Layout:
    """A sentence cut into words or characters: as they stand, folded, and where each begins and ends."""

    text: str
    raw: Sequence[str]
    words: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]

    def thing(self, sort: Sort, first: int, last: int) -> Thing:
        return Thing(sort, first, last, self.starts[first], self.ends[last - 1])

    def between(self, first: int, last: int) -> str:
        """What stands between the end of one piece and the start of another."""
        return self.text[self.ends[first] : self.starts[last]]
