"""Rating sheets for raters: what is next, and what they say of it. Nothing here tells which run an answer is of."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query

from rag.api.problems import responses
from rag.api.service import CollectionName, TheService
from rag.errors import NotFound
from rag.library.sheets import Rated, Sheets
from rag.wire_ratings import (
    ItemOut,
    Name,
    ProgressOut,
    RatingBody,
    RatingRequest,
    SheetOut,
    SheetsOut,
    ShownItem,
    check_rating,
)

router = APIRouter(prefix="/rating-sheets", tags=["rating"])
Rater = Annotated[Name, Query(description="whoever rates")]


@router.get("", responses=responses(404, 422, 503))
def list_sheets(service: TheService, collection: CollectionName) -> SheetsOut:
    """List a collection's rating sheets, the newest first."""
    if collection not in service.shelf.names():
        raise NotFound(f"no collection named {collection!r}", hint="GET /collections lists those there are")
    with service.shelf.use(collection) as opened:
        rows = Sheets(opened.ratings).every()
    return SheetsOut(sheets=[SheetOut(id=row.id, name=row.name, sides=row.sides, items=row.items) for row in rows])


@router.get("/{sheet_id}/next", responses=responses(404, 422, 503))
def next_item(
    sheet_id: str,
    service: TheService,
    collection: CollectionName,
    rater: Rater,
    skipped: Annotated[bool, Query(description="come back to what was skipped, too")] = False,
    after: Annotated[int, Query(ge=0, description="look behind this position")] = 0,
) -> ItemOut:
    """Return the first item that this rater has not rated yet, and how far the rater has come."""
    with service.shelf.use(collection) as opened:
        sheets = Sheets(opened.ratings)
        return _item(sheets, sheet_id, rater, sheets.next(sheet_id, rater, after=after, skipped=skipped))


@router.get("/{sheet_id}/items/{position}", responses=responses(404, 422, 503))
def show_item(sheet_id: str, position: int, service: TheService, collection: CollectionName, rater: Rater) -> ItemOut:
    """Return one item, with what this rater said of it."""
    with service.shelf.use(collection) as opened:
        return _item(Sheets(opened.ratings), sheet_id, rater, position)


@router.post("/{sheet_id}/ratings", responses=responses(400, 404, 413, 422, 503))
def rate(
    sheet_id: str, service: TheService, collection: CollectionName, body: Annotated[RatingRequest, Body()]
) -> ProgressOut:
    """Keep a rater's word on an item, in the place of an earlier one."""
    with service.shelf.use(collection) as opened:
        sheets = Sheets(opened.ratings)
        said = RatingBody(**body.model_dump(exclude={"rater", "position"}))
        check_rating(said, sides=sheets.get(sheet_id).sides)
        sheets.rate(sheet_id, Rated(body.position, body.rater, "", said.skipped, said.model_dump_json()))
        return _progress(sheets, sheet_id, body.rater)


def _item(sheets: Sheets, sheet_id: str, rater: str, position: int | None) -> ItemOut:
    progress = _progress(sheets, sheet_id, rater)
    if position is None:
        return ItemOut(position=None, item=None, rating=None, progress=progress)
    item = sheets.item(sheet_id, position)
    own = next((one for one in sheets.ratings(sheet_id) if (one.position, one.rater) == (position, rater)), None)
    return ItemOut(
        position=position,
        item=ShownItem.model_validate_json(item.body),
        rating=RatingBody.model_validate_json(own.body) if own is not None else None,
        progress=progress,
    )


def _progress(sheets: Sheets, sheet_id: str, rater: str) -> ProgressOut:
    found = sheets.progress(sheet_id, rater)
    return ProgressOut(items=found.items, rated=found.rated, skipped=found.skipped)
