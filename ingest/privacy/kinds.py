"""What a find is. Knows nothing of how things are found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    MAIL = "mail"
    PHONE = "phone"
    ID = "id"  # resident, identity and social security numbers
    PASSPORT = "passport"
    CARD = "card"
    IBAN = "iban"
    IP = "ip"
    MAC = "mac"
    SECRET = "secret"  # keys, tokens, passwords


class Certainty(float):
    """How far a form proves what it is; it decides between two finds of the same length."""


PROVEN = Certainty(3)  # a checksum that a number in a thousand has, or a form that nothing else has
NAMED = Certainty(2)  # its label says so
FORMED = Certainty(1)  # written as few other things are


@dataclass(frozen=True, slots=True)
class Found:
    start: int
    end: int
    kind: Kind
    value: str  # however it is written, the same: for counting, never for keeping
    certainty: Certainty = FORMED

    def __repr__(self) -> str:
        return f"Found({self.start}, {self.end}, {self.kind})"  # never the value: a repr ends in logs
