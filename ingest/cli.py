"""`footnote ingest`, `worker`, `jobs` and `library rebuild`. Knows how a report is shown; not how it comes about."""

from __future__ import annotations

import json as json_format
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from rag.cli.output import CollectionOption, DataOption, JsonOption, console, emit_json, plain, settings_for
from rag.errors import InvalidRequest, NotFound
from rag.library.collections import collection_folder, list_collections
from rag.library.jobs import Jobs, open_jobs
from rag.library.outward import job_out
from rag.wire import FileOut, ReportOut

if TYPE_CHECKING:
    from ingest.pipeline import Ingest, Progress
    from ingest.watch import Watcher

app = typer.Typer(no_args_is_help=True)
jobs_app = typer.Typer(no_args_is_help=True, help="List, show, cancel and resume ingest jobs.")
library_app = typer.Typer(no_args_is_help=True)
app.add_typer(jobs_app, name="jobs")
app.add_typer(library_app, name="library")

COUNTS = ("indexed", "unchanged", "duplicate", "skipped", "failed")
JobArgument = Annotated[str, typer.Argument(metavar="JOB", help="Its id, as `footnote jobs list` says.")]


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files and folders.")],
    collection: CollectionOption = None,
    watch: Annotated[bool, typer.Option("--watch", help="Stay, and follow what changes. Ctrl-C ends it.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; write nothing.")] = False,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", metavar="TAG", help="For every document found. Repeat it for more.")
    ] = None,
    json: JsonOption = False,
    data: DataOption = None,
    acknowledge: Annotated[
        Path | None, typer.Option(hidden=True, help="Append a line for each document once it is committed.")
    ] = None,
) -> None:
    """Read files and folders into a collection; what is gone from a folder is forgotten. Exits 1 if a file failed.

    \b
    footnote ingest ~/handbook
    footnote ingest report.pdf --collection finance --json
    footnote ingest ~/handbook --watch
    footnote ingest ~/policies --tag policy --tag 2024
    """
    from ingest.opening import build_ingest, open_for_writing
    from rag.build import build_embedder

    for path in paths:
        if not os.path.lexists(path):
            raise InvalidRequest(f"{path} does not exist", hint="give files and folders of this machine")
    if watch and dry_run:
        raise InvalidRequest("--watch and --dry-run are given together", hint="choose one of them")
    settings = settings_for(data)
    name = collection or settings.collection
    embedder = build_embedder(settings)
    with ExitStack() as stack:
        absent = name not in list_collections(settings.data)
        library = None if dry_run and absent else stack.enter_context(open_for_writing(settings, name, embedder))
        watchers = [stack.enter_context(progress_bar())]
        if acknowledge is not None:
            watchers.append(acknowledger(stack.enter_context(acknowledge.open("a", encoding="utf-8"))))

        def tell(progress: Progress) -> None:
            for watcher in watchers:
                watcher(progress)

        if watch:
            from ingest.watch import Watcher

            stop = _stopping()
            watcher = Watcher(paths, settings.data, stop)
            run = build_ingest(settings, library, embedder, tags=tag or (), progress=tell, cancelled=stop.is_set)
        else:
            run = build_ingest(settings, library, embedder, tags=tag or (), progress=tell)
        report = run.plan(paths) if dry_run else run.run(paths)
        _tell_report(report, json=json, would=dry_run)
        if watch:
            _follow(run, paths, watcher, json=json)
    if report.failed:
        raise typer.Exit(1)


def _tell_report(report: ReportOut, *, json: bool, would: bool = False) -> None:
    if json:
        emit_json(report.model_dump(mode="json", exclude_none=True))
    else:
        show_report(report, would=would)


def _follow(run: Ingest, paths: list[Path], watcher: Watcher, *, json: bool) -> None:
    """Ingest again whenever something changes, and tell of what has come of it; a run without news says nothing."""
    told: list[FileOut] = []
    for _ in watcher.changes():
        report = run.run(paths)
        news = [row for row in report.files if row.outcome != "unchanged" or row.detail]
        if report.removed or any(row not in told for row in news):
            _tell_report(report, json=json)
        told = news


