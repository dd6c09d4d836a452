"""Search for what an answer might look like, by its vector alone: its words are a model's, not the documents'.

Source: Gao et al., Precise Zero-Shot Dense Retrieval without Relevance Labels, ACL 2023.
"""

from __future__ import annotations

from dataclasses import replace

from rag.plan import Leg, Plan, Query
from rag.ports import Message, Writer
from rag.stages.write import written
from rag.text import question_language

WEIGHT = 0.5  # beside the question itself: what the model makes up may be wrong
MAX_TOKENS = 200

_TASK = {
    "en": "Write a short passage, two or three sentences, as it might stand in a document that answers this question. "
    "Reply with the passage alone.",
    "zh": "写一小段话（两三句），就像一份能回答这个问题的文档里会写的那样。只写这段话。",
}


class HyDE:
    """Implements plan.Stage."""

    name = "hyde"

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def is_slow(self, plan: Plan) -> bool:  # noqa: ARG002
        return True

    def __call__(self, plan: Plan) -> Plan:
        messages = (Message("system", _TASK[question_language(plan.question)]), Message("user", plan.question))
        text, note = written(self._writer, messages, like=plan.question, max_tokens=MAX_TOKENS)
        if not text:
            return replace(plan, note=note)
        query = Query(text, self.name, legs=frozenset({Leg.DENSE}), weight=WEIGHT)
        return replace(plan, queries=(*plan.queries, query))
