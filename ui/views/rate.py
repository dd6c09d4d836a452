"""The screen on which people rate the answers of runs: a question at a time, and never told by which run."""

from __future__ import annotations

import html
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from rag.wire import ItemOut, RatingBody, RatingRequest, RatingsIn, SheetOut, ShownAnswer, ShownItem
from ui import components
from ui.client import ApiDown, ApiError
from ui.render import lang_of, streaming_html
from ui.session import client, collection, session, words
from ui.views.scores import rating_words, scores

FRESH_SECONDS = 20.0  # sheets are made seldom, and the page runs again at every click
MOST_CHARACTERS = 4000
CHOICES = ("left", "right", "tie", "both_bad")


@dataclass(frozen=True, slots=True)
class Rater:
    """Who rates which sheet, and where they are: position None is the first that they have not rated."""

    name: str
    sheet: SheetOut
    collection: str
    position: int | None = None
    came_back: bool = False  # to what was skipped


def sheets_here() -> list[SheetOut]:
    """Return the collection's rating sheets, as they were a moment ago."""
    here = session()
    now = time.monotonic()
    held = here.sheets.get(collection())
    if held is None or now - held[0] > FRESH_SECONDS:
        try:
            here.sheets[collection()] = (now, client().rating_sheets(collection=collection()))
        except ApiDown:
            raise
        except ApiError:  # an older API, or a collection that cannot be opened: there is nothing to rate
            here.sheets[collection()] = (now, [])
    return here.sheets[collection()][1]


def rate_page() -> None:
    with st.container(key="rate-page"):
        rater = session().rater
        if rater is None or rater.collection != collection():
            _begin(sheets_here())
        else:
            _rate(rater)


def _begin(sheets: Sequence[SheetOut]) -> None:
    say = rating_words()
    components.text("h1", "fn-page-title", say.rate)
    if not sheets:
        components.notice(say.nothing_here)
        return
    components.text("p", "fn-small", say.rate_more)
    with st.form("rater", border=False):
        names = {sheet.id: sheet.name for sheet in sheets}
        chosen = st.selectbox(say.sheet, list(names), format_func=names.__getitem__, key="sheet")
        name = st.text_input(say.your_name, key="rater-name", max_chars=120, help=say.your_name_help)
        begun = st.form_submit_button(say.begin, type="primary")
    if begun and name.strip() and chosen is not None:
        sheet = next(sheet for sheet in sheets if sheet.id == chosen)
        session().rater = Rater(" ".join(name.split()), sheet, collection())
        st.rerun()


def _rate(rater: Rater) -> None:
    found = _found(rater)
    _head(rater, found)
    if found.item is None or found.position is None:
        _done(rater, found)
        return
    components.text("h2", "fn-question", found.item.question, lang=lang_of(found.item.question))
    saw = _expected(found.item, found.position)
    with st.form(f"item-{rater.sheet.id}-{found.position}", border=False):
        said = _form(found.item, found.rating or RatingBody(), found.position, saw)
        with st.container(horizontal=True, key="rate-buttons"):
            say = rating_words()
            if found.position > 1 and st.form_submit_button(say.back, icon=":material/arrow_back:"):
                _go(rater, found.position - 1)
            if st.form_submit_button(say.skip):
                _say(rater, found.position, RatingBody(skipped=True))
            if st.form_submit_button(say.next, type="primary"):
                if _says_something(said):
                    _say(rater, found.position, said)
                st.html(f'<div class="fn-rate-hint" role="alert">{html.escape(say.nothing_said)}</div>')


def _found(rater: Rater) -> ItemOut:
    at = {"rater": rater.name, "collection": rater.collection}
    if rater.position is None:
        return client().next_item(rater.sheet.id, skipped=rater.came_back, **at)
    return client().item(rater.sheet.id, rater.position, **at)


def _head(rater: Rater, found: ItemOut) -> None:
    say = rating_words()
    told = [say.progress.format(rated=found.progress.rated, items=found.progress.items)]
    told += [say.skipped.format(skipped=found.progress.skipped)] if found.progress.skipped else []
    with st.container(horizontal=True, key="rate-head", vertical_alignment="center"):
        components.text("div", "fn-small", f"{rater.sheet.name} · {rater.name} · {words().comma.join(told)}")
        if st.button(say.other_rater, key="other-rater", type="tertiary"):
            session().rater = None
            st.rerun()
    st.progress((found.progress.rated + found.progress.skipped) / max(1, found.progress.items))


