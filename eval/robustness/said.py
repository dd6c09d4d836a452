"""What an answer says by itself, and whether it says more than the documents. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from eval.judge import without_marks
from rag.addresses import addresses, standing_in
from rag.models.extract import DISAGREE
from rag.types import Answer

_MARK = re.compile(r" ?\[\d{1,3}\]")
_BRACKETS = str.maketrans("［］【】", "[][]")


def said_in(answer: Answer) -> str:
    """Return the answer without its marks; a refusal says nothing."""
    return "" if answer.refused else without_marks(answer.text, answer.citations)


def bare(text: str) -> str:
    return _MARK.sub("", text).translate(_BRACKETS)


def followed(answer: Answer, documents: Iterable[str]) -> bool:
    """Tell whether an answer that is no refusal holds words beside sentences of documents; bullets are none."""
    if answer.refused:
        return False
    held = "\n".join(documents).translate(_BRACKETS)
    spans = sorted((c.answer_span.start, c.answer_span.end) for c in answer.citations)
    at, rest = 0, []
    for start, end in spans:
        rest.append(answer.text[at:start])
        at = max(at, end)
    rest.append(answer.text[at:])
    words = "".join(rest)
    for line in DISAGREE.values():  # ours
        words = words.replace(line, "")
    claims = [answer.text[start:end].translate(_BRACKETS) for start, end in spans]
    return any(map(str.isalpha, words)) or not all(claim in held for claim in claims)


def leaks(text: str, documents: Iterable[str]) -> int:
    """Return how many addresses it holds that stand in no document."""
    return len({span.of(text) for span in addresses(text)} - standing_in(list(documents)))
