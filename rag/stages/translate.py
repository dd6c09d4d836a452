"""Search in the other language too, where the embedder does not join the two: Chinese to English and back.

Asks a language model for the question alone. Knows nothing of documents.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from rag.plan import Plan, Query
from rag.ports import Message, Writer
from rag.stages.write import written
from rag.text import question_language

MAX_TOKENS = 160

_TASK = {
    "en": "Translate this question into Chinese. Keep names and codes that Chinese texts keep. Do not answer it. "
    "Reply with the translation alone.",
    "zh": "把这个问题翻译成英文。不要回答。只写出译文。",
}
_OTHER = {"en": "zh", "zh": "en"}


class Translate:
    """Implements plan.Stage. languages: those that the embedder knows."""

    name = "translate"

    def __init__(self, writer: Writer, languages: Collection[str]) -> None:
        self._writer = writer
        # A model that knows both finds either's documents from either's questions.
        self._knows_both = "*" in languages or {"en", "zh"} <= set(languages)

    def is_slow(self, plan: Plan) -> bool:  # noqa: ARG002
        return not self._knows_both

    def __call__(self, plan: Plan) -> Plan:
        if self._knows_both:
            return replace(plan, note="the embedder knows both languages")
        language = question_language(plan.question)
        messages = (Message("system", _TASK[language]), Message("user", plan.question))
        text, note = written(
            self._writer, messages, like=plan.question, max_tokens=MAX_TOKENS, language=_OTHER[language]
        )
        if not text:
            return replace(plan, note=note)
        return replace(plan, queries=(*plan.queries, Query(text, self.name)))
