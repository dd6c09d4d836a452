"""Take a question of several parts apart, so that each is searched for and has its place among the passages.

The whole question stays the first part. Knows nothing of how parts are put together again.
"""

from __future__ import annotations

from dataclasses import replace

from rag.plan import Plan, Query
from rag.stages import split_chinese, split_english
from rag.text import has_han

MOST_PARTS = 5
MAX_CHARACTERS = 600  # a longer text is no question


class Parts:
    """Implements plan.Stage."""

    name = "parts"

    def is_slow(self, plan: Plan) -> bool:  # noqa: ARG002
        return False

    def __call__(self, plan: Plan) -> Plan:
        first = 1 + max(query.part for query in plan.queries)
        queries = [Query(text, self.name, number) for number, text in enumerate(parts_of(plan.question), first)]
        return replace(plan, queries=(*plan.queries, *queries))


def parts_of(question: str) -> list[str]:
    """Return the questions that a question asks for, each standing alone, or the two things that it compares.

    Nothing where it asks for one thing, or for more than can each have a place.
    """
    if len(question) > MAX_CHARACTERS:
        return []
    by = split_chinese if has_han(question) else split_english
    parts = by.split(question)
    if len(parts) < 2:
        parts = by.sides(question)
    return list(dict.fromkeys(parts)) if 1 < len(parts) <= MOST_PARTS else []
