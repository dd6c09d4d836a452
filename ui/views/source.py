"""The source panel: a document opened at a quoted line, as a page's picture or as text."""

from __future__ import annotations

import base64
import struct
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from rag.wire import BoxesOut, DocumentOut
from ui import components
from ui.client import ApiError, Client
from ui.render import lang_of, one_line, place, window
from ui.session import OpenSource, client, collection, session, words

MORE_CHARACTERS = 8000
NOT_FOUND = 404
PDF = "application/pdf"
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
METRES_PER_POINT = 0.0254 / 72


def source_panel() -> None:
    """Draw the panel when a source is open. Its place is always there: what stands after it does not move."""
    slot = st.empty()
    _follow_link()
    source = session().source
    if source is None:
        return
    with slot.container(key="source-panel"):
        components.source(_data(source, client()), key="source", on_act=_act)


def _follow_link() -> None:
    """Open what the address names: ?document=ID&start=..&end=.., and collection= where it is given."""
    here = session()
    if here.linked:
        return
    here.linked = True
    params = st.query_params
    numbers = [params.get(name, "") for name in ("start", "end")]
    if not params.get("document") or not all(number.isdecimal() and len(number) < 12 for number in numbers):
        return
    here.open_source(
        OpenSource(
            document_id=params["document"],
            collection=params.get("collection") or collection(),
            start=int(numbers[0]),
            end=int(numbers[1]),
        )
    )


def _act(value: dict[str, Any]) -> None:
    here = session()
    source = here.source
    if source is None:
        return
    match value.get("do"), value.get("value"):
        case "close", _:
            here.close_source()
        case "page", int(page):
            here.change_source(page=page)
        case "show", str(kind):
            here.openings += 1
            here.change_source(as_text=kind == "text", page=None, opened=here.openings)
        case "earlier", _:
            here.change_source(before=source.before + MORE_CHARACTERS)
        case "later", _:
            here.change_source(after=source.after + MORE_CHARACTERS)


def _data(source: OpenSource, api: Client) -> dict[str, Any]:
    """Return all that the panel shows."""
    try:
        document = api.document(source.document_id, collection=source.collection)
        text = api.document_text(source.document_id, collection=source.collection)
        source = replace(source, start=min(source.start, len(text)), end=min(source.end, len(text)))
        stands = _stands(source, document, api)
        head = _head(source, document, stands)
        if stands.page is not None and not source.as_text:
            return head | _page(source, document, stands, text, api)
        return head | _text(source, text)
    except ApiError as error:
        return _failed(source, error)


def _stands(source: OpenSource, document: DocumentOut, api: Client) -> BoxesOut:
    """Return where the quote stands; a document that is opened without one begins on page 1."""
    if not document.pages or not (document.mime == PDF or document.mime.startswith("image/")):
        return BoxesOut(page=None, boxes=[])
    if source.start >= source.end:
        return BoxesOut(page=1, boxes=[])
    return api.boxes(source.document_id, start=source.start, end=source.end, collection=source.collection)


def _head(source: OpenSource, document: DocumentOut, stands: BoxesOut) -> dict[str, Any]:
    say = words()
    in_picture = stands.page is not None and not source.as_text  # which tells its own page
    quoted_on = "" if in_picture or source.start >= source.end else place(stands.page, say)
    version = say.version.format(version=document.version) if document.version > 1 else ""
    facts = [document.source if document.source != document.title else "", quoted_on, version]
    return {
        "token": f"{source.opened}",
        "title": document.title or document.source,
        "facts": [fact for fact in facts if fact],
        "pages": document.pages if stands.page is not None else None,
        "words": _panel_words(),
    }


def _panel_words() -> dict[str, str]:
    say = words()
    names = ("source", "close", "earlier_text", "later_text", "previous_page", "next_page", "as_text", "as_page")
    return {name: getattr(say, name) for name in names}


def _text(source: OpenSource, text: str) -> dict[str, Any]:
    view = window(text, source.start, source.end, before=source.before, after=source.after)
    return {
        "kind": "text",
        "lang": lang_of(view.quote or view.after[:200]),
        "before": view.before,
        "quote": view.quote,
        "after": view.after,
        "moreBefore": view.more_before,
        "moreAfter": view.more_after,
    }


def _page(source: OpenSource, document: DocumentOut, stands: BoxesOut, text: str, api: Client) -> dict[str, Any]:
    pages = document.pages or 1
    page = max(1, min(source.page or stands.page or 1, pages))
    png = api.page_image(source.document_id, page, start=source.start, end=source.end, collection=source.collection)
    quote = one_line(text[source.start : source.end])
    return {
        "kind": "page",
        "token": f"{source.opened}:{page}",
        "page": page,
        "pageOf": words().page_of.format(page=page, pages=pages),
        "png": base64.b64encode(png).decode(),
        "focus": _focus(png, [box.y0 for box in stands.boxes if box.page == page]),
        "quote": quote,
        "lang": lang_of(quote),
    }


def _focus(png: bytes, tops_points: Sequence[float]) -> float | None:
    """Return how far down the picture, from 0 to 1, the first marked line is; None where that cannot be told."""
    density = png.find(b"pHYs")
    if not tops_points or density < 0 or not png.startswith(PNG_SIGNATURE) or len(png) < density + 12:
        return None
    (height,) = struct.unpack(">I", png[20:24])
    (pixels_per_metre,) = struct.unpack(">I", png[density + 8 : density + 12])
    return min(tops_points) * pixels_per_metre * METRES_PER_POINT / height if height else None


def _failed(source: OpenSource, error: ApiError) -> dict[str, Any]:
    say = words()
    gone = error.status == NOT_FOUND
    return {
        "token": f"{source.opened}",
        "kind": "notice",
        "title": say.source,
        "facts": [],
        "pages": None,
        "words": _panel_words(),
        "notice": {
            "title": say.gone if gone else error.title,
            "detail": say.gone_hint if gone else error.detail,
            "hint": "" if gone else error.hint,
        },
    }
