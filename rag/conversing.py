"""Ask within a stored conversation: its turns are there before, and the answer is kept before it is told of.

A question stays as one that was asked where its answer failed, or was not waited for. Knows nothing of how an answer
is made.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import cast

from rag.errors import FootnoteError
from rag.library.conversations import Conversations
from rag.types import Answer, Event, Finished, Turn
from rag.wire import AnswerOut

Ask = Callable[[Sequence[Turn]], Iterator[Event]]  # the turns before, oldest first
log = logging.getLogger(__name__)


def in_conversation(
    conversations: Conversations, conversation_id: str, question: str, ask: Ask
) -> Generator[Event, None, None]:
    """Yield the events of the answer. Closing it closes them. Raises NotFound, Conflict before any."""
    begun = conversations.begin(conversation_id, question)
    with closing(cast(Generator[Event, None, None], ask(begun.earlier))) as events:
        for event in events:
            if isinstance(event, Finished):
                _keep(conversations, begun.number, event.answer)
            yield event


def _keep(conversations: Conversations, number: int, answer: Answer) -> None:
    body = AnswerOut.of(answer).model_dump_json()
    try:
        conversations.finish(number, answer.text, body, state="refused" if answer.refused else "answered")
    except FootnoteError as error:  # a full disk: whoever asked has the answer all the same
        log.warning("conversation %s: an answer was not kept: %s", answer.conversation_id, error)
