"""GET /facets: what a collection can be filtered by."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter

from rag.api.problems import responses
from rag.api.service import CollectionName, TheService
from rag.media import short_name
from rag.paths import as_pattern
from rag.wire import FacetOut, FacetsOut

MOST = 200  # of each kind
router = APIRouter(tags=["questions"])


@router.get("/facets", responses=responses(404, 422, 503))
def facets(service: TheService, collection: CollectionName) -> FacetsOut:
    """Count the documents of each type, language, tag and folder: what `filters` may ask for."""
    with service.shelf.use(collection) as opened:
        found = opened.library.attributes.facets()
    return FacetsOut(
        documents=found.documents,
        types=_out((short_name(media_type), amount) for media_type, amount in found.types),
        languages=_out(found.languages),
        tags=_out(found.tags),
        sources=_out((as_pattern(folder), amount) for folder, amount in found.folders),
        first=found.first,
        last=found.last,
    )


def _out(counted: Iterable[tuple[str, int]]) -> list[FacetOut]:
    return [FacetOut(value=value, documents=amount) for value, amount in counted][:MOST]
