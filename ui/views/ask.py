"""The screen for asking: questions, answers as they are written, and their footnotes."""

from __future__ import annotations

import time
from typing import Any

import streamlit as st

from rag.wire import MAX_QUESTION_CHARACTERS, AnswerOut
from ui import components
from ui.asking import Progress, Turn
from ui.render import answer_data, lang_of, streaming_html
from ui.session import OpenSource, client, collection, documents_here, session, words
from ui.views.conversation import begin_anew, removing
from ui.views.feedback import feedback_box
from ui.views.filters import chosen_line, filter_box

LOOK_SECONDS = 0.5  # between looks at an answer in which nothing changes
DRAW_SECONDS = 0.06  # between drawings of one in which much does
EXAMPLES_FOLDER = "examples/"
FEW_DOCUMENTS = 200  # past so many, nobody is trying Footnote for the first time


def ask_page() -> None:
    here = session()
    answers = st.container(key="answers")
    with st.container(key="ask-box"):
        here.filters = filter_box()
        question = st.chat_input(words().ask_placeholder, key="question", max_chars=MAX_QUESTION_CHARACTERS)
    if question and question.strip():
        ask(question.strip())
    with answers:
        if not here.turns:
            _welcome()
            return
        unfinished = [(turn, area) for turn in here.turns if (area := _turn(turn)) is not None]
        components.follow(here.turns[-1].id)
        for turn, area in unfinished:
            _follow(turn, area)
        with st.container(key="after-answers", horizontal=True):
            st.button(words().new_questions, key="new-questions", icon=":material/edit_square:", on_click=begin_anew)
            removing()
        here.show_address()


def ask(question: str) -> None:
    turn = Turn(question, session().conversation(), session().filters)
    session().turns.append(turn)
    turn.start(client())


def finished_turns() -> None:
    """Draw what has been answered, and nothing that needs the API."""
    for turn in session().turns:
        if turn.progress.over:
            _turn(turn)


def _welcome() -> None:
    say = words()
    empty = documents_here() == 0
    with st.container(key="welcome"):
        title, more = (say.empty_library, say.empty_library_more) if empty else (say.welcome, say.welcome_more)
        st.html(f'<div class="fn-welcome" lang="{say.code}"><h1>{title}</h1><p>{more}</p></div>')
        if empty:
            if st.button(say.go_to_documents, type="primary", icon=":material/add:"):
                st.switch_page(st.session_state["documents_page"])
            return
        if not _about_footnote():
            return
        with st.container(key="examples", gap="small"):
            components.text("div", "fn-small", say.try_one)
            for example in say.examples:
                st.button(example, key=f"example-{example}", on_click=ask, args=(example,))


def _about_footnote() -> bool:
    """Tell whether the examples that come with Footnote are here: other documents do not answer questions about it."""
    if documents_here() > FEW_DOCUMENTS:
        return False
    return any(row.source.startswith(EXAMPLES_FOLDER) for row in client().documents(collection=collection()))


def _turn(turn: Turn) -> Any:
    """Draw a turn; return the place where its answer is to appear when it is not there yet."""
    components.text("h2", "fn-question", turn.question, lang=lang_of(turn.question))
    if turn.filters is not None:
        components.text("div", "fn-small", chosen_line(turn.filters))
    progress = turn.progress
    if not progress.over:
        return st.empty()
    _over(turn, progress)
    return None


def _over(turn: Turn, progress: Progress) -> None:
    say = words()
    if progress.answer is not None:
        if progress.answer.searched_for:
            said = f"{say.searched_for}{say.colon}{progress.answer.searched_for}"
            components.text("div", "fn-small", said, lang=lang_of(progress.answer.searched_for))
        _answer(turn, progress.answer)
        feedback_box(turn, progress.answer)
        return
    if progress.text:
        st.html(streaming_html(progress.text, caret=""))
    if progress.error is not None:
        components.notice(progress.error.title, progress.error.detail, hint=progress.error.hint, bad=True)
    else:
        components.text("div", "fn-small", say.stopped)
    st.button(say.ask_again, key=f"again-{turn.id}", icon=":material/refresh:", on_click=_again, args=(turn,))


def _again(turn: Turn) -> None:
    here = session()
    fresh = Turn(turn.question, turn.conversation, turn.filters)
    here.turns = [fresh if other is turn else other for other in here.turns]
    fresh.start(client())


def _answer(turn: Turn, answer: AnswerOut) -> None:
    source = session().source
    active = source.index if source is not None and source.turn_id == turn.id else None
    components.answer(
        answer_data(answer, words(), active=active),
        key=f"answer-{turn.id}",
        on_open=lambda value: _open(turn, answer, value),
    )


def _open(turn: Turn, answer: AnswerOut, value: dict[str, Any]) -> None:
    rows = answer.citations if value.get("kind") == "citation" else answer.passages
    index = value.get("index")
    if not isinstance(index, int) or not 0 <= index < len(rows):
        return
    row = rows[index]
    session().open_source(
        OpenSource(
            document_id=row.document_id,
            collection=turn.collection,
            start=row.start,
            end=row.end,
            turn_id=turn.id,
            index=index if value.get("kind") == "citation" else None,
        )
    )


def _follow(turn: Turn, area: Any) -> None:
    """Draw the answer as it comes. A click elsewhere ends this run and the next one goes on from where it is."""
    progress = turn.progress
    with area.container():
        text = st.empty()
        stop = st.empty()
    stop.button(words().stop, key=f"stop-{turn.id}", icon=":material/stop_circle:", on_click=turn.stop)
    while not progress.over:
        _draw(text, progress)
        session().show_address()  # its conversation may just have been made
        time.sleep(DRAW_SECONDS)
        progress = turn.wait(progress, LOOK_SECONDS)
    stop.empty()
    with area.container():
        _over(turn, progress)


def _draw(area: Any, progress: Progress) -> None:
    say = words()
    if progress.text:
        area.html(streaming_html(progress.text))
    else:
        stages = {"answering": say.answering, "checking": say.checking, "retrying": say.retrying}
        stage = stages.get(progress.stage, say.retrieving)
        area.html(f'<div class="fn-stage" role="status">{stage}</div>')
