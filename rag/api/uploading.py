"""POST /documents: files come in, a job goes out. The worker reads them; nothing of them is read here."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from rag.api.asking import CLIENT_GONE
from rag.api.jobs import location_of
from rag.api.multipart import FileParts
from rag.api.problems import responses
from rag.api.service import CollectionName, Service, TheService
from rag.library.jobs import Job
from rag.library.outward import job_out
from rag.library.tagging import checked_tags
from rag.wire import JobAccepted

BATCH_BYTES = 1 << 20  # handed to the parsing thread at a time: a hop for every 64 kB would cost more than the parsing
BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "items": {"type": "string", "contentMediaType": "application/octet-stream"},
                        },
                        "tags": {"type": "array", "items": {"type": "string"}},
                    },
                }
            }
        },
    }
}
router = APIRouter(prefix="/documents", tags=["documents"])


@router.post(
    "",
    status_code=202,
    response_model=JobAccepted,
    openapi_extra=BODY,
    responses={202: {"headers": {"Location": {"schema": {"type": "string"}}}}, **responses(404, 413, 422, 503)},
)
async def upload(request: Request, service: TheService, collection: CollectionName) -> Response:
    """Take files in, each at most server.max_upload_mb, and queue them. One named as a former one replaces it."""
    folder = await run_in_threadpool(_prepare, service, collection)
    content_type = request.headers.get("content-type", "")
    max_bytes = service.settings.server.max_upload_mb * 1_000_000
    with closing(FileParts(content_type, folder=folder, max_file_bytes=max_bytes)) as parts:
        try:
            await _receive(request, parts)
        except ClientDisconnect:
            return Response(status_code=CLIENT_GONE)
        job = await run_in_threadpool(_accept, service, collection, parts)
    accepted = JobAccepted(job=job_out(collection, job))
    return Response(
        accepted.model_dump_json(),
        status_code=202,
        headers={"Location": location_of(collection, job)},
        media_type="application/json",
    )


async def _receive(request: Request, parts: FileParts) -> None:
    batch = bytearray()
    async for data in request.stream():
        batch += data
        if len(batch) >= BATCH_BYTES:
            await run_in_threadpool(parts.feed, bytes(batch))
            batch.clear()
    await run_in_threadpool(parts.feed, bytes(batch))


def _prepare(service: Service, collection: str) -> Path:
    with service.shelf.use(collection):
        return service.shelf.folder(collection)


def _accept(service: Service, collection: str, parts: FileParts) -> Job:
    """Keep the bytes for good, then say that they are there: a job never names what is not on disk."""
    tags = checked_tags(parts.tags)
    with service.shelf.use(collection) as opened:
        kept = [
            {"name": file.name, "sha256": opened.library.keep_original(parts.read(file)), "size": file.size}
            for file in parts.files()
        ]
        return opened.library.jobs.enqueue("upload", {"files": kept, "tags": tags})
