"""What was asked and answered before a reload, as the API has kept it. Knows nothing of Streamlit."""

from __future__ import annotations

from rag.wire import ConversationTurnsOut, TurnOut
from ui.asking import Progress, Turn
from ui.conversing import Conversation


def turns_of(found: ConversationTurnsOut, conversation: Conversation) -> list[Turn]:
    """Return what was asked and answered as it stood on the page.

    A question without an answer that was asked once more stands there once.
    """
    later: set[str] = set()
    kept: list[TurnOut] = []
    for row in reversed(found.turns):
        if row.state != "asked" or row.question not in later:
            kept.append(row)
        later.add(row.question)
    return [Turn(row.question, conversation, progress=_progress(row)) for row in reversed(kept)]


def _progress(row: TurnOut) -> Progress:
    if row.answer is None:
        return Progress(text=row.text, stopped=True)
    return Progress("answering", row.text, tuple(row.answer.passages), row.answer)
