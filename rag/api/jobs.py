"""Jobs: look, cancel, and ask for a folder to be read. The worker, another process, does what they say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Body, Query
from starlette.responses import Response

from rag.api.problems import Problem, responses
from rag.api.service import CollectionName, TheService
from rag.errors import InvalidRequest, LibraryBusy, NotFound
from rag.library.jobs import Job
from rag.library.outward import job_out
from rag.library.spool import drop_spooled
from rag.library.tagging import checked_tags
from rag.wire import JobAccepted, JobOut, JobRequest, JobsOut

router = APIRouter(prefix="/jobs", tags=["jobs"])
FOLDER_EXAMPLES = {"a folder": {"value": {"paths": ["/srv/handbook"], "collection": "default"}}}


@router.get("", responses=responses(404, 422, 503))
def list_jobs(
    service: TheService,
    collection: CollectionName,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> JobsOut:
    """List a collection's jobs, newest first."""
    with service.shelf.use(collection) as opened:
        return JobsOut(jobs=[job_out(collection, job) for job in opened.library.jobs.list(limit)])


@router.get("/{job_id}", responses=responses(404, 422, 503))
def show_job(job_id: str, service: TheService, collection: CollectionName) -> JobOut:
    with service.shelf.use(collection) as opened:
        return job_out(collection, opened.library.jobs.get(job_id))


@router.delete("/{job_id}", responses=responses(404, 409, 422, 503))
def cancel_job(job_id: str, service: TheService, collection: CollectionName) -> JobOut:
    """Cancel the job: a running one stops after the document it is at; what was indexed stays."""
    with service.shelf.use(collection) as opened:
        opened.library.jobs.cancel(job_id)
        job = opened.library.jobs.get(job_id)
        with suppress(LibraryBusy):  # a worker is at it, and drops the files itself
            drop_spooled(opened.library.folder, job, timeout_seconds=0)
        return job_out(collection, job)


@router.post("/{job_id}/resume", status_code=202, responses=responses(404, 409, 422, 503))
def resume_job(job_id: str, service: TheService, collection: CollectionName) -> JobAccepted:
    """Queue a job again that was cancelled or has failed; what it indexed before is found unchanged."""
    with service.shelf.use(collection) as opened:
        return JobAccepted(job=job_out(collection, opened.library.jobs.resume(job_id)))


@router.post("", status_code=202, responses=responses(400, 403, 404, 413, 422, 503))
def read_folders(
    body: Annotated[JobRequest, Body(openapi_examples=FOLDER_EXAMPLES)], response: Response, service: TheService
) -> JobAccepted:
    """Have files and folders of the server's own disk read, if they lie below server.ingest_roots."""
    collection = service.shelf.name_of(body.collection)
    paths = readable(body.paths, service.settings.server.ingest_roots)
    tags = checked_tags(body.tags)
    with service.shelf.use(collection) as opened:
        job = opened.library.jobs.enqueue("folder", {"paths": [str(path) for path in paths], "tags": tags})
    response.headers["Location"] = location_of(collection, job)
    return JobAccepted(job=job_out(collection, job))


def readable(paths: Iterable[str], roots: Sequence[Path]) -> list[Path]:
    """Return the real paths, every symlink followed, all of them below one of the roots.

    Raises Problem, 403, for one that is not, whether or not it exists; NotFound; InvalidRequest.
    """
    if not roots:
        raise Problem(
            403, "this server may read no folders of its own", hint="name them in server.ingest_roots, or upload files"
        )
    allowed = [root.resolve() for root in roots]
    real: list[Path] = []
    for path in paths:
        try:
            path.encode("utf-8")
            found = Path(path).resolve()
        except (ValueError, OSError, RuntimeError) as error:  # NUL, a lone surrogate, a name too long, a loop of links
            raise InvalidRequest("paths holds what cannot be a path", hint="send absolute paths in UTF-8") from error
        if not Path(path).is_absolute():
            raise InvalidRequest(f"{path!r} is not absolute", hint="begin it with /")
        if not any(found.is_relative_to(root) for root in allowed):
            raise Problem(403, f"{path} is outside what this server may read", hint="see server.ingest_roots")
        if not found.exists():
            raise NotFound(f"{path} does not exist", hint="the path is the server's, not yours")
        real.append(found)
    return real


def location_of(collection: str, job: Job) -> str:
    return f"/jobs/{job.id}?collection={collection}"
