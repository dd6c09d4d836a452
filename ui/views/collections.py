"""Choosing the collection that questions are asked of, and making a new one."""

from __future__ import annotations

import streamlit as st

from ui import components
from ui.client import ApiError
from ui.session import client, collection, session, words


def collection_picker() -> None:
    here = session()
    say = words()
    names = [row.name for row in here.collections] or ["default"]
    if here.choose is not None:  # a widget's value can be set only before it is drawn
        st.session_state["collection"], here.choose = here.choose, None
    if st.session_state.get("collection") not in names:
        st.session_state["collection"] = "default" if "default" in names else names[0]
    st.selectbox(say.collection, names, key="collection")
    with (
        st.container(key="new-collection-open"),
        st.popover(say.new_collection, icon=":material/add:", type="tertiary"),
        st.form("new-collection", border=False),
    ):
        name = st.text_input(say.new_collection, key="new-collection-name", help=say.new_collection_help, max_chars=64)
        if st.form_submit_button(say.create) and name.strip():
            _create(name.strip())
    for row in here.collections:
        if row.name == collection() and row.problem:
            components.notice(say.went_wrong, row.problem)


def _create(name: str) -> None:
    try:
        client().create_collection(name)
    except ApiError as error:
        components.notice(error.title, error.detail, hint=error.hint, bad=True)
        return
    session().choose = name
    st.rerun()
