"""The HTTP API's shapes over canned documents and answers, on a free port: what the page is tried against."""

from __future__ import annotations

import io
import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

from PIL import Image, ImageDraw

from rag.wire import (
    AnswerOut,
    BoxesOut,
    BoxOut,
    CitationOut,
    CollectionOut,
    ConversationTurnsOut,
    DocumentOut,
    FacetsOut,
    FeedbackOut,
    FileOut,
    ItemOut,
    JobOut,
    PassageOut,
    ProblemOut,
    ProgressOut,
    RatingBody,
    ReportOut,
    SheetOut,
    SheetsOut,
    ShownItem,
    TurnOut,
    UsageOut,
    Wire,
)

Reply = tuple[int, str, bytes]


def document(document_id: str, title: str, *, pages: int | None = None, source: str = "") -> DocumentOut:
    return DocumentOut(
        document_id=document_id,
        title=title,
        source=source or f"{document_id}.txt",
        mime="application/pdf" if pages else "text/plain",
        language="en",
        version=1,
        chunks=3,
        characters=100,
        pages=pages,
        added_at="2026-01-02T03:04:05Z",
        metadata={},
    )


@dataclass
class FakeApi:
    """Holds one collection. answers maps a question to (sentence, document id, quote) rows; others are refused."""

    texts: dict[str, str] = field(default_factory=dict)
    documents: dict[str, DocumentOut] = field(default_factory=dict)
    answers: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    scripted: dict[str, AnswerOut] = field(default_factory=dict)  # by question, in place of what it would answer
    statuses: dict[int, str] = field(default_factory=dict)  # mark -> "unsupported"
    jobs: dict[str, JobOut] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    conversations: dict[str, list[TurnOut]] = field(default_factory=dict)
    filters: list[Any] = field(default_factory=list)  # what each was limited to, None for all
    facets: FacetsOut | None = None
    collections: list[str] = field(default_factory=lambda: ["default"])
    feedback: dict[str, dict[str, Any]] = field(default_factory=dict)
    sheet: list[ShownItem] = field(default_factory=list)  # the items of the one rating sheet; none: there is no sheet
    rated: dict[tuple[str, int], RatingBody] = field(default_factory=dict)  # by rater and position
    problem: ProblemOut | None = None  # what every request gets instead
    between_events: Callable[[], None] = lambda: None
    looks_before_done: int = 1
    _server: ThreadingHTTPServer | None = None

    def add(self, row: DocumentOut, text: str) -> None:
        self.documents[row.document_id] = row
        self.texts[row.document_id] = text

    @property
    def address(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> FakeApi:
        handler = type("Handler", (_Handler,), {"api": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop answering."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def answer(self, question: str) -> AnswerOut:
        if question in self.scripted:
            return self.scripted[question]
        rows = self.answers.get(question)
        text, citations = "", []
        for mark, (sentence, document_id, quote) in enumerate(rows or (), 1):
            start = self.texts[document_id].index(quote)
            row = self.documents[document_id]
            citations.append(
                CitationOut(
                    mark=mark,
                    answer_start=len(text),
                    answer_end=len(text) + len(sentence),
                    document_id=document_id,
                    version=1,
                    title=row.title,
                    source=row.source,
                    start=start,
                    end=start + len(quote),
                    quote=quote,
                    page=1 if row.pages else None,
                    boxes=[],
                    status="unsupported" if self.statuses.get(mark) else "verified",
                )
            )
            text += f"{sentence} [{mark}]\n"
        passages = [self._passage(rank, row) for rank, row in enumerate(self.documents.values(), 1)]
        return AnswerOut(
            question=question,
            answer=text.strip() or "These documents do not say.",
            refused=not rows,
            reason=None if rows else "no_evidence",
            confidence=0.93 if rows else 0.1,
            citations=citations,
            passages=passages,
            model="canned",
            conversation_id=None,
            usage=UsageOut(prompt_tokens=0, completion_tokens=0),
            timings_ms={"total": 420.0},
        )

    def _passage(self, rank: int, row: DocumentOut) -> PassageOut:
        text = self.texts[row.document_id][:200]
        return PassageOut(
            rank=rank,
            document_id=row.document_id,
            chunk=rank,
            start=0,
            end=len(text),
            text=text,
            page=1 if row.pages else None,
            title=row.title,
            source=row.source,
            version=1,
            score=0.9,
            scores={},
        )

    def events(self, question: str) -> Iterator[bytes]:
        answer = self.answer(question)
        yield _event("status", {"stage": "retrieving"})
        self.between_events()
        yield _event("retrieved", {"passages": [row.model_dump() for row in answer.passages]})
        for piece in re.findall(r".{1,6}", answer.answer, re.DOTALL):
            self.between_events()
            yield b": heartbeat\n\n" + _event("delta", {"text": piece})
        for citation in answer.citations:
            yield _event("cited", citation.model_dump())
        yield _event("finished", answer.model_dump())

    def reply(self, method: str, path: str, query: dict[str, str], body: bytes, content_type: str) -> Reply:
        parts = [unquote(part) for part in path.strip("/").split("/")]
        match method, *parts:
            case "GET", "healthz":
                return _json({"status": "alive", "version": "0"})
            case "GET", "collections":
                return _json({"collections": [self._collection(name).model_dump() for name in self.collections]})
            case "POST", "collections":
                self.collections.append(json.loads(body)["name"])
                return _json(self._collection(self.collections[-1]).model_dump(), 201)
            case "POST", "conversations":
                name = f"c{len(self.conversations) + 1}"
                self.conversations[name] = []
                made = self._conversation(name, json.loads(body)["collection"])
                return _json(made.model_dump(exclude={"turns"}), 201)
            case "GET", "conversations", name if name in self.conversations:
                return _json(self._conversation(name, query["collection"]).model_dump(mode="json"))
            case "DELETE", "conversations", name if name in self.conversations:
                del self.conversations[name]
                return 204, "text/plain", b""
            case "POST", "feedback":
                said = {**json.loads(body), "id": f"f{len(self.feedback) + 1}", "asked_at": "2026-01-02T03:04:05Z"}
                self.feedback[said["id"]] = said
                return _json(FeedbackOut.model_validate(said).model_dump(), 201)
            case "PATCH", "feedback", name if name in self.feedback:
                self.feedback[name] |= json.loads(body)
                return _json(FeedbackOut.model_validate(self.feedback[name]).model_dump())
            case "GET", "rating-sheets":
                sides = len(self.sheet[0].answers) if self.sheet else 0
                row = SheetOut(id="s", name="spring", sides=sides, items=len(self.sheet))
                return _json(SheetsOut(sheets=[row] if self.sheet else []).model_dump())
            case "GET", "rating-sheets", "s", "next":
                own = {at for (who, at), one in self.rated.items() if who == query["rater"]}
                left = (at for at in range(1, len(self.sheet) + 1) if at not in own)
                return _json(self._item(query["rater"], next(left, None)).model_dump())
            case "GET", "rating-sheets", "s", "items", position:
                return _json(self._item(query["rater"], int(position)).model_dump())
            case "POST", "rating-sheets", "s", "ratings":
                said = json.loads(body)
                key = (said.pop("rater"), said.pop("position"))
                self.rated[key] = RatingBody.model_validate(said)
                return _json(self._progress(key[0]).model_dump())
            case "GET", "facets" if self.facets is not None:
                return _json(self.facets.model_dump(mode="json"))
            case "GET", "documents":
                rows = list(self.documents.values()) if query.get("collection") == "default" else []
                return _json({"documents": [row.model_dump() for row in rows], "next": None})
            case "POST", "documents":
                return _json({"job": self._accept(body, content_type).model_dump()}, 202)
            case "GET", "jobs", job_id if job_id in self.jobs:
                return _json(self._looked_at(job_id).model_dump())
            case "DELETE", "documents", document_id if document_id in self.documents:
                del self.documents[document_id]
                return 204, "text/plain", b""
            case "GET", "documents", document_id, *rest if document_id in self.documents:
                return self._document(document_id, rest, query)
        return _problem(ProblemOut(type="about:blank", title="Not found", status=404, detail=path, hint=""))

    def _document(self, document_id: str, rest: list[str], query: dict[str, str]) -> Reply:
        match rest:
            case []:
                return _json(self.documents[document_id].model_dump())
            case ["text"]:
                return 200, "text/plain; charset=utf-8", self.texts[document_id].encode()
            case ["boxes"]:
                box = BoxOut(page=1, x0=72, y0=600, x1=400, y1=616)
                return _json(BoxesOut(page=1, boxes=[box]).model_dump())
            case _:
                return 200, "image/png", page_picture(marked="highlight" in query)

    def _conversation(self, name: str, collection: str) -> ConversationTurnsOut:
        turns = self.conversations[name]
        at = "2026-01-02T03:04:05Z"
        return ConversationTurnsOut(
            id=name, collection=collection, title="", created_at=at, changed_at=at, count=len(turns), turns=turns
        )

    def _item(self, rater: str, position: int | None) -> ItemOut:
        return ItemOut(
            position=position,
            item=self.sheet[position - 1] if position else None,
            rating=self.rated.get((rater, position)) if position else None,
            progress=self._progress(rater),
        )

    def _progress(self, rater: str) -> ProgressOut:
        own = [one for (who, _), one in self.rated.items() if who == rater]
        skipped = sum(one.skipped for one in own)
        return ProgressOut(items=len(self.sheet), rated=len(own) - skipped, skipped=skipped)

    def _collection(self, name: str) -> CollectionOut:
        count = len(self.documents) if name == "default" else 0
        return CollectionOut(name=name, documents=count, chunks=count * 3, embedder="fake", created_at="2026-01-01")

    def _accept(self, body: bytes, content_type: str) -> JobOut:
        message = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body, policy=policy.HTTP)
        files = {part.get_filename() or "?": part.get_payload(decode=True) for part in message.iter_parts()}
        job = JobOut(
            id=f"job-{len(self.jobs) + 1}",
            collection="default",
            kind="upload",
            state="queued",
            sources=list(files),
            created_at="2026-01-02T03:04:05Z",
            started_at=None,
            finished_at=None,
            attempts=0,
            current=None,
            report=ReportOut(),
        )
        for name, data in files.items():
            assert isinstance(data, bytes)
            self.add(document(f"up-{name}", name, source=name), data.decode("utf-8", "replace"))
        self.jobs[job.id] = job
        return job

    def _looked_at(self, job_id: str) -> JobOut:
        """Queued, then running, then done."""
        job = self.jobs[job_id]
        if job.state == "queued":
            job = job.model_copy(update={"state": "running", "attempts": 1, "current": job.sources[0]})
        elif job.state == "running" and self.looks_before_done > 0:
            self.looks_before_done -= 1
        elif job.state == "running":
            rows = [FileOut(path=name, outcome="indexed", document_id=f"up-{name}", chunks=2) for name in job.sources]
            report = ReportOut(discovered=len(rows), indexed=len(rows), chunks=2 * len(rows), seconds=0.4, files=rows)
            job = job.model_copy(update={"state": "done", "report": report, "current": None})
        self.jobs[job_id] = job
        return job


def page_picture(*, marked: bool) -> bytes:
    picture = Image.new("RGB", (1190, 1684), "white")
    if marked:
        ImageDraw.Draw(picture).rectangle((144, 1200, 800, 1232), fill=(255, 226, 92))
    out = io.BytesIO()
    picture.save(out, "PNG", dpi=(144, 144))
    return out.getvalue()


class _Handler(BaseHTTPRequestHandler):
    api: ClassVar[FakeApi]

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        if self.api.problem is not None:
            self._send(_problem(self.api.problem))
        elif url.path == "/ask":
            asked = json.loads(body)
            name = asked.get("conversation_id")
            turns = self.api.conversations.get(name) if name else []
            if turns is None:
                self._send(_problem(ProblemOut(type="urn:x", title="Not found", status=404, detail="gone", hint="")))
                return
            self.api.filters.append(asked.get("filters"))
            self._stream(asked["question"], turns)
        else:
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            content_type = self.headers.get("Content-Type", "")
            self._send(self.api.reply(self.command, url.path, query, body, content_type))

    def _stream(self, question: str, turns: list[TurnOut]) -> None:
        self.api.asked.append(question)
        number = len(turns)
        turns.append(TurnOut(question=question, state="asked", asked_at="2026-01-02T03:04:05Z", text=""))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        try:
            for event in self.api.events(question):
                if event.startswith(b"event: finished"):
                    answer = self.api.answer(question)
                    told = {"state": "refused" if answer.refused else "answered", "text": answer.answer}
                    turns[number] = turns[number].model_copy(update={**told, "answer": answer})
                self.wfile.write(event)
                self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            pass

    def _send(self, reply: Reply) -> None:
        status, content_type, body = reply
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _json(body: Any, status: int = 200) -> Reply:
    return status, "application/json", json.dumps(body, ensure_ascii=False).encode()


def _problem(problem: ProblemOut | Wire) -> Reply:
    status = problem.status if isinstance(problem, ProblemOut) else 500
    return status, "application/problem+json", problem.model_dump_json().encode()


def _event(name: str, data: Any) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
