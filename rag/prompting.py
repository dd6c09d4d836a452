"""Prompter: what a generator is told of a question, its passages and the turns before it.

Joins the collection's own rules, the summary of old turns and the model's budget. Knows nothing of retrieval.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from rag.conversation import NOTHING_SAID, Remembered, questions_of, recent
from rag.ports import Generator, Prompt
from rag.prompt import Context, write_prompt
from rag.rules import Rules, load_rules
from rag.types import Evidence, Passage, Turn

EARLIER_SHARE = 0.25  # of the model's context, for the turns before
# Older turns and the language of the question to a few sentences.
Summarise = Callable[[Sequence[Turn], str], str]


class Prompter:
    def __init__(
        self,
        model: Generator,
        *,
        budget_characters: int,
        collection: Path | None = None,
        summarise: Summarise = questions_of,
    ) -> None:
        """collection: the folder whose own rules are used, if it has any; they may change at any time."""
        self._model = model
        self._budget_characters = budget_characters
        self._collection = collection
        self._summarise = summarise

    def prompt(
        self,
        question: str,
        language: str,
        passages: Sequence[Passage],
        evidence: Evidence,
        earlier: Sequence[Turn] = (),
    ) -> Prompt:
        """Raises Misconfigured for rules that cannot be used, InvalidRequest where the question leaves no room."""
        tokens = self._model.context_tokens
        if tokens is None:  # no message is read
            return write_prompt(question, language, passages, evidence, budget_characters=self._budget_characters)
        return write_prompt(
            question,
            language,
            passages,
            evidence,
            budget_characters=self._budget_characters,
            context=Context(tokens, self._model.count_tokens),
            earlier=self._remembered(earlier, language, tokens) if earlier else NOTHING_SAID,
            rules=self._rules(language),
        )

    def _remembered(self, turns: Sequence[Turn], language: str, tokens: int) -> Remembered:
        older, newest = recent(turns, int(tokens * EARLIER_SHARE), self._model.count_tokens)
        return Remembered(newest, self._summarise(older, language) if older else "")

    def _rules(self, language: str) -> Rules | None:
        return None if self._collection is None else load_rules(self._collection, language)
