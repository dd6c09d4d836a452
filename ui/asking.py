"""A question being answered in a thread of its own, so that a rerun of the page neither stops nor repeats it.

Knows the events of the stream; knows nothing of Streamlit.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import ValidationError

from rag.wire import AnswerOut, DeltaOut, FailedOut, FiltersIn, PassageOut, RetrievedOut, StatusOut
from ui.client import UNREADABLE, ApiError, ServerEvent
from ui.conversing import Conversation, Keeper

NOT_FOUND = 404


class Asker(Keeper, Protocol):
    def ask(
        self, question: str, *, collection: str, conversation_id: str | None = None, filters: FiltersIn | None = None
    ) -> Generator[ServerEvent]: ...


@dataclass(frozen=True, slots=True)
class Progress:
    """What is known of the answer so far; answer or error is set when it is over."""

    stage: str = "retrieving"
    text: str = ""
    passages: tuple[PassageOut, ...] = ()
    answer: AnswerOut | None = None
    error: ApiError | None = None
    stopped: bool = False

    @property
    def over(self) -> bool:
        return self.answer is not None or self.error is not None or self.stopped


@dataclass
class Turn:
    """One question and what came of it. Read `progress` from any thread; it is replaced whole, never changed."""

    question: str
    conversation: Conversation  # that it is asked in
    filters: FiltersIn | None = None  # which documents it is asked of
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    progress: Progress = Progress()
    _changed: threading.Condition = field(default_factory=threading.Condition, repr=False)
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def collection(self) -> str:
        return self.conversation.collection

    def start(self, asker: Asker) -> None:
        threading.Thread(target=self._run, args=(asker,), name=f"ask-{self.id[:8]}", daemon=True).start()

    def stop(self) -> None:
        """Stop at the next event; what has been said stays."""
        self._stop.set()
        if not self.progress.over:
            self._set(stopped=True)

    def wait(self, seen: Progress, timeout_seconds: float) -> Progress:
        """Return the progress as soon as it is another than the one seen, or after the time."""
        with self._changed:
            self._changed.wait_for(lambda: self.progress is not seen, timeout_seconds)
            return self.progress

    def _run(self, asker: Asker) -> None:
        try:
            name = self.conversation.name(asker)
            try:
                self._follow(asker, name)
            except ApiError as error:
                if error.status != NOT_FOUND:
                    raise
                self.conversation.renew(name)  # it was removed, or is too old: the answer is worth more
                self._follow(asker, self.conversation.name(asker))
        except ApiError as error:
            self._set(error=error)
        except ValidationError as error:
            self._set(error=ApiError(UNREADABLE, detail=str(error)))

    def _follow(self, asker: Asker, name: str) -> None:
        with closing(
            asker.ask(self.question, collection=self.collection, conversation_id=name, filters=self.filters)
        ) as events:
            for event in events:
                if self._stop.is_set():
                    return
                match event.name:
                    case "status":
                        self._set(stage=StatusOut.model_validate(event.data).stage)
                    case "retrieved":
                        self._set(passages=tuple(RetrievedOut.model_validate(event.data).passages))
                    case "delta":
                        self._set(text=self.progress.text + DeltaOut.model_validate(event.data).text)
                    case "finished":
                        self._set(answer=AnswerOut.model_validate(event.data))
                        return
                    case "failed":
                        failed = FailedOut.model_validate(event.data)
                        self._set(error=ApiError(failed.detail or failed.error, hint=failed.hint))
                        return
        self._set(error=ApiError("the answer broke off", detail="the stream ended before it was finished"))

    def _set(self, **changes: object) -> None:
        with self._changed:
            if not self.progress.over:
                fields = {name: getattr(self.progress, name) for name in Progress.__slots__}
                self.progress = Progress(**{**fields, **changes})
            self._changed.notify_all()
