"""Take a question of several parts apart, so that each is searched for and has its place among the passages.

The whole question stays the first part. Knows nothing of how parts are put together again.
"""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

from rag.plan import PART, Plan, Query
from rag.stages import split_chinese, split_english
from rag.text import has_han

MOST_PARTS = 5
SIDE = "sides"  # the origin of a query for one side of a comparison
MAX_CHARACTERS = 600  # a longer text is no question


class Parts:
    """Implements plan.Stage."""

    name = "parts"

    def is_slow(self, plan: Plan) -> bool:  # noqa: ARG002
        return False

    def __call__(self, plan: Plan) -> Plan:
        first = 1 + max(query.part for query in plan.queries)
        texts = questions_of(plan.question)
        origin = PART if texts else SIDE
        queries = [Query(text, origin, number) for number, text in enumerate(texts or sides_of(plan.question), first)]
        return replace(plan, queries=(*plan.queries, *queries))


def questions_of(question: str) -> list[str]:
    """Return the questions that a question asks, each standing alone.

    None where it asks but one, or more than can each have a place among the passages.
    """
    return _several(_splitter(question).split(question)) if len(question) <= MAX_CHARACTERS else []


def sides_of(question: str) -> list[str]:
    """Return the two things that a question compares, with the respect in which it does; none where it does not."""
    return _several(_splitter(question).sides(question)) if len(question) <= MAX_CHARACTERS else []


def _several(texts: list[str]) -> list[str]:
    texts = list(dict.fromkeys(texts))
    return texts if 1 < len(texts) <= MOST_PARTS else []


def _splitter(question: str) -> ModuleType:
    return split_chinese if has_han(question) else split_english
