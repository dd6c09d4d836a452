"""A rating sheet as a file: JSON lines that another data folder takes in again, or a table for spreadsheets."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from rag.errors import Conflict, InvalidRequest, Malformed, NotFound
from rag.library.sheets import Item, Rated, Sheet, Sheets
from rag.wire_answer import Wire
from rag.wire_ratings import CRITERIA, Name, RatingBody, ShownItem, check_rating

HINT = "give a file that `footnote eval people export` wrote, as JSON lines"
# What a spreadsheet takes for the beginning of a formula. Source: OWASP, CSV Injection.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
COLUMNS = (
    *("sheet", "position", "question_id", "question", "expected", "side", "run", "answer", "refused", "quotes"),
    *("rater", "at", "skipped", *CRITERIA, "preferred", "saw_expected", "comment"),
)


class HiddenSheet(Wire):
    runs: list[str] = Field(min_length=1, max_length=2)
    seed: int = 0
    limit: int | None = None


class HiddenItem(Wire):
    id: str
    unit: str = ""
    language: str = ""
    order: list[int] = Field(min_length=1, max_length=2, description="which run stands on which side")


class SheetRow(Wire):
    kind: Literal["sheet"] = "sheet"
    id: str = Field(pattern=r"^[0-9a-f]{32}$")
    name: str = Field(min_length=1, max_length=200)
    created_at: str = Field(max_length=40)
    hidden: HiddenSheet


class ItemRow(Wire):
    kind: Literal["item"] = "item"
    position: int = Field(ge=1)
    shown: ShownItem
    hidden: HiddenItem


class RatingRow(RatingBody):
    kind: Literal["rating"] = "rating"
    position: int = Field(ge=1)
    rater: Name
    at: str = Field(max_length=40)


_ROW: TypeAdapter[SheetRow | ItemRow | RatingRow] = TypeAdapter(
    Annotated[SheetRow | ItemRow | RatingRow, Field(discriminator="kind")]
)


@dataclass(frozen=True, slots=True)
class Whole:
    """A sheet with all that was said on it."""

    sheet: SheetRow
    items: tuple[ItemRow, ...]
    ratings: tuple[RatingRow, ...]


def read_store(sheets: Sheets, name: str) -> Whole:
    """Raises NotFound."""
    sheet = sheets.named(name)
    hidden = HiddenSheet.model_validate_json(sheet.hidden)
    return Whole(
        SheetRow(id=sheet.id, name=sheet.name, created_at=sheet.created_at, hidden=hidden),
        tuple(
            ItemRow(
                position=item.position,
                shown=ShownItem.model_validate_json(item.body),
                hidden=HiddenItem.model_validate_json(item.hidden),
            )
            for item in sheets.items(sheet.id)
        ),
        tuple(
            RatingRow(**{**json.loads(one.body), "position": one.position, "rater": one.rater, "at": one.at})
            for one in sheets.ratings(sheet.id)
        ),
    )


def write_lines(whole: Whole, file: Path) -> None:
    rows = (whole.sheet, *whole.items, *whole.ratings)
    file.write_text("".join(f"{row.model_dump_json()}\n" for row in rows), encoding="utf-8")


def read_lines(file: Path) -> Whole:
    """Raises NotFound, and Malformed with the number of the line that is wrong."""
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise NotFound(f"{file} cannot be read: {error.strerror}", hint=HINT) from error
    found: list[SheetRow] = []
    items: dict[int, ItemRow] = {}
    ratings: dict[tuple[int, str], RatingRow] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = _ROW.validate_json(line)
            _check(row, found, items)
        except (ValidationError, InvalidRequest) as error:
            raise Malformed(f"{file}:{number}: {_brief(error)}", hint=HINT) from error
        match row:
            case SheetRow():
                found.append(row)
            case ItemRow():
                items[row.position] = row
            case RatingRow():
                ratings[row.position, row.rater] = row
    if not items:
        raise Malformed(f"{file} has no items", hint=HINT)
    return Whole(found[0], tuple(items.values()), tuple(ratings.values()))


def _check(row: SheetRow | ItemRow | RatingRow, found: Sequence[SheetRow], items: dict[int, ItemRow]) -> None:
    if isinstance(row, SheetRow) == bool(found):
        raise InvalidRequest("the first line, and no other, is the sheet")
    if isinstance(row, ItemRow):
        sides = len(found[0].hidden.runs)
        if row.position != len(items) + 1:
            raise InvalidRequest(f"item {row.position} stands where {len(items) + 1} should")
        if len(row.shown.answers) != sides or sorted(row.hidden.order) != list(range(sides)):
            raise InvalidRequest(f"the item has not an answer of each of the sheet's {sides} runs")
    if isinstance(row, RatingRow):
        if row.position not in items:
            raise InvalidRequest(f"there is no item {row.position} above it")
        check_rating(row, sides=len(found[0].hidden.runs))


def _brief(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}".removeprefix(": ")
    return str(error)


def take_in(sheets: Sheets, whole: Whole) -> tuple[int, int]:
    """Put a sheet and its ratings among the others; of one rater's two words on an item the later stays.

    Return how many ratings it has now, and how many of them are new. Raises Conflict where another sheet has its name
    or its id.
    """
    there = next((sheet for sheet in sheets.every() if sheet.id == whole.sheet.id), None)
    items = [Item(row.position, row.shown.model_dump_json(), row.hidden.model_dump_json()) for row in whole.items]
    if there is None:
        row = whole.sheet
        sides = len(row.hidden.runs)
        sheets.add(Sheet(row.id, row.name, row.created_at, sides, row.hidden.model_dump_json(), len(items)), items)
    elif read_store(sheets, there.name).items != whole.items:
        raise Conflict(
            f"the rating sheet {there.name!r} here has other items under the same id", hint="remove one of the two"
        )
    before = len(sheets.ratings(whole.sheet.id))
    for rating in whole.ratings:
        body = RatingBody(**rating.model_dump(include=set(RatingBody.model_fields))).model_dump_json()
        sheets.rate(whole.sheet.id, Rated(rating.position, rating.rater, rating.at, rating.skipped, body))
    after = len(sheets.ratings(whole.sheet.id))
    return after, after - before


def write_table(whole: Whole, file: Path) -> None:
    """Write a row for each answer of each rating, unblinded. No cell begins as a formula does."""
    with file.open("w", encoding="utf-8-sig", newline="") as out:  # the mark tells Excel that it is UTF-8
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for row in _table(whole):
            writer.writerow([_cell(row[column]) for column in COLUMNS])


def _table(whole: Whole) -> Iterator[dict[str, Any]]:
    items = {item.position: item for item in whole.items}
    for rating in whole.ratings:
        item = items[rating.position]
        for side, (answer, run) in enumerate(zip(item.shown.answers, item.hidden.order, strict=True)):
            scores = rating.sides[side].model_dump() if rating.sides else dict.fromkeys(CRITERIA)
            preferred = {"left": 0, "right": 1}.get(rating.preference or "")
            yield {
                "sheet": whole.sheet.name,
                "position": rating.position,
                "question_id": item.hidden.id,
                "question": item.shown.question,
                "expected": "; ".join(item.shown.expected),
                "side": side + 1,
                "run": whole.sheet.hidden.runs[run],
                "answer": answer.answer,
                "refused": answer.refused,
                "quotes": "\n".join(f"[{note.mark}] {note.quote}" for note in answer.notes),
                "rater": rating.rater,
                "at": rating.at,
                "skipped": rating.skipped,
                **scores,
                "preferred": rating.preference if preferred is None else "yes" if preferred == side else "no",
                "saw_expected": rating.saw_expected,
                "comment": rating.comment,
            }


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA):
        return f"'{value}"
    return value
