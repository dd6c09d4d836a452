"""The page's own elements. Streamlit mounts them; each sets what it is given as text, so nothing in it is markup."""

from __future__ import annotations

import functools
import html
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

ASSETS = Path(__file__).parent / "assets"


@functools.cache
def _component(name: str, script: str, style: str) -> ComponentRenderer:
    read = functools.partial(Path.read_text, encoding="utf-8")
    return st.components.v2.component(name, js=read(ASSETS / script), css=read(ASSETS / style) if style else None)


def page_style() -> None:
    st.html(ASSETS / "page.css")


def uploader_words(choose: str, drop: str) -> None:
    """Give Streamlit's file uploader, which knows only English, these words: ours, so they need no escaping."""
    st.html(
        "<style>"
        '[data-testid="stFileUploaderDropzone"] [data-testid="stMarkdownContainer"] p { font-size: 0; }'
        f'[data-testid="stFileUploaderDropzone"] [data-testid="stMarkdownContainer"] p::after'
        f' {{ content: "{choose}"; font-size: 0.92rem; }}'
        '[data-testid="stFileUploaderDropzoneInstructions"] span { font-size: 0; }'
        f'[data-testid="stFileUploaderDropzoneInstructions"] span::after'
        f' {{ content: "{drop}"; font-size: 0.88rem; white-space: normal; }}'
        "</style>"
    )


def answer(data: dict[str, Any], *, key: str, on_open: Callable[[dict[str, Any]], None]) -> None:
    """Show a finished answer. on_open gets {"kind": "citation" or "passage", "index": i}."""
    _mount("footnote_answer", "answer.js", "answer.css", data, key, "open", on_open)


def follow(turn_id: str) -> None:
    """Keep the newest question in view while its answer grows."""
    _component("footnote_follow", "follow.js", "")(data={"turn": turn_id}, key=f"follow-{turn_id}")


def source(data: dict[str, Any], *, key: str, on_act: Callable[[dict[str, Any]], None]) -> None:
    """Show an open source. on_act gets {"do": "close" | "page" | "show" | "earlier" | "later", "value": ...}."""
    _mount("footnote_source", "source.js", "source.css", data, key, "act", on_act)


def documents(data: dict[str, Any], *, key: str, on_act: Callable[[dict[str, Any]], None]) -> None:
    """Show a list of documents. on_act gets {"do": "open" | "remove", "id": document_id}."""
    _mount("footnote_documents", "documents.js", "lists.css", data, key, "act", on_act)


def job(data: dict[str, Any], *, key: str, on_act: Callable[[dict[str, Any]], None]) -> None:
    """Show a job. on_act gets {"do": "cancel" | "dismiss", "id": job_id}."""
    _mount("footnote_job", "job.js", "lists.css", data, key, "act", on_act)


def _mount(
    name: str,
    script: str,
    style: str,
    data: dict[str, Any],
    key: str,
    trigger: str,
    on_trigger: Callable[[dict[str, Any]], None],
) -> None:
    def changed() -> None:
        value = st.session_state[key][trigger]
        if isinstance(value, dict):
            on_trigger(value)

    callbacks: dict[str, Any] = {f"on_{trigger}_change": changed}
    _component(name, script, style)(data=data, key=key, **callbacks)


def text(tag: str, class_name: str, content: str, *, lang: str = "") -> None:
    """Show one element with this text in it, escaped."""
    lang_attribute = f' lang="{html.escape(lang)}"' if lang else ""
    st.html(f'<{tag} class="{class_name}"{lang_attribute}>{html.escape(content)}</{tag}>')


def notice(title: str, *details: str, hint: str = "", bad: bool = False) -> None:
    """Say that something is so, and what to do about it."""
    lines = [f"<strong>{html.escape(title)}</strong>"]
    lines += [f"<p>{html.escape(detail)}</p>" for detail in details if detail]
    if hint:
        lines.append(f'<p class="hint">{html.escape(hint)}</p>')
    st.html(f'<div class="fn-notice{" bad" if bad else ""}" role="status">{"".join(lines)}</div>')
