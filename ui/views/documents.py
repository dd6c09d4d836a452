"""The screen for documents: what stands in the collection, adding to it, and removing from it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from rag.wire import DocumentOut, FileOut, JobOut
from ui import components
from ui.client import ApiError
from ui.render import lang_of
from ui.session import OpenSource, client, collection, session, words

SHOWN_AT_ONCE = 50
POLL_SECONDS = 1.0
OUTCOMES = ("indexed", "unchanged", "duplicate", "skipped", "failed")
OVER = ("done", "failed", "cancelled")
LANGUAGE_NAMES = {"zh": "中文", "en": "English", "ja": "日本語", "ko": "한국어", "und": "–"}


def documents_page() -> None:
    say = words()
    with st.container(key="documents-page", gap="medium"):
        here = [row for row in session().collections if row.name == collection()]
        st.html(
            f'<h1 class="fn-page-title" lang="{say.code}">{say.documents}</h1><div class="fn-small">'
            + say.documents_more.format(
                documents=sum(row.documents for row in here), chunks=sum(row.chunks for row in here)
            )
            + "</div>"
        )
        _upload()
        _jobs()
        _list()


def _upload() -> None:
    say = words()
    here = session()
    components.uploader_words(say.choose_files, say.drop_files)
    files = st.file_uploader(say.add, accept_multiple_files=True, key=f"upload-{here.upload_round}")
    if files and st.button(say.upload.format(count=len(files)), type="primary", key="upload-send"):
        try:
            job = client().upload([(file.name, file.getvalue()) for file in files], collection=collection())
        except ApiError as error:
            components.notice(error.title, error.detail, hint=error.hint, bad=True)
            return
        here.jobs[job.id] = job.collection
        here.upload_round += 1
        st.rerun()


def _jobs() -> None:
    """Draw the session's jobs; while one is under way, look again every second."""
    active = [job_id for job_id, state in _states().items() if state not in OVER]
    st.fragment(_draw_jobs, run_every=POLL_SECONDS if active else None)()


def _states() -> dict[str, str]:
    known: dict[str, str] = st.session_state.setdefault("job_states", {})
    return {job_id: known.get(job_id, "queued") for job_id in session().jobs}


def _draw_jobs() -> None:
    here = session()
    finished = False
    for job_id, in_collection in reversed(list(here.jobs.items())):
        try:
            job = client().job(job_id, collection=in_collection)
        except ApiError as error:
            components.notice(error.title, error.detail, hint=error.hint, bad=True)
            continue
        components.job(job_data(job), key=f"job-{job_id}", on_act=_act_on_job)
        if job.state == "queued" and job.attempts == 0:
            components.text("div", "fn-small", words().worker_idle)
        finished |= job.state in OVER and _states()[job_id] not in OVER
        st.session_state["job_states"][job_id] = job.state
    if finished:
        st.rerun()  # the whole page: the list below has changed, and nothing is left to look at each second


def job_data(job: JobOut) -> dict[str, Any]:
    """Return all that the job component shows."""
    say = words()
    report = job.report
    done = len(report.files)
    names = {
        "queued": say.job_queued,
        "running": say.job_running.format(done=done, sources=len(job.sources)),
        "done": say.job_done.format(seconds=f"{report.seconds:.1f}"),
        "failed": say.job_failed,
        "cancelled": say.job_cancelled,
    }
    counts = [{"name": name, "count": getattr(report, name)} for name in OUTCOMES if getattr(report, name)]
    return {
        "id": job.id,
        "state": job.state,
        "title": names[job.state],
        "now": say.job_reading.format(file=job.current) if job.current and job.state == "running" else "",
        "over": job.state in OVER,
        "share": min(1.0, done / len(job.sources)) if job.sources else 0.0,
        "total": say.adds_up.format(discovered=report.discovered),
        "counts": counts,
        "error": job.error or "",
        "files": [
            {
                "path": file.path,
                "outcome": file.outcome,
                "detail": _file_detail(file),
            }
            for file in report.files
        ],
        "words": {name: getattr(say, name) for name in (*OUTCOMES, "dismiss", "cancel")},
    }


