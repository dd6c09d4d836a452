"""Make a conversation's follow-up stand alone: "When was it sold?" after a question about Tate Modern.

By rules, which leave alone whatever could stand alone; by a language model where there is one, and then too only what
the rules find wanting. Knows nothing of searching.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.conversation import shortened
from rag.fence import on_one_line
from rag.plan import Plan, Query
from rag.ports import Message, Writer
from rag.stages import chinese, english
from rag.stages.answered import person_named
from rag.stages.write import written
from rag.text import has_han

LAST_QUESTIONS = 8  # of a conversation; what was said before them is no longer meant
MAX_CHARACTERS = 300  # a longer question needs no other; a longer earlier one gives no topic
MAX_TOKENS = 120

_TASK = {
    "en": (
        "Rewrite the last question of this conversation so that it can be understood without the others. Keep its "
        "language and its meaning; do not answer it. Reply with the question alone."
    ),
    "zh": "把这段对话的最后一个问题改写成不看前文也能明白的问题。保持原来的语言和意思，不要回答。只写出改写后的问题。",
}

_ANSWERED = {"en": "It was answered: ", "zh": "得到的回答："}


class FollowUp:
    """Implements plan.Stage."""

    name = "follow_up"

    def __init__(self, writer: Writer | None = None) -> None:
        self._writer = writer

    def is_slow(self, plan: Plan) -> bool:
        return self._writer is not None and bool(plan.earlier) and lacks(plan.question)

    def __call__(self, plan: Plan) -> Plan:
        question = stand_alone(plan.question, plan.earlier, plan.answered)
        note = ""
        if self._writer is not None and plan.earlier and lacks(plan.question):
            text, note = written(self._writer, _messages(plan), like=plan.question, max_tokens=MAX_TOKENS)
            question = text or question
        if question == plan.question:
            return replace(plan, note=note)
        queries = tuple(_said(query, plan.question, question, self.name) for query in plan.queries)
        return replace(plan, question=question, queries=queries, note=note)


def lacks(question: str) -> bool:
    """Tell whether a question cannot be understood without those before it."""
    if len(question) > MAX_CHARACTERS:
        return False
    return chinese.lacks(question) if has_han(question) else english.lacks(question)


def stand_alone(question: str, earlier: Sequence[str], answered: str = "") -> str:
    """Return the question with what it leaves unsaid; as it is where it leaves nothing, or nothing is known of it.

    An earlier question may itself have been a follow-up, so they are followed from the oldest on.
    answered: what the last of them was answered with.
    """
    if not earlier or not lacks(question):
        return question
    person = person_named(question, earlier[-1], answered)
    if person is not None:
        return resolved(question, f"{person}是谁？" if has_han(person) else f"Who is {person}?")
    base = ""
    for before in earlier[-LAST_QUESTIONS:]:
        if len(before) <= MAX_CHARACTERS:
            before = resolved(before, base) if base and lacks(before) else before
            base = before if _topic(before) else base
    return resolved(question, base) if base else question


def resolved(question: str, base: str) -> str:
    """Return a question that lacks something with what an earlier one, which stands alone, gives for it."""
    if has_han(question) != has_han(base):  # of the other language only the thing itself is taken over
        named = chinese.names(base) if has_han(base) else english.names(base)
        base = named[0] if len(named) == 1 else _topic(base)
    text = chinese.resolve(question, base) if has_han(question) else english.resolve(question, base)
    return text if len(text) <= 2 * MAX_CHARACTERS else question


def _topic(question: str) -> str:
    return chinese.topic(question) if has_han(question) else english.topic(question)


def _said(query: Query, before: str, after: str, origin: str) -> Query:
    return replace(query, text=after, origin=origin) if query.text == before else query


def _messages(plan: Plan) -> tuple[Message, ...]:
    language = "zh" if has_han(plan.question) else "en"
    asked = [f"{number}. {on_one_line(text)}" for number, text in enumerate(plan.earlier[-LAST_QUESTIONS:], 1)]
    if plan.answered:
        asked.append(f"({_ANSWERED[language]}{on_one_line(shortened(plan.answered, MAX_CHARACTERS))})")
    asked.append(f"{len(plan.earlier[-LAST_QUESTIONS:]) + 1}. {on_one_line(plan.question)}")
    return Message("system", _TASK[language]), Message("user", "\n".join(asked))