def _stopping() -> threading.Event:
    """Return what Ctrl-C and SIGTERM set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


@app.command()
def worker(data: DataOption = None) -> None:
    """Take ingest jobs from every collection until told to stop (Ctrl-C or SIGTERM).

    \b
    footnote worker
    """
    from ingest.worker import run_worker

    run_worker(settings_for(data), _stopping())


@jobs_app.command("list")
def list_jobs(
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many.")] = 20,
    collection: CollectionOption = None,
    json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """List jobs, newest first.

    \b
    footnote jobs list --limit 5
    """
    with opened_jobs(data, collection) as (name, jobs):
        listed = [job_out(name, job) for job in jobs.list(limit)]
    if json:
        emit_json({"jobs": [job.model_dump(mode="json") for job in listed]})
        return
    for job in listed:
        sources = ", ".join(job.sources)
        console().print(plain(f"{job.id}  {job.state:<9}  {job.created_at}  {totals(job.report)}  {sources}"))


@jobs_app.command()
def show(
    job: JobArgument, collection: CollectionOption = None, json: JsonOption = False, data: DataOption = None
) -> None:
    """Show one job and what became of its files.

    \b
    footnote jobs show 3f2a... --json
    """
    with opened_jobs(data, collection) as (name, jobs):
        found = job_out(name, jobs.get(job))
    if json:
        emit_json(found.model_dump(mode="json"))
        return
    console().print(plain(f"{found.state}, attempt {found.attempts}: {', '.join(found.sources)}"))
    if found.error:
        console().print(plain(found.error))
    show_report(found.report)


@jobs_app.command()
def cancel(
    job: JobArgument, collection: CollectionOption = None, json: JsonOption = False, data: DataOption = None
) -> None:
    """Cancel a job; a running one stops after the document at hand, and what is indexed stays.

    \b
    footnote jobs cancel 3f2a...
    """
    with opened_jobs(data, collection) as (name, jobs):
        cancelled = job_out(name, jobs.cancel(job))
    if json:
        emit_json(cancelled.model_dump(mode="json"))
    else:
        console().print(f"{cancelled.id} is {cancelled.state}")


@jobs_app.command()
def resume(
    job: JobArgument, collection: CollectionOption = None, json: JsonOption = False, data: DataOption = None
) -> None:
    """Queue a job again that was cancelled or has failed; what it indexed before is found unchanged.

    \b
    footnote jobs resume 3f2a...
    """
    with opened_jobs(data, collection) as (name, jobs):
        resumed = job_out(name, jobs.resume(job))
    if json:
        emit_json(resumed.model_dump(mode="json"))
    else:
        console().print(f"{resumed.id} is {resumed.state}")


@library_app.command()
def rebuild(collection: CollectionOption = None, json: JsonOption = False, data: DataOption = None) -> None:
    """Make all chunks and vectors anew, as after another embedder was chosen; the old answer until it is done.

    \b
    footnote library rebuild --collection finance
    """
    from ingest.rebuild import rebuild as rebuild_library
    from rag.build import build_embedder

    settings = settings_for(data)
    name = existing(settings.data, collection or settings.collection)
    embedder = build_embedder(settings)
    documents = 0

    def progress(done: int, total: int) -> None:
        nonlocal documents
        documents = total
        advance(done, total)

    with counting_bar("rebuilding") as advance:
        rebuild_library(collection_folder(settings.data, name), settings, embedder, progress)
    if json:
        emit_json({"collection": name, "documents": documents, "embedder": embedder.name})
    else:
        console().print(f"{name}: {documents} documents, embedded by {embedder.name}")


def existing(data: Path, name: str) -> str:
    """Return the name, or raise NotFound where there is no such collection."""
    if name not in list_collections(data):
        raise NotFound(
            f"no collection named {name!r} in {data}", hint="`footnote collections list` shows those there are"
        )
    return name


@contextmanager
def opened_jobs(data: Path | None, collection: str | None) -> Iterator[tuple[str, Jobs]]:
    settings = settings_for(data)
    name = existing(settings.data, collection or settings.collection)
    with open_jobs(collection_folder(settings.data, name)) as jobs:
        yield name, jobs


@contextmanager
def counting_bar(verb: str) -> Iterator[Callable[[int, int], None]]:
    """Yield a function of done and total that moves a bar on standard error; off a terminal it shows nothing."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(verb, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def progress_bar() -> Iterator[Callable[[Progress], None]]:
    with counting_bar("reading") as advance:
        yield lambda progress: advance(progress.done, progress.total)


def acknowledger(file: IO[str]) -> Callable[[Progress], None]:
    """Write a line for each document after its commit: what a kill from then on must not lose."""

    def acknowledge(progress: Progress) -> None:
        row = progress.row
        if row is not None and row.outcome in ("indexed", "duplicate"):
            file.write(json_format.dumps({"document_id": row.document_id, "path": row.path}) + "\n")
            file.flush()

    return acknowledge


def show_report(report: ReportOut, *, would: bool = False) -> None:
    """Name the files that need a look, then the counts."""
    for row in report.files:
        if row.outcome in ("skipped", "failed"):
            console().print(in_one_line(f"{row.outcome:<8} {row.error}: {row.detail}"))
        elif row.outcome == "duplicate":
            console().print(in_one_line(f"duplicate {row.path} has the text of document {row.duplicate_of}"))
    console().print(f"{'would be: ' if would else ''}{totals(report)}")


def in_one_line(text: str) -> str:
    """Keep a file's name from looking like two rows: it may hold line ends."""
    return plain(text).replace("\n", "\ufffd")


def totals(report: ReportOut) -> str:
    counts = ", ".join(f"{getattr(report, name)} {name}" for name in COUNTS if getattr(report, name))
    gone = f"; {report.removed} removed" if report.removed else ""
    return f"{report.discovered} files: {counts or 'none'}{gone}; {report.chunks} chunks in {report.seconds:.1f} s"
