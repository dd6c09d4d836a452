"""Below a finished answer: whether it was right, and, for who likes to say more, a short form."""

from __future__ import annotations

import html
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from rag.wire import AnswerOut, CitedIn, FeedbackChange, FeedbackRequest, RatingsIn
from ui import components
from ui.asking import Turn
from ui.client import ApiError
from ui.session import client, session
from ui.views.scores import rating_words, scores

MOST_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class Said:
    """What this visitor has said of an answer, under the id that the API gave it."""

    id: str
    verdict: str | None = None
    ratings: RatingsIn = field(default_factory=RatingsIn)
    expected: str = ""
    comment: str = ""
    trouble: ApiError | None = None


def feedback_box(turn: Turn, answer: AnswerOut) -> None:
    """Draw it. A click in it runs nothing else of the page.

    Where an answer is being written such a click would wait for its end: then the page runs again, and goes on.
    """
    answering = any(not one.progress.over for one in session().turns)
    (_box if answering else st.fragment(_box))(turn, answer)


def _box(turn: Turn, answer: AnswerOut) -> None:
    say = rating_words()
    said = session().feedback.get(turn.id)
    with st.container(key=f"feedback-{turn.id}", gap="small"):
        with st.container(key=f"verdict-line-{turn.id}", horizontal=True, vertical_alignment="center"):
            _line(say.was_it_right)
            st.pills(
                say.was_it_right,
                ("right", "wrong"),
                format_func={"right": say.right, "wrong": say.wrong}.__getitem__,
                default=said.verdict if said is not None else None,
                key=f"verdict-{turn.id}",
                label_visibility="collapsed",
                width="content",
                on_change=_verdict,
                args=(turn, answer),
            )
            if said is not None and said.id and said.trouble is None:
                _line(say.thanks, role="status")
        if said is None:
            return
        if said.trouble is not None:
            components.notice(
                say.not_saved, said.trouble.detail or said.trouble.title, hint=said.trouble.hint, bad=True
            )
        if said.id:
            with st.expander(say.say_more):
                _form(turn, said)


def _form(turn: Turn, said: Said) -> None:
    say = rating_words()
    with st.form(f"more-{turn.id}", border=False):
        scores(f"score-{turn.id}", said.ratings)
        _line(say.scale)
        for name, label, value in (("expected", say.expected, said.expected), ("comment", say.comment, said.comment)):
            st.text_area(label, value, key=f"{name}-{turn.id}", height=68, max_chars=MOST_CHARACTERS)
        st.form_submit_button(say.save, on_click=_more, args=(turn, said))


def _more(turn: Turn, said: Said) -> None:
    given = {name: st.session_state[f"score-{turn.id}-{name}"] for name in RatingsIn.model_fields}
    written = {name: st.session_state[f"{name}-{turn.id}"] for name in ("expected", "comment")}
    _change(turn, said, ratings=RatingsIn(**given), **written)


def _verdict(turn: Turn, answer: AnswerOut) -> None:
    """Keep the first word on an answer, and change it afterwards; one that is taken back is none."""
    verdict = st.session_state[f"verdict-{turn.id}"]
    said = session().feedback.get(turn.id)
    if said is not None and said.id:
        _change(turn, said, verdict=verdict)
        return
    body = FeedbackRequest(
        collection=turn.collection,
        question=turn.question,
        answer=answer.answer,
        refused=answer.refused,
        citations=[CitedIn(**row.model_dump(include=set(CitedIn.model_fields))) for row in answer.citations],
        verdict=verdict,
        conversation_id=turn.conversation.id,
    )
    try:
        kept = client().give_feedback(body)
    except ApiError as error:
        session().feedback[turn.id] = Said("", verdict, trouble=error)
    else:
        session().feedback[turn.id] = Said(kept.id, verdict, kept.ratings, kept.expected, kept.comment)


def _change(turn: Turn, said: Said, **changes: Any) -> None:
    try:
        client().change_feedback(said.id, FeedbackChange(**changes), collection=turn.collection)
    except ApiError as error:
        session().feedback[turn.id] = replace(said, **changes, trouble=error)
    else:
        session().feedback[turn.id] = replace(said, **changes, trouble=None)


def _line(words: str, *, role: str = "") -> None:
    attribute = f' role="{role}"' if role else ""
    st.html(f'<span class="fn-small"{attribute}>{html.escape(words)}</span>', width="content")
