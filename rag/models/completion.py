"""What an OpenAI-compatible server says while it answers: bytes to lines, lines to what they tell. Pure.

Knows nothing of connections, addresses or time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rag.types import Usage

MAX_LINE_BYTES = 4_000_000  # what is longer is no event of a chat
DONE = "[DONE]"
# Reasons to end that mean that the answer is not whole; any other is a good end, "length" among them.
BROKEN_OFF = frozenset({"abort", "aborted", "cancelled", "content_filter", "error"})
_SURROGATE = re.compile("[\ud800-\udfff]")  # half of a character that a server cut in two
_TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)


class Nonsense(ValueError):
    """What came is not what the API promises."""


class Complaint(Exception):
    """The server said, in the stream, what went wrong."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one line says. Reasoning is not text: it is thought, not answered."""

    text: str = ""
    end: str = ""  # why the answer ended, where it has
    usage: Usage | None = None
    done: bool = False  # nothing more will come


def read_lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield each line, however it was cut. What follows the last line end is a line only where it is a whole one.

    Split at \\n alone: JSON may hold what else Python takes for a line end. Raises Nonsense for an endless line.
    """
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > MAX_LINE_BYTES:
            raise Nonsense(f"a line of more than {MAX_LINE_BYTES} bytes")
        for line in lines:
            yield line.decode("utf-8", "replace").rstrip("\r")
    last = rest.decode("utf-8", "replace").strip()
    if not last.startswith("data:") or _is_whole(last):
        yield last


def read_line(line: str) -> Told | None:
    """Return what a line of server-sent events tells; None for one without data.

    Raises Nonsense for what is no chunk of a chat, Complaint where it is an error.
    """
    if not line.strip() or line.startswith((":", "event:", "id:", "retry:")):
        return None
    if not line.startswith("data:"):
        return _read_bare(line)
    data = line[len("data:") :].strip()
    if data == DONE:
        return Told(done=True)
    return _read_chunk(_parsed(data)) if data else None


def complaint_of(body: str) -> str:
    """Return what the body of an error says: its message, or the words of a page."""
    try:
        found = json.loads(body)
    except ValueError:
        return _TAG.sub(" ", body) if is_page(body) else body
    return _complaint(found) or body


def is_page(text: str) -> bool:
    return text.lstrip("\ufeff \r\n\t")[:15].lower().startswith(("<!doctype html", "<html", "<head", "<body"))


def _read_bare(line: str) -> Told | None:
    """A line that is no event: a server that does not stream, or something else altogether."""
    if is_page(line):
        raise Nonsense("a web page")
    found = _parsed(line)
    complaint = _complaint(found)
    if complaint:
        raise Complaint(complaint)
    raise Nonsense(f"no stream of events, but {line!r}")


def _is_whole(line: str) -> bool:
    data = line[len("data:") :].strip()
    try:
        json.loads(data)
    except ValueError:
        return data == DONE
    return True


def _parsed(data: str) -> Mapping[str, Any]:
    try:
        found = json.loads(data)
    except ValueError as error:
        raise Nonsense(f"what is no JSON: {data!r}") from error
    if not isinstance(found, Mapping):
        raise Nonsense(f"what is no chunk of a chat: {data!r}")
    return found


def _read_chunk(chunk: Mapping[str, Any]) -> Told:
    choices = chunk.get("choices") or []
    complaint = _complaint(chunk)
    if complaint and not choices:
        raise Complaint(complaint)
    if not isinstance(choices, list) or not all(isinstance(choice, Mapping) for choice in choices):
        raise Nonsense(f"what is no chunk of a chat: {json.dumps(chunk)!r}")
    choice: Mapping[str, Any] = choices[0] if choices else {}
    delta = choice.get("delta")
    content = delta.get("content") if isinstance(delta, Mapping) else None
    text = _SURROGATE.sub("\ufffd", content) if isinstance(content, str) else ""
    return Told(text=text, end=str(choice.get("finish_reason") or ""), usage=_usage(chunk.get("usage")))


def _usage(told: Any) -> Usage | None:
    if not isinstance(told, Mapping):
        return None
    counts = [told.get(key) for key in ("prompt_tokens", "completion_tokens")]
    prompt, completion = (count if isinstance(count, int) and count >= 0 else None for count in counts)
    return Usage(prompt, completion) if prompt is not None and completion is not None else None


def _complaint(found: Any) -> str:
    """Return the message of an error, as any of the servers writes it; "" where it is none."""
    if not isinstance(found, Mapping):
        return ""
    error = found.get("error")
    if found.get("object") == "error" or (not error and found.get("type") == "error"):
        error = error or found
    if not error:
        detail = found.get("detail")  # FastAPI's
        return (detail if isinstance(detail, str) else json.dumps(detail)) if detail else ""
    if isinstance(error, Mapping):
        message = str(error.get("message") or "") or json.dumps(error)
        code = error.get("code") or error.get("type") or ""
        return message if not isinstance(code, str) or code in message else f"{message} ({code})"
    return str(error)
