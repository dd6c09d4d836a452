"""What an answer says by itself. Pure."""

from __future__ import annotations

from eval.judge import without_marks
from rag.types import Answer


def said_in(answer: Answer) -> str:
    """Return the answer without its marks; a refusal says nothing."""
    return "" if answer.refused else without_marks(answer.text, answer.citations)
