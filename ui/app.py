"""The page that `streamlit run` serves. A client of the HTTP API: `streamlit run ui/app.py -- --api http://127.0.0.1:8000`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from ui import components
from ui.client import ApiDown, ApiError, Client
from ui.session import client, session, words
from ui.views.ask import ask_page, finished_turns
from ui.views.collections import collection_picker
from ui.views.conversation import restore
from ui.views.documents import documents_page
from ui.views.rate import rate_page, sheets_here
from ui.views.scores import rating_words
from ui.views.source import source_panel
from ui.words import LANGUAGES, language_for

DEFAULT_API = "http://127.0.0.1:8000"


def api_address(arguments: Sequence[str]) -> str:
    """Return the API's address from the script's arguments."""
    given = list(arguments)
    return given[given.index("--api") + 1] if "--api" in given[:-1] else DEFAULT_API


@st.cache_resource(show_spinner=False)
def _shared_client(address: str) -> Client:
    return Client(address)


def main() -> None:
    st.set_page_config(page_title="Footnote", page_icon=str(components.ASSETS / "icon.svg"), layout="centered")
    components.page_style()
    st.session_state.setdefault("client", _shared_client(api_address(sys.argv)))
    st.session_state.setdefault("language", language_for(st.context.locale))
    say = words()
    ask = st.Page(_guarded_ask, title=say.ask, icon=":material/chat:", url_path="ask", default=True)
    documents = st.Page(_guarded_documents, title=say.documents, icon=":material/description:", url_path="documents")
    st.session_state["documents_page"] = documents
    rate = st.Page(_guarded_rate, title=rating_words().rate, icon=":material/thumbs_up_down:", url_path="rate")
    page = st.navigation([ask, documents, rate], position="hidden")  # the links stand in the sidebar, below the name
    with st.sidebar:
        trouble = _sidebar(ask, documents, rate)
    if trouble is None:
        source_panel()
        page.run()
    else:
        _cannot(trouble)


def _sidebar(ask: StreamlitPage, documents: StreamlitPage, rate: StreamlitPage) -> ApiError | None:
    """Draw the name, the screens, the collections and the language; return why the API cannot be reached, if so."""
    trouble = None
    st.html('<div class="fn-brand">Footnote<sup>1</sup></div>')
    with st.container(key="screens"):
        st.page_link(ask)
        st.page_link(documents)
        rating = st.empty()  # who has nothing to rate is not told of it
    try:
        restore()
        session().collections = client().collections()
        collection_picker()
        if sheets_here():
            rating.page_link(rate)
    except ApiError as error:
        trouble = error
    with st.container(key="language-switch"):
        st.segmented_control(
            "Language / 语言", list(LANGUAGES), key="language", label_visibility="collapsed", required=True
        )
    return trouble


def _guarded_ask() -> None:
    _guarded(ask_page)


def _guarded_documents() -> None:
    _guarded(documents_page)


def _guarded_rate() -> None:
    _guarded(rate_page)


def _guarded(draw: Callable[[], None]) -> None:
    try:
        draw()
    except ApiError as error:
        _cannot(error)


def _cannot(error: ApiError) -> None:
    say = words()
    if isinstance(error, ApiDown):
        at = say.api_down_more.format(address=client().address)
        components.notice(say.api_down, at, error.detail, hint=say.api_down_hint, bad=True)
    else:
        components.notice(error.title, error.detail, hint=error.hint, bad=True)
    st.button(say.try_again, icon=":material/refresh:", key="try-again")
    finished_turns()  # what was answered stays readable


if __name__ == "__main__":
    main()