def _expected(item: ShownItem, position: int) -> bool:
    """Draw the right answer where the rater wants to see it; return whether they did."""
    say = rating_words()
    seen = st.session_state.setdefault("saw-expected", set())
    if st.toggle(say.show_expected, key=f"expected-{position}"):
        seen.add(position)
        rows = "".join(f'<li lang="{lang_of(text)}">{html.escape(text)}</li>' for text in item.expected)
        st.html(f'<ul class="fn-expected">{rows}</ul>' if rows else f'<p class="fn-small">{say.no_expected}</p>')
    return position in seen


def _form(item: ShownItem, before: RatingBody, position: int, saw: bool) -> RatingBody:
    say = rating_words()
    several = len(item.answers) > 1
    given = before.sides or [RatingsIn()] * len(item.answers)
    names = (say.answer_a, say.answer_b) if several else (say.answer,)
    places = st.columns(len(item.answers), gap="large") if several else [st.container()]
    sides = []
    for number, (place, name, answer) in enumerate(zip(places, names, item.answers, strict=True)):
        with place, st.container(key=f"rated-{number}"):
            st.html(_answer_html(answer, name))
            sides.append(scores(f"score-{position}-{number}", given[number]))
    components.text("div", "fn-small", say.scale)
    preference = None
    if several:
        preference = st.segmented_control(
            say.which,
            CHOICES,
            format_func=dict(zip(CHOICES, (say.left, say.other, say.tie, say.both_bad), strict=True)).__getitem__,
            default=before.preference,
            key=f"preference-{position}",
        )
    comment = st.text_area(say.comment, before.comment, key=f"comment-{position}", height=68, max_chars=MOST_CHARACTERS)
    return RatingBody(sides=sides, preference=preference, comment=comment, saw_expected=saw or before.saw_expected)


def _answer_html(answer: ShownAnswer, name: str) -> str:
    """Return an answer and its footnotes, escaped. Every footnote has its whole quote: it is what is judged."""
    say = rating_words()
    notes = "".join(
        f'<li value="{note.mark}"><span class="title">{html.escape(note.title or note.source)}</span> '
        f'<span class="place">{html.escape(note.place)}</span>'
        f'<blockquote lang="{lang_of(note.quote)}">{html.escape(" ".join(note.quote.split()))}</blockquote></li>'
        for note in answer.notes
    )
    refused = f'<p class="fn-small">{html.escape(say.no_answer)}</p>' if answer.refused else ""
    below = f'<ol class="fn-notes">{notes}</ol>' if notes else f'<p class="fn-small">{html.escape(say.no_notes)}</p>'
    return f'<h3 class="fn-side">{html.escape(name)}</h3>{refused}{streaming_html(answer.answer, caret="")}{below}'


def _done(rater: Rater, found: ItemOut) -> None:
    say = rating_words()
    with st.container(key="rate-done"):
        components.text("h2", "fn-question", say.done)
        components.text("p", "fn-small", say.done_more)
        if found.progress.skipped and st.button(say.look_at_skipped, type="primary"):
            session().rater = replace(rater, position=None, came_back=True)
            st.rerun()
        if st.button(say.look_again, icon=":material/arrow_back:"):
            _go(rater, found.progress.items)


def _says_something(said: RatingBody) -> bool:
    return said.preference is not None or any(
        score is not None for side in said.sides for score in side.model_dump().values()
    )


def _say(rater: Rater, position: int, said: RatingBody) -> None:
    body = RatingRequest(**said.model_dump(), rater=rater.name, position=position)
    client().rate(rater.sheet.id, body, collection=rater.collection)
    # what was skipped again is not offered at once again
    session().rater = replace(rater, position=None, came_back=rater.came_back and not said.skipped)
    st.rerun()


def _go(rater: Rater, position: int) -> None:
    session().rater = replace(rater, position=position)
    st.rerun()
