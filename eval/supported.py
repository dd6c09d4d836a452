"""Claims beside what they are checked against, as production would quote it. Knows nothing of learning or of scores.

ExpertQA's claims come with the passages that a system gave for them, and an expert's word on how far these support
them. Only "Complete" counts as supported: "Partial" and "Incomplete" say that something of the claim is not in the
passages. Claims with "N/A", no label, or no text of a passage are left out, for there is nothing to compare.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.claims import Claim
from eval.datasets.expertqa import read_claims
from rag.check.verdict import Features, compare
from rag.footnotes import Footnotes
from rag.quote import Quotes
from rag.support import Check
from rag.types import Chunk, Passage

SUPPORTED = "Complete"
UNSUPPORTED = ("Partial", "Incomplete")

Alike = Callable[[Sequence[str], Sequence[str]], Sequence[float]]  # each text to its partner


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim and what it rests on, or does not. question: claims of one are never parted."""

    claim: str
    passage: str
    supported: bool
    question: str
    kind: str = ""  # of the error that was planted
    chinese: bool = False


def expert_pairs(file: Path) -> list[Pair]:
    return [
        Pair(claim, "\n".join(passages), label == SUPPORTED, str(number))
        for number, claim, passages, label in read_claims(file)
        if passages and label in (SUPPORTED, *UNSUPPORTED)
    ]


def planted_pairs(claims: Sequence[Claim]) -> list[Pair]:
    """Return each claim as it is, and with each of its errors."""
    pairs = []
    for claim in claims:
        pairs.append(Pair(claim.text, claim.passage, True, claim.article, "", claim.chinese))
        pairs += [Pair(one.text, claim.passage, False, claim.article, one.kind, claim.chinese) for one in claim.planted]
    return pairs


def passage_of(text: str) -> Passage:
    return Passage(Chunk(1, "document", 0, len(text)), 0, len(text), text, "", "", 1, 1.0)


def quote_of(pair: Pair) -> str:
    """Return what a citation of the passage would quote."""
    quotes = Quotes([passage_of(pair.passage)])
    return quotes.text(quotes.best(pair.claim, 0))


def is_verified(pair: Pair, check: Check) -> tuple[bool, tuple[str, ...]]:
    """Tell whether a citation of the passage would be verified, and its problems where it would not."""
    note = Footnotes([passage_of(pair.passage)], check).cite(pair.claim, [1])[0]
    return note.verdict.supported, note.verdict.problems


def features_of(pair: Pair) -> Features:
    return compare(pair.claim, quote_of(pair))
