"""Nodes of one document laid out as one text again, each a slice of it. Pure.

What stands between them is not known: the splitter threw it away. Where a node's offsets cannot be (LlamaIndex's
splitters look each piece up in the text, and find the wrong place where it repeats itself), none are believed, and the
nodes stand one after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from rag.types import Span

BETWEEN = "\n\n"
LEAST_SHARE = 0.25  # of a text that the nodes must make up: a document of which little is left is set closer


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    claimed: Span | None  # where it says that it stands


def laid_out(pieces: Sequence[Piece]) -> tuple[str, list[Span]]:
    """Return a text and where in it each piece stands: text[span] == piece.text, and no two spans are the same."""
    text = _as_claimed(pieces)
    if text is not None:
        return text, [piece.claimed for piece in pieces if piece.claimed is not None]
    starts = accumulate((len(piece.text) + len(BETWEEN) for piece in pieces), initial=0)
    spans = [Span(start, start + len(piece.text)) for start, piece in zip(starts, pieces, strict=False)]
    return BETWEEN.join(piece.text for piece in pieces), spans


def _as_claimed(pieces: Sequence[Piece]) -> str | None:
    """Return the text that all claims agree on, None where there is none."""
    placed = sorted((piece.claimed.start, piece.claimed.end, piece.text) for piece in pieces if piece.claimed)
    if len(placed) < len(pieces) or any(end - start != len(text) for start, end, text in placed):
        return None
    if (placed and placed[0][0] < 0) or any(one[:2] == other[:2] for one, other in pairwise(placed)):
        return None
    if sum(len(text) for _, _, text in placed) < LEAST_SHARE * max((end for _, end, _ in placed), default=0):
        return None
    parts: list[str] = []
    at = 0
    for start, end, text in placed:
        if start > at:
            parts.append(_gap(start - at))
            at = start
        if end > at:
            parts.append(text[at - start :])
            at = end
    whole = "".join(parts)
    return whole if all(whole.startswith(text, start) for start, _, text in placed) else None


def _gap(length: int) -> str:
    """One blank is what stands between sentences; more are lines' and paragraphs' ends."""
    return " " if length == 1 else "\n" * length
