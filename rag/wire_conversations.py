"""Conversations as they cross the wire."""

from __future__ import annotations

from pydantic import Field, ValidationError

from rag.types import Conversation, KeptTurn, TurnState
from rag.wire_answer import AnswerOut, Wire


class ConversationRequest(Wire):
    collection: str | None = None


class ConversationOut(Wire):
    id: str = Field(description="whoever has it may read the conversation: it is not to be guessed")
    collection: str
    title: str = Field(description="its first question; empty before it")
    created_at: str
    changed_at: str = Field(description="when it was last asked something")
    count: int = Field(description="of its questions")

    @classmethod
    def of(cls, kept: Conversation, collection: str) -> ConversationOut:
        return cls(
            id=kept.id,
            collection=collection,
            title=kept.title,
            created_at=kept.created_at,
            changed_at=kept.changed_at,
            count=kept.count,
        )


class ConversationsOut(Wire):
    """A page of conversations, the last changed first; `next` is the `after` of the following page."""

    conversations: list[ConversationOut]
    next: str | None


class TurnOut(Wire):
    question: str
    state: TurnState = Field(description="asked: no answer came, since it failed or was stopped, or has not come yet")
    asked_at: str
    text: str = Field(description="of the answer")
    answer: AnswerOut | None = Field(None, description="as it was given: its sources may have changed since")

    @classmethod
    def of(cls, kept: KeptTurn) -> TurnOut:
        """A body of another version's shape leaves its text alone."""
        return cls(
            question=kept.question,
            state=kept.state,
            asked_at=kept.asked_at,
            text=kept.answer,
            answer=_answer(kept.body),
        )


class ConversationTurnsOut(ConversationOut):
    turns: list[TurnOut]


def _answer(body: str) -> AnswerOut | None:
    try:
        return AnswerOut.model_validate_json(body) if body else None
    except ValidationError:
        return None
