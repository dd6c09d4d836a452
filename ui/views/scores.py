"""The four scores that people give an answer, 1 to 5 each. Drawn alike below an answer and on a rating sheet."""

from __future__ import annotations

import streamlit as st

from rag.wire import RatingsIn
from ui.rating_words import LANGUAGES, RatingWords
from ui.session import words

SCORES = (1, 2, 3, 4, 5)


def rating_words() -> RatingWords:
    return LANGUAGES[words().code]


def scores(key: str, before: RatingsIn) -> RatingsIn:
    """Draw them side by side as far as there is room, with what was given before; return what is chosen."""
    say = rating_words()
    rows = {
        "correct": (say.correct, say.correct_help),
        "complete": (say.complete, say.complete_help),
        "grounded": (say.grounded, say.grounded_help),
        "readable": (say.readable, say.readable_help),
    }
    with st.container(horizontal=True, key=f"scores-{key}"):
        chosen = {
            name: st.segmented_control(
                label, SCORES, default=getattr(before, name), key=f"{key}-{name}", help=more, width="content"
            )
            for name, (label, more) in rows.items()
        }
    return RatingsIn(**chosen)
