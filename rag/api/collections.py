"""Collections: list, make and remove them."""

from __future__ import annotations

from fastapi import APIRouter, Response

from rag.api.problems import responses
from rag.api.service import Service, TheService
from rag.errors import FootnoteError, NotFound
from rag.wire import CollectionOut, CollectionRequest, CollectionsOut

router = APIRouter(prefix="/collections", tags=["collections"])


@router.get("", responses=responses(503))
def list_collections(service: TheService) -> CollectionsOut:
    """List every collection. One that cannot be opened is listed too, with its problem."""
    return CollectionsOut(collections=[_collection_out(service, name) for name in service.shelf.names()])


@router.post("", status_code=201, responses=responses(400, 409, 413, 422, 503))
def create_collection(body: CollectionRequest, response: Response, service: TheService) -> CollectionOut:
    """Make an empty collection."""
    service.shelf.create(body.name)
    response.headers["Location"] = f"/collections/{body.name}"
    return _collection_out(service, body.name)


@router.get("/{name}", responses=responses(404, 422, 503))
def show_collection(name: str, service: TheService) -> CollectionOut:
    if service.shelf.name_of(name) not in service.shelf.names():
        raise NotFound(f"no collection named {name!r}", hint="GET /collections lists those there are")
    return _collection_out(service, name)


@router.delete("/{name}", status_code=204, response_class=Response, responses=responses(404, 422, 503))
def remove_collection(name: str, service: TheService) -> Response:
    """Remove a collection with its documents, originals and jobs. There is no way back."""
    service.shelf.remove(name)
    return Response(status_code=204)


def _collection_out(service: Service, name: str) -> CollectionOut:
    try:
        with service.shelf.use(name) as opened:
            library = opened.library
            return CollectionOut(
                name=name,
                documents=library.count_documents(),
                chunks=len(library),
                embedder=library.manifest.embedder,
                created_at=library.created_at(),
            )
    except FootnoteError as error:  # an edge: one broken collection does not hide the others
        return CollectionOut(name=name, documents=0, chunks=0, embedder="", created_at="", problem=str(error))
