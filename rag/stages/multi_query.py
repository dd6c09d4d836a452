"""Ask the same in other words: documents may call it otherwise. Asks a language model for the question alone."""

from __future__ import annotations

from dataclasses import replace

from rag.plan import Plan, Query
from rag.ports import Message, Writer
from rag.stages.write import lines_written
from rag.text import question_language

PARAPHRASES = 3
WEIGHT = 0.5  # of each, beside the question itself: a model may miss what is meant
MAX_TOKENS = 240

_TASK = {
    "en": f"Write {PARAPHRASES} other ways to ask this question, in other words that documents might use. "
    "Do not answer it. Reply with one question a line and nothing else.",
    "zh": f"用文档里可能出现的不同说法，把这个问题改写成{PARAPHRASES}个意思相同的问题。不要回答。每行只写一个问题。",
}


class MultiQuery:
    """Implements plan.Stage."""

    name = "multi_query"

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def is_slow(self, plan: Plan) -> bool:  # noqa: ARG002
        return True

    def __call__(self, plan: Plan) -> Plan:
        messages = (Message("system", _TASK[question_language(plan.question)]), Message("user", plan.question))
        lines, note = lines_written(self._writer, messages, like=plan.question, max_tokens=MAX_TOKENS)
        queries = tuple(Query(line, self.name, weight=WEIGHT) for line in lines[:PARAPHRASES])
        return replace(plan, queries=(*plan.queries, *queries), note=note)
