"""The library's records as they cross the wire: one mapping for the API and the command line."""

from __future__ import annotations

from rag.library.jobs import Job
from rag.library.records import DocumentRow
from rag.wire import DocumentOut, JobOut, ReportOut


def document_out(row: DocumentRow) -> DocumentOut:
    return DocumentOut(
        document_id=row.id,
        title=row.title,
        source=row.source,
        mime=row.mime,
        language=row.language,
        version=row.version,
        chunks=row.chunks,
        characters=row.characters,
        pages=row.pages,
        added_at=row.added_at,
        metadata=dict(row.metadata),
        also_at=list(row.also_at),
        tags=list(row.tags),
    )


def job_out(collection: str, job: Job) -> JobOut:
    return JobOut(
        id=job.id,
        collection=collection,
        kind=job.kind,
        state=job.state,
        sources=sources_of(job),
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        attempts=job.attempts,
        current=job.current,
        report=ReportOut.model_validate(job.report),
        error=job.error,
        tags=list(job.payload.get("tags", ())),
    )


def sources_of(job: Job) -> list[str]:
    """Return what the job was given, as people named it."""
    files = job.payload.get("files", ())
    return [file["name"] for file in files] + list(job.payload.get("paths", ()))