def _file_detail(file: FileOut) -> str:
    """Return why; the file's name stands beside it already, and the error's is for programs."""
    if file.duplicate_of:
        return words().duplicate_of.format(title=file.duplicate_of)
    return (file.detail or file.error or "").removeprefix(f"{file.path}: ")


def _act_on_job(value: dict[str, Any]) -> None:
    here = session()
    job_id = str(value.get("id"))
    if job_id not in here.jobs:
        return
    if value.get("do") == "dismiss":
        del here.jobs[job_id]
    else:
        try:
            client().cancel_job(job_id, collection=here.jobs[job_id])
        except ApiError as error:
            here.said = str(error)


def _list() -> None:
    say = words()
    here = session()
    if here.said:
        components.text("div", "fn-small", here.said)
        here.said = ""
    documents = sorted(client().documents(collection=collection()), key=lambda row: row.added_at, reverse=True)
    if not documents:
        components.notice(say.no_documents, say.no_documents_more)
        return
    query = st.text_input(say.filter, key="filter", placeholder=say.filter, label_visibility="collapsed")
    found = [document for document in documents if matches(document, query)]
    if not found:
        components.text("div", "fn-small", say.nothing_matches.format(query=query))
        return
    shown = st.session_state.get("documents_shown", SHOWN_AT_ONCE)
    components.documents(list_data(found[:shown]), key="documents", on_act=_act)
    if len(found) > shown:
        st.button(
            f"+ {len(found) - shown}",
            key="documents-more",
            on_click=lambda: st.session_state.update(documents_shown=shown + SHOWN_AT_ONCE),
        )
    if here.removing is not None:
        _confirm_removal(here.removing, documents)


def matches(document: DocumentOut, query: str) -> bool:
    """Tell whether every word of the query is somewhere in the title or the file's names."""
    text = " ".join([document.title, document.source, *document.also_at]).casefold()
    return all(word in text for word in query.casefold().split())


def list_data(documents: list[DocumentOut]) -> dict[str, Any]:
    say = words()
    return {
        "rows": [
            {
                "id": document.document_id,
                "title": document.title or document.source,
                "lang": lang_of(document.title),
                "under": _under(document),
                "language": LANGUAGE_NAMES.get(document.language, document.language),
                "pages": str(document.pages or "–"),
                "chunks": str(document.chunks),
                "added": document.added_at,
            }
            for document in documents
        ],
        "words": {
            name: getattr(say, name) for name in ("title", "language", "pages", "chunks", "added", "open", "remove")
        },
    }


def _under(document: DocumentOut) -> str:
    names = [document.source] if document.source != document.title else []
    if document.also_at:
        names.append(f"{words().also_at}: {', '.join(document.also_at)}")
    return " · ".join(names)


def _act(value: dict[str, Any]) -> None:
    here = session()
    document_id = str(value.get("id"))
    if value.get("do") == "open":
        here.open_source(OpenSource(document_id, collection(), start=0, end=0))
    else:
        here.removing = document_id


def _confirm_removal(document_id: str, documents: list[DocumentOut]) -> None:
    say = words()
    here = session()
    here.removing = None  # asked once: closing the dialog is a no
    document = next((row for row in documents if row.document_id == document_id), None)
    if document is None:
        return
    title = document.title or document.source

    @st.dialog(say.remove)
    def confirm() -> None:
        components.text("p", "fn-dialog", say.remove_sure.format(title=title))
        components.text("p", "fn-small", say.remove_more)
        yes, no = st.columns(2)
        if yes.button(say.remove_yes, type="primary", width="stretch", key="remove-yes"):
            _remove(document_id, title)
            st.rerun()
        if no.button(say.cancel, width="stretch", key="remove-no"):
            st.rerun()

    confirm()


def _remove(document_id: str, title: str) -> None:
    here = session()
    try:
        client().remove_document(document_id, collection=collection())
        here.said = words().removed.format(title=title)
    except ApiError as error:
        here.said = f"{error}. {error.hint}"
    if here.source is not None and here.source.document_id == document_id:
        here.close_source()
