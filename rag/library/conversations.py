"""Conversations: what was asked and answered in turn, kept beside the truth and no part of it.

What is removed is overwritten. Knows nothing of how an answer is made: its body is text to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    Text,
    func,
    select,
    update,
)

from rag.errors import Conflict, NotFound
from rag.library.beside import Beside
from rag.library.sql import Sql
from rag.types import Conversation, KeptTurn, Turn, TurnState

FILE_NAME = "conversations.db"
SCHEMA_VERSION = 1
MOST_CONVERSATIONS = 10_000  # of a collection
MOST_TURNS = 200  # of a conversation
MOST_CHARACTERS = 16_000_000  # of a conversation's answers, as they are kept
LAST_TURNS = 48  # that a question is asked with; what was said before them is no longer meant
TITLE_CHARACTERS = 120
MADE_HINT = "POST /conversations, or `footnote ask --conversation new`, makes one; it belongs to its collection"

_metadata = MetaData()
_conversations = Table(
    "conversations",
    _metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("title", String, nullable=False),
    Column("created_at", String, nullable=False),
    Column("changed_at", String, nullable=False),
    Index("conversations_by_change", "changed_at", "number"),
    sqlite_autoincrement=True,
)
_turns = Table(
    "turns",
    _metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("conversation", ForeignKey("conversations.number", ondelete="CASCADE"), nullable=False),
    Column("question", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("asked_at", String, nullable=False),
    Column("answer", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("turns_by_conversation", "conversation", "number"),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True, slots=True)
class Begun:
    """A question that has been noted, and the turns before it, oldest first."""

    number: int
    earlier: tuple[Turn, ...]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Conversations(Beside):
    def __init__(self, folder: Path, *, keep_days: int = 0, clock: Callable[[], datetime] = _utc_now) -> None:
        """folder: the collection's. keep_days: since the last question; 0: for good. Nothing is opened yet."""
        super().__init__(folder / FILE_NAME, _metadata, schema=SCHEMA_VERSION, holds="the conversations")
        self._keep_days = keep_days
        self._clock = clock

    def create(self) -> Conversation:
        """Make an empty one; those that are too old go. Raises Conflict where there are too many."""
        file = self.made()
        file.forget(_conversations, _conversations.c.changed_at < self._oldest())
        at = self._now()
        with file.writing() as connection:
            if connection.execute(select(func.count()).select_from(_conversations)).scalar_one() >= MOST_CONVERSATIONS:
                raise Conflict(
                    f"there are {MOST_CONVERSATIONS} conversations already",
                    hint="remove some, or set answer.keep_conversations_days lower",
                )
            made = Conversation(uuid4().hex, "", at, at, 0)
            connection.execute(_conversations.insert().values(id=made.id, title="", created_at=at, changed_at=at))
        return made

    def list(self, limit: int, *, after: str | None = None) -> list[Conversation]:
        """The last changed first; after is the id that the page before ended with. Raises NotFound for that one."""
        file = self.there()
        if file is None:
            if after is not None:
                raise self._not_found(after)
            return []
        counted = select(func.count()).where(_turns.c.conversation == _conversations.c.number).scalar_subquery()
        query = select(_conversations, counted.label("turns")).where(_conversations.c.changed_at >= self._oldest())
        with file.reading() as connection:
            if after is not None:
                last = self._row(connection, after)
                before = (_conversations.c.changed_at < last.changed_at) | (
                    (_conversations.c.changed_at == last.changed_at) & (_conversations.c.number < last.number)
                )
                query = query.where(before)
            order = (_conversations.c.changed_at.desc(), _conversations.c.number.desc())
            return [_conversation(row, row.turns) for row in connection.execute(query.order_by(*order).limit(limit))]

    def get(self, conversation_id: str) -> tuple[Conversation, tuple[KeptTurn, ...]]:
        """Return the conversation and its turns, in the order in which they were asked. Raises NotFound."""
        with self._known(conversation_id).reading() as connection:
            row = self._row(connection, conversation_id)
            query = select(_turns).where(_turns.c.conversation == row.number).order_by(_turns.c.number)
            turns = tuple(
                KeptTurn(turn.question, turn.state, turn.asked_at, turn.answer, turn.body)
                for turn in connection.execute(query)
            )
        return _conversation(row, len(turns)), turns

    def remove(self, conversation_id: str) -> None:
        """Raises NotFound."""
        file = self._known(conversation_id)
        if not file.forget(_conversations, _conversations.c.id == conversation_id):
            raise self._not_found(conversation_id)

    def check(self, conversation_id: str) -> None:
        """Raises NotFound, and Conflict where it can take no more."""
        with self._known(conversation_id).reading() as connection:
            self._room(connection, self._row(connection, conversation_id))

    def begin(self, conversation_id: str, question: str) -> Begun:
        """Note that it is asked: where no answer comes, that stays. Raises NotFound, Conflict."""
        at = self._now()
        with self._known(conversation_id).writing() as connection:
            row = self._row(connection, conversation_id)
            self._room(connection, row)
            last = (
                select(_turns.c.question, _turns.c.answer)
                .where(_turns.c.conversation == row.number)
                .order_by(_turns.c.number.desc())
                .limit(LAST_TURNS)
            )
            earlier = [Turn(turn.question, turn.answer) for turn in connection.execute(last)]
            values = {"conversation": row.number, "question": question, "state": "asked", "asked_at": at}
            added = connection.execute(_turns.insert().values(**values, answer="", body=""))
            title = row.title or " ".join(question.split())[:TITLE_CHARACTERS]
            changed = update(_conversations).where(_conversations.c.number == row.number)
            connection.execute(changed.values(changed_at=max(at, row.changed_at), title=title))
            [number] = _one(added.inserted_primary_key)
        return Begun(number, tuple(reversed(earlier)))

    def finish(self, number: int, answer: str, body: str, *, state: TurnState) -> None:
        """Add the answer to a question that was begun; where the conversation was removed meanwhile, it stays so."""
        file = self.there()
        if file is not None:
            with file.writing() as connection:
                ended = update(_turns).where(_turns.c.number == number)
                connection.execute(ended.values(answer=answer, body=body, state=state))

    def _room(self, connection: Connection, row: Row[Any]) -> None:
        size = func.coalesce(func.sum(func.length(_turns.c.body)), 0)
        query = select(func.count().label("turns"), size.label("size")).where(_turns.c.conversation == row.number)
        found = connection.execute(query).one()
        if found.turns >= MOST_TURNS or found.size >= MOST_CHARACTERS:
            raise Conflict(
                f"conversation {row.id} is full: it has {found.turns} questions",
                hint="go on in a new one: POST /conversations, or `footnote ask --conversation new`",
            )

    def _row(self, connection: Connection, conversation_id: str) -> Row[Any]:
        query = select(_conversations).where(
            _conversations.c.id == conversation_id, _conversations.c.changed_at >= self._oldest()
        )
        row = connection.execute(query).first()
        if row is None:
            raise self._not_found(conversation_id)
        return row

    def _known(self, conversation_id: str) -> Sql:
        file = self.there()
        if file is None:
            raise self._not_found(conversation_id)
        return file

    def _not_found(self, conversation_id: str) -> NotFound:
        return NotFound(f"no conversation {conversation_id!r} in collection {self.collection!r}", hint=MADE_HINT)

    def _oldest(self) -> str:
        """What was last changed before is gone."""
        if not self._keep_days:
            return ""
        return (self._clock() - timedelta(days=self._keep_days)).isoformat(timespec="milliseconds")

    def _now(self) -> str:
        return self._clock().isoformat(timespec="milliseconds")


def _conversation(row: Row[Any], count: int) -> Conversation:
    return Conversation(row.id, row.title, row.created_at, row.changed_at, count)


def _one(key: Sequence[Any] | None) -> Sequence[Any]:
    assert key is not None
    return key
