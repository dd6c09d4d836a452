"""Every failure as application/problem+json (RFC 9457). Knows nothing of what the routes do."""

from __future__ import annotations

import errno
import logging
import re
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError, ResponseValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from rag import errors
from rag.errors import FootnoteError
from rag.types import Failed
from rag.wire import ProblemOut

MEDIA_TYPE = "application/problem+json"
BUSY_SECONDS = 2  # what Retry-After says
# The nearest class up an error's tree decides.
STATUS: Mapping[type[FootnoteError], int] = {
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.InvalidRequest: 422,
    errors.LibraryBusy: 503,
    errors.LibraryMismatch: 503,
    errors.Unreadable: 422,
    errors.Unsupported: 415,
    errors.TooLarge: 413,
    errors.ModelNotFound: 503,
    errors.ModelMismatch: 503,
    errors.GenerationFailed: 502,
    errors.Misconfigured: 503,
    FootnoteError: 500,
}
HINTS: Mapping[int, str] = {
    404: "GET /openapi.json lists every route",
    405: "the Allow header lists the methods this route takes",
}
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")
log = logging.getLogger(__name__)


class Problem(HTTPException):
    """A refusal that belongs to HTTP and not to the core: too large, too busy, from the wrong place."""

    def __init__(self, status: int, detail: str, *, hint: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, detail, headers)
        self.hint = hint


def problem_of(error: Exception) -> Response:
    """Return the response that tells of this error; of one that nobody foresaw, only the id it is logged under."""
    match error:
        case FootnoteError():
            return _of_footnote_error(error)
        case HTTPException():
            hint = getattr(error, "hint", HINTS.get(error.status_code, ""))
            return _response(
                "about:blank", _phrase(error.status_code), error.status_code, str(error.detail), hint, error.headers
            )
        case RequestValidationError():
            return _of_validation(error)
        case OSError(errno=errno.ENOSPC):
            log.error("the disk is full: %s", error)
            return _response("about:blank", _phrase(507), 507, "the server's disk is full", "make room, and try again")
        case _:
            return _of_surprise(error)


def install(app: FastAPI) -> None:
    """Make the app answer every foreseen error with a problem. What is left over reaches the edge."""

    async def handler(_: Request, error: Exception) -> Response:
        return problem_of(error)

    for kind in (FootnoteError, HTTPException, RequestValidationError, ResponseValidationError):
        app.add_exception_handler(kind, handler)


def describe(schema: dict[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI schema in which every error response of every operation is a ProblemOut."""
    components = schema.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        components.pop(name, None)
    components["ProblemOut"] = ProblemOut.model_json_schema()
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
    for path in schema["paths"].values():
        for operation in path.values():
            responses = operation["responses"]
            responses.setdefault("500", {"description": "A fault of the server's; the log has its id"})
            for status, response in responses.items():
                if int(status) >= 400:
                    response["content"] = content
                    if response.get("description") in (None, "", "Validation Error"):
                        response["description"] = _phrase(int(status))
    return schema


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Name the error statuses of a route, for OpenAPI."""
    return {status: {"description": _phrase(status)} for status in statuses}


def failed_of(error: Exception) -> Failed:
    """Return the event that ends a stream which has begun and so has no status left."""
    if isinstance(error, FootnoteError):
        return Failed(error.name, str(error), error.hint)
    return Failed("InternalError", *_log_surprise(error))


def error_of(failed: Failed) -> FootnoteError:
    """Return the error that the event tells of."""
    kind = getattr(errors, failed.error, FootnoteError)
    return (kind if issubclass(kind, FootnoteError) else FootnoteError)(failed.detail, hint=failed.hint)


def _of_footnote_error(error: FootnoteError) -> Response:
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    if status >= 500:
        log.warning("%s: %s", error.name, error)
    headers = {"Retry-After": str(BUSY_SECONDS)} if isinstance(error, errors.LibraryBusy) else None
    words = _WORDS.sub(" ", error.name)
    slug = words.lower().replace(" ", "-")
    return _response(f"urn:footnote:problem:{slug}", words.capitalize(), status, str(error), error.hint, headers)


def _of_validation(error: RequestValidationError) -> Response:
    """Say which fields are wrong and why; what was sent is not echoed."""
    rows = error.errors()
    if any(row["type"] == "json_invalid" for row in rows):
        return _response("about:blank", "Bad Request", 400, "the body is not JSON", "send one JSON object in UTF-8")
    body = any(row["loc"] == ("body",) for row in rows)
    hint = (
        "send a JSON object, with Content-Type: application/json"
        if body
        else "GET /openapi.json says what each route takes"
    )
    lines = [f"{'.'.join(map(str, row['loc']))}: {row['msg']}" for row in rows[:10]]
    more = f"; and {len(rows) - 10} more" if len(rows) > 10 else ""
    return _response("urn:footnote:problem:invalid-request", "Invalid request", 422, "; ".join(lines) + more, hint)


def _of_surprise(error: Exception) -> Response:
    detail, hint = _log_surprise(error)
    return _response("about:blank", "Internal Server Error", 500, detail, hint)


def _log_surprise(error: Exception) -> tuple[str, str]:
    name = uuid.uuid4().hex[:12]
    log.error("error %s", name, exc_info=error)
    return f"something went wrong on the server: error {name}", f"look for {name} in the server's log"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def _response(
    kind: str, title: str, status: int, detail: str, hint: str, headers: Mapping[str, str] | None = None
) -> Response:
    # A name from a file system may hold lone surrogates, which UTF-8 has no bytes for.
    detail, hint = (text.encode("utf-8", "replace").decode() for text in (detail, hint))
    body = ProblemOut(type=kind, title=title, status=status, detail=detail, hint=hint)
    return Response(body.model_dump_json(), status, headers=dict(headers or {}), media_type=MEDIA_TYPE)
