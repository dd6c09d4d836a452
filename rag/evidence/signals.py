"""The signs by which it is judged whether passages answer a question: numbers with names, of all passages together.

Knows nothing of how they are weighed. None depends on the size of the library but by how rare terms are, nor on scores
of retrieval, whose scale changes with what is retrieved.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from rag.evidence.pieces import sentences_of
from rag.evidence.reading import Alike, Frequency
from rag.evidence.sought import Asks, Kind, Sought, sought
from rag.evidence.windows import NEAR_HALF, Match, holds, lacks, match
from rag.types import Passage

COMPARED = 3  # sentences of each of the two best passages whose meaning is compared with the question's
_SHARES = (
    "sentence",
    "two",
    "window",
    "around",
    "beside",
    "runs",
    "longest",
    "passage",
    "in_part",
    "frequent",
    "worded",
)
# In how many chunks a term stands: in none, in one, in a few, in more, in many.
_COMMON = {"none": (0, 0), "one": (1, 1), "few": (2, 5), "more": (6, 30), "many": (31, 1 << 62)}

Signals = Mapping[str, float]


def signals(
    question: str, passages: Sequence[Passage], frequency: Frequency, chunks: int, alike: Alike | None = None
) -> Signals | None:
    """Return None where the question or the passages have no word. Arguments are those of weigh."""
    asked = sought(question, frequency, chunks)
    lengths = [sum(len(sentence.pieces) for sentence in sentences_of(passage.text)) for passage in passages]
    if not asked.rarities or not sum(lengths):
        return None
    usual = sum(lengths) / len(lengths)
    matches = sorted((match(asked, passage, usual) for passage in passages), key=lambda one: -one.score)
    top = matches[0]
    others = [one for one in matches if one.document_id != top.document_id]
    second = others[0] if others else None
    found: dict[str, float] = {}
    for share in _SHARES:
        found[share] = getattr(top, share)
        found[f"{share}_most"] = max(getattr(one, share) for one in matches)
        found[f"{share}_gap"] = found[share] - max((getattr(one, share) for one in others), default=0.0)
    found["score"] = top.score
    found["score_gap"] = top.score - (second.score if second else 0.0)
    found["score_above_mean"] = top.score - (sum(one.score for one in others) / len(others) if others else 0.0)
    found |= _standing_out(matches, top)
    found |= _missing(asked, top, second)
    found |= _meaning(asked, top, second, alike)
    found["terms"] = float(len(asked.rarities))
    found["rarity"] = asked.total
    found["chinese"] = float(asked.language == "zh")
    for asks in Asks:
        found[f"asks_{asks}"] = float(asked.asks is asks)
    return found


def _standing_out(matches: Sequence[Match], top: Match) -> dict[str, float]:
    """Tell how far the best passage by BM25 is from those of other documents, and whether it is the best otherwise."""
    first = max(matches, key=lambda one: one.worded)
    others = sorted((one.worded for one in matches if one.document_id != first.document_id), reverse=True)
    second = others[0] if others else 0.0
    return {
        "worded_first": first.worded,
        "worded_ahead": first.worded - second,
        "worded_ratio": second / first.worded if first.worded else 1.0,
        "worded_spread": first.worded - sum(others) / len(others) if others else first.worded,
        "worded_agrees": float(first.document_id == top.document_id),
        "score_ratio": max((one.score for one in matches if one.document_id != top.document_id), default=0.0)
        / (top.score or 1.0),
    }


def _missing(asked: Sought, top: Match, second: Match | None) -> dict[str, float]:
    """Tell what of the question the best passage lacks, and the next one."""
    lacking = {term: asked.rarities[term] * share for term, share in top.missing.items()}
    found = {
        "missing": math.fsum(lacking.values()),
        "missing_rarest": max(lacking.values(), default=0.0),
        "missing_terms": float(sum(share > NEAR_HALF for share in top.missing.values())),
    }
    found["missing_gap"] = (
        math.fsum(asked.rarities[term] * share for term, share in second.missing.items()) if second else asked.total
    ) - found["missing"]
    for kind in Kind:
        found[f"lacks_{kind}"] = lacks(asked, top, kind)
        found[f"holds_{kind}"] = holds(asked, top, kind)
        found[f"lacks_{kind}_gap"] = (lacks(asked, second, kind) if second else 0.0) - found[f"lacks_{kind}"]
        alone = [share for term, share in top.missing.items() if asked.kinds[term] is kind]
        found[f"lacks_any_{kind}"] = float(any(share > NEAR_HALF for share in alone))
    for name, (least, most) in _COMMON.items():
        terms = [term for term, count in asked.frequencies.items() if least <= count <= most]
        found[f"lacks_of_{name}"] = math.fsum(top.missing.get(term, 0.0) for term in terms)
        found[f"holds_of_{name}"] = float(sum(term not in top.missing for term in terms))
    return found


def _meaning(asked: Sought, top: Match, second: Match | None, alike: Alike | None) -> dict[str, float]:
    """Tell how near the best sentences are to the question in meaning; zeros where nobody can tell."""
    best, other = top.sentences[:COMPARED], second.sentences[:COMPARED] if second else ()
    cosines = alike(asked.question, [*best, *other]) if alike is not None and best else None
    near = max(cosines[: len(best)]) if cosines else 0.0
    other_near = max(cosines[len(best) :], default=0.0) if cosines else 0.0
    return {
        "near": near,
        "near_most": max(near, other_near),
        "near_gap": near - other_near,
        "near_known": float(cosines is not None),
    }
