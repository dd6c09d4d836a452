"""The four scores that people give an answer, 1 to 5 each. Drawn alike below an answer and on a rating sheet."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from rag.wire import RatingsIn
from ui.rating_words import LANGUAGES, RatingWords
from ui.session import words

SCORES = (1, 2, 3, 4, 5)


def rating_words() -> RatingWords:
    return LANGUAGES[words().code]


def scores(key: str, before: RatingsIn, *, columns: int) -> RatingsIn:
    """Draw them, in so many columns, with what was given before; return what is chosen."""
    say = rating_words()
    rows = {
        "correct": (say.correct, say.correct_help),
        "complete": (say.complete, say.complete_help),
        "grounded": (say.grounded, say.grounded_help),
        "readable": (say.readable, say.readable_help),
    }
    places = st.columns(columns, gap="medium") if columns > 1 else [st.container()]
    chosen = {
        name: _score(f"{key}-{name}", label, more, getattr(before, name), places, number)
        for number, (name, (label, more)) in enumerate(rows.items())
    }
    return RatingsIn(**chosen)


def _score(
    key: str,
    label: str,
    more: str,
    before: int | None,
    places: Sequence[st.delta_generator.DeltaGenerator],
    number: int,
) -> int | None:
    with places[number % len(places)]:
        found: int | None = st.segmented_control(label, SCORES, default=before, key=key, help=more)
    return found
