"""A writer that is not waited for longer than a question can wait. Knows nothing of what is written.

A model keeps its own time, which is that of a whole answer. What is done to a question before it is searched for has
rules to fall back on, so that it is given up much sooner, and not tried again while it is still late.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from threading import Lock, Thread

from rag.errors import GenerationFailed
from rag.ports import Message, Writer


class Timely:
    """Implements ports.Writer. Safe from many threads."""

    def __init__(self, writer: Writer, *, seconds: float) -> None:
        self._writer = writer
        self._seconds = seconds
        self._turn = Lock()
        self._late = 0  # calls that were given up and have not ended

    def complete(self, messages: Sequence[Message], *, max_tokens: int) -> str:
        """Raises GenerationFailed when its time is over, and at once while an earlier call is late."""
        with self._turn:
            if self._late:
                raise GenerationFailed("the model is still busy with what it was asked before", hint="ask again later")
        reply: Future[str] = Future()
        Thread(target=self._ask, args=(reply, messages, max_tokens), name="writer", daemon=True).start()
        try:
            return reply.result(self._seconds)
        except TimeoutError as error:
            if reply.done():  # the model's own
                raise
            with self._turn:
                self._late += 1
            reply.add_done_callback(self._ended)
            message = f"the model took more than {self._seconds:g} s"
            raise GenerationFailed(message, hint="retrieve.writer_seconds says how long it may take") from error

    def _ask(self, reply: Future[str], messages: Sequence[Message], max_tokens: int) -> None:
        try:
            reply.set_result(self._writer.complete(messages, max_tokens=max_tokens))
        except BaseException as error:  # noqa: BLE001  an edge: whoever waits for the thread raises it
            reply.set_exception(error)

    def _ended(self, _: Future[str]) -> None:
        with self._turn:
            self._late -= 1
