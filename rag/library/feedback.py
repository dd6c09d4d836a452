"""Feedback on live answers: one person's word on one answer. What it says is text here, read elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, func, select, update

from rag.errors import Conflict, NotFound
from rag.library.ratings import Ratings, feedback
from rag.library.sql import now

MOST = 100_000  # of a collection


@dataclass(frozen=True, slots=True)
class Kept:
    id: str
    asked_at: str  # when it was first given
    body: str


class Feedback:
    def __init__(self, ratings: Ratings, *, clock: Callable[[], str] = now) -> None:
        self._ratings = ratings
        self._clock = clock

    def add(self, body: str, *, conversation: str = "", about: tuple[str, ...] = ()) -> Kept:
        """Keep a word on an answer.

        conversation: in which it was asked. about: whose word, and on which answer of it; the one before about the
        same gives way to it.

        Raises Conflict where there are too many.
        """
        key = sha256("\0".join((conversation, *about)).encode()).hexdigest() if conversation else ""
        with self._ratings.made().writing() as connection:
            row = connection.execute(select(feedback).where(feedback.c.about == key)).first() if key else None
            if row is not None:
                connection.execute(update(feedback).where(feedback.c.number == row.number).values(body=body))
                return Kept(row.id, row.asked_at, body)
            if connection.execute(select(func.count()).select_from(feedback)).scalar_one() >= MOST:
                raise Conflict(f"there are {MOST} words of feedback already", hint="export them, and remove some")
            made = Kept(uuid4().hex, self._clock(), body)
            values = {"id": made.id, "about": key, "conversation": conversation, "asked_at": made.asked_at}
            connection.execute(feedback.insert().values(**values, body=body))
        return made

    def change(self, feedback_id: str, change: Callable[[str], str]) -> Kept:
        """Put in the place of its body what change makes of it, in one transaction. Raises NotFound."""
        file = self._ratings.there()
        if file is None:
            raise self._not_found(feedback_id)
        with file.writing() as connection:
            row = self._row(connection, feedback_id)
            body = change(row.body)
            connection.execute(update(feedback).where(feedback.c.number == row.number).values(body=body))
        return Kept(row.id, row.asked_at, body)

    def list(self, limit: int, *, after: str | None = None) -> list[Kept]:
        """The oldest first; after is the id that the page before ended with. Raises NotFound for that one."""
        file = self._ratings.there()
        if file is None:
            if after is not None:
                raise self._not_found(after)
            return []
        query = select(feedback).order_by(feedback.c.number).limit(limit)
        with file.reading() as connection:
            if after is not None:
                query = query.where(feedback.c.number > self._row(connection, after).number)
            return [Kept(row.id, row.asked_at, row.body) for row in connection.execute(query)]

    def remove(self, feedback_id: str) -> None:
        """Raises NotFound."""
        file = self._ratings.there()
        if file is None or not file.forget(feedback, feedback.c.id == feedback_id):
            raise self._not_found(feedback_id)

    def remove_of(self, conversation: str) -> None:
        """Remove what was said in a conversation: it holds what was asked and answered there."""
        file = self._ratings.there()
        if file is not None:
            file.forget(feedback, feedback.c.conversation == conversation)

    def _row(self, connection: Connection, feedback_id: str) -> Row[Any]:
        row = connection.execute(select(feedback).where(feedback.c.id == feedback_id)).first()
        if row is None:
            raise self._not_found(feedback_id)
        return row

    def _not_found(self, feedback_id: str) -> NotFound:
        return NotFound(
            f"no feedback {feedback_id!r} in collection {self._ratings.collection!r}",
            hint="GET /feedback lists what there is",
        )
