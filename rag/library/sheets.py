"""Rating sheets: questions with answers that raters are shown, and what each rater said.

What is hidden from raters, as which run an answer is of, stands apart from what they are shown. Both are text here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, Select, and_, func, or_, select, update

from rag.errors import Conflict, NotFound
from rag.library.ratings import Ratings, items, ratings, sheets
from rag.library.sql import Sql, now

MOST_SHEETS = 200  # of a collection
MOST_ITEMS = 5000  # of a sheet


@dataclass(frozen=True, slots=True)
class Sheet:
    """sides: 1 where answers are rated alone, 2 where side by side."""

    id: str
    name: str
    created_at: str
    sides: int
    hidden: str
    items: int


@dataclass(frozen=True, slots=True)
class Item:
    """body: what raters are shown."""

    position: int  # from 1
    body: str
    hidden: str


@dataclass(frozen=True, slots=True)
class Rated:
    """What one rater said of one item."""

    position: int
    rater: str
    at: str
    skipped: bool
    body: str


@dataclass(frozen=True, slots=True)
class Progress:
    items: int
    rated: int
    skipped: int


class Sheets:
    def __init__(self, kept: Ratings) -> None:
        self._kept = kept

    def add(self, sheet: Sheet, found: Sequence[Item]) -> Sheet:
        """Make one, under its id or, where that is empty, a new one. Raises Conflict where the name is taken."""
        made = sheet.id or uuid4().hex
        with self._kept.made().writing() as connection:
            if connection.execute(select(sheets.c.id).where(sheets.c.name == sheet.name)).first() is not None:
                raise Conflict(
                    f"there is a rating sheet {sheet.name!r} already",
                    hint="take another --name, or `footnote eval people remove` that one",
                )
            if connection.execute(select(func.count()).select_from(sheets)).scalar_one() >= MOST_SHEETS:
                raise Conflict(f"there are {MOST_SHEETS} rating sheets already", hint="export some, and remove them")
            if not 0 < len(found) <= MOST_ITEMS:
                raise Conflict(f"{len(found)} items: a sheet has 1 to {MOST_ITEMS}", hint="give a --limit")
            at = sheet.created_at or now()
            values = {"id": made, "name": sheet.name, "created_at": at, "sides": sheet.sides, "hidden": sheet.hidden}
            connection.execute(sheets.insert().values(**values))
            number = connection.execute(select(sheets.c.number).where(sheets.c.id == made)).scalar_one()
            connection.execute(
                items.insert(),
                [{"sheet": number, "position": one.position, "body": one.body, "hidden": one.hidden} for one in found],
            )
        return self.get(made)

    def every(self) -> list[Sheet]:
        """The newest first."""
        file = self._kept.there()
        if file is None:
            return []
        with file.reading() as connection:
            return [_sheet(row) for row in connection.execute(_counted().order_by(sheets.c.number.desc()))]

    def get(self, sheet_id: str) -> Sheet:
        """Raises NotFound."""
        with self._known(sheet_id).reading() as connection:
            return _sheet(self._row(connection, sheet_id))

    def named(self, name: str) -> Sheet:
        """Raises NotFound."""
        found = next((sheet for sheet in self.every() if sheet.name == name), None)
        if found is None:
            raise self._not_found(name)
        return found

    def remove(self, sheet_id: str) -> None:
        """Remove it with all its ratings. Raises NotFound."""
        if not self._known(sheet_id).forget(sheets, sheets.c.id == sheet_id):
            raise self._not_found(sheet_id)

    def items(self, sheet_id: str) -> list[Item]:
        with self._known(sheet_id).reading() as connection:
            number = self._row(connection, sheet_id).number
            query = select(items).where(items.c.sheet == number).order_by(items.c.position)
            return [Item(row.position, row.body, row.hidden) for row in connection.execute(query)]

    def item(self, sheet_id: str, position: int) -> Item:
        """Raises NotFound."""
        with self._known(sheet_id).reading() as connection:
            row = self._item(connection, sheet_id, position)
        return Item(row.position, row.body, row.hidden)

    def next(self, sheet_id: str, rater: str, *, after: int = 0, skipped: bool = False) -> int | None:
        """Return the position of the first item that the rater has not rated; skipped: or has skipped."""
        with self._known(sheet_id).reading() as connection:
            number = self._row(connection, sheet_id).number
            own = and_(ratings.c.item == items.c.number, ratings.c.rater == rater)
            left = or_(ratings.c.number.is_(None), ratings.c.skipped == 1) if skipped else ratings.c.number.is_(None)
            query = (
                select(func.min(items.c.position))
                .select_from(items.outerjoin(ratings, own))
                .where(items.c.sheet == number, items.c.position > after, left)
            )
            position: int | None = connection.execute(query).scalar_one()
        return position

    def progress(self, sheet_id: str, rater: str) -> Progress:
        own = [rated for rated in self.ratings(sheet_id) if rated.rater == rater]
        skipped = sum(rated.skipped for rated in own)
        return Progress(self.get(sheet_id).items, len(own) - skipped, skipped)

    def rate(self, sheet_id: str, rated: Rated) -> None:
        """Keep it in the place of the rater's earlier word on the item, if that is not newer. Raises NotFound."""
        with self._known(sheet_id).writing() as connection:
            item = self._item(connection, sheet_id, rated.position).number
            values = {"at": rated.at or now(), "skipped": int(rated.skipped), "body": rated.body}
            own = and_(ratings.c.item == item, ratings.c.rater == rated.rater)
            before = connection.execute(select(ratings.c.at).where(own)).first()
            if before is None:
                connection.execute(ratings.insert().values(item=item, rater=rated.rater, **values))
            elif before.at <= values["at"]:
                connection.execute(update(ratings).where(own).values(**values))

    def ratings(self, sheet_id: str) -> list[Rated]:
        """Return everybody's, by item and then in the order in which they came."""
        with self._known(sheet_id).reading() as connection:
            number = self._row(connection, sheet_id).number
            query = (
                select(ratings, items.c.position)
                .join(items, items.c.number == ratings.c.item)
                .where(items.c.sheet == number)
                .order_by(items.c.position, ratings.c.number)
            )
            return [
                Rated(row.position, row.rater, row.at, bool(row.skipped), row.body) for row in connection.execute(query)
            ]

    def _row(self, connection: Connection, sheet_id: str) -> Row[Any]:
        row = connection.execute(_counted().where(sheets.c.id == sheet_id)).first()
        if row is None:
            raise self._not_found(sheet_id)
        return row

    def _item(self, connection: Connection, sheet_id: str, position: int) -> Row[Any]:
        number = self._row(connection, sheet_id).number
        query = select(items).where(items.c.sheet == number, items.c.position == position)
        row = connection.execute(query).first()
        if row is None:
            raise NotFound(f"the sheet has no item {position}", hint="items are counted from 1")
        return row

    def _known(self, sheet_id: str) -> Sql:
        file = self._kept.there()
        if file is None:
            raise self._not_found(sheet_id)
        return file

    def _not_found(self, which: str) -> NotFound:
        return NotFound(
            f"no rating sheet {which!r} in collection {self._kept.collection!r}",
            hint="`footnote eval people prepare` makes one, and `list` shows those there are",
        )


def _counted() -> Select[Any]:
    count = select(func.count()).where(items.c.sheet == sheets.c.number).scalar_subquery()
    return select(sheets, count.label("items"))


def _sheet(row: Row[Any]) -> Sheet:
    return Sheet(row.id, row.name, row.created_at, row.sides, row.hidden, row.items)
