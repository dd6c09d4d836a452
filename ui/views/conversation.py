"""The conversation on the page: found again after a reload, begun anew, and removed."""

from __future__ import annotations

import streamlit as st

from ui import components
from ui.client import ApiError
from ui.conversing import Conversation
from ui.restoring import turns_of
from ui.session import client, session, words

NOT_FOUND = 404


def restore() -> None:
    """Follow the address's ?conversation=COLLECTION/ID, once. Raises ApiError where it may yet be found."""
    here = session()
    if here.restored:
        return
    name, _, conversation_id = st.query_params.get("conversation", "").partition("/")
    if name and conversation_id:
        try:
            found = client().conversation(conversation_id, collection=name)
        except ApiError as error:
            if error.status < NOT_FOUND or error.status >= 500:
                raise
        else:
            here.choose = name
            here.conversations[name] = Conversation(name, conversation_id)
            here.turns = turns_of(found, here.conversations[name])
    here.restored = True


def begin_anew() -> None:
    """Leave the conversation: the next question points back at nothing."""
    here = session()
    for turn in here.turns:
        turn.stop()
    here.turns = []
    here.conversations = {}
    here.close_source()


def removing() -> None:
    """Draw what removes the conversation from the server too, which asks first."""
    say = words()
    with st.popover(say.forget, icon=":material/delete:", type="tertiary", key="removing"):
        components.text("div", "fn-small", say.forget_more)
        if st.button(say.forget_yes, key="forget", type="primary"):
            _remove()
            st.rerun()


def _remove() -> None:
    conversations = list(session().conversations.values())
    for turn in session().turns:
        turn.stop()
    for conversation in conversations:
        if conversation.id is not None:
            try:
                client().remove_conversation(conversation.id, collection=conversation.collection)
            except ApiError as error:
                if error.status != NOT_FOUND:  # gone already is what was wanted
                    raise
    begin_anew()
