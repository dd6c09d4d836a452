"""Questions answered in threads of their own."""

from __future__ import annotations

import threading
from collections.abc import Generator

from rag.wire import FiltersIn
from tests.ui.fake_api import FakeApi, document
from ui.asking import Turn
from ui.client import ApiDown, Client, ServerEvent
from ui.conversing import Conversation
from ui.restoring import turns_of

DELTA = ServerEvent("delta", {"text": "So far"})


class Canned:
    """Asks nothing: gives these events, and waits where one is None until it is let on."""

    def __init__(self, *events: ServerEvent | None) -> None:
        self.events = events
        self.let_on = threading.Event()
        self.closed = threading.Event()

    def create_conversation(self, *, collection: str) -> str:
        return "c"

    def ask(
        self, question: str, *, collection: str, conversation_id: str | None = None, filters: FiltersIn | None = None
    ) -> Generator[ServerEvent]:
        try:
            for event in self.events:
                if event is None:
                    self.let_on.wait(10)
                else:
                    yield event
        finally:
            self.closed.set()


def over(turn: Turn) -> Turn:
    progress = turn.progress
    while not progress.over:
        progress = turn.wait(progress, 10)
    return turn


def test_the_answer_is_what_the_api_finished_with() -> None:
    with FakeApi() as api:
        api.add(document("d", "D"), "A sentence.")
        api.answers["q"] = [("A sentence.", "d", "A sentence.")]
        turn = Turn("q", Conversation("default"))
        turn.start(Client(api.address))
        answer = over(turn).progress.answer
    assert answer is not None
    assert answer.answer == "A sentence. [1]"
    assert turn.progress.text == answer.answer
    assert len(turn.progress.passages) == 1


def test_what_was_said_so_far_can_be_read_while_the_rest_is_awaited() -> None:
    asker = Canned(DELTA, None, DELTA)
    turn = Turn("q", Conversation("default"))
    before = turn.progress
    turn.start(asker)
    while turn.wait(before, 10).text != "So far":
        before = turn.progress
    assert not turn.progress.over
    asker.let_on.set()
    assert over(turn).progress.error is not None  # it ended without being finished


def test_stopping_keeps_what_was_said_and_hangs_up() -> None:
    asker = Canned(DELTA, None, DELTA, DELTA)
    turn = Turn("q", Conversation("default"))
    before = turn.progress
    turn.start(asker)
    while turn.wait(before, 10).text != "So far":
        before = turn.progress
    turn.stop()
    asker.let_on.set()
    assert asker.closed.wait(10)
    assert turn.progress.stopped
    assert turn.progress.text == "So far"


def test_a_failed_event_is_told_with_its_hint() -> None:
    failed = ServerEvent("failed", {"error": "GenerationFailed", "detail": "it stopped", "hint": "ask again"})
    turn = Turn("q", Conversation("default"))
    turn.start(Canned(DELTA, failed))
    error = over(turn).progress.error
    assert error is not None
    assert (error.title, error.detail, error.hint) == ("it stopped", "", "ask again")  # a class name says little


def test_an_event_of_another_shape_ends_in_an_error_and_not_in_silence() -> None:
    turn = Turn("q", Conversation("default"))
    turn.start(Canned(ServerEvent("finished", {"answer": 1})))
    assert over(turn).progress.error is not None


def test_an_api_that_is_down_ends_the_turn() -> None:
    class Down:
        def create_conversation(self, *, collection: str) -> str:
            return "c"

        def ask(
            self,
            question: str,
            *,
            collection: str,
            conversation_id: str | None = None,
            filters: FiltersIn | None = None,
        ) -> Generator[ServerEvent]:
            yield from down()

    def down() -> list[ServerEvent]:
        raise ApiDown("no answer")

    turn = Turn("q", Conversation("default"))
    turn.start(Down())
    assert isinstance(over(turn).progress.error, ApiDown)


def test_what_is_asked_is_kept_in_one_conversation_and_comes_back_as_it_stood() -> None:
    with FakeApi() as api:
        api.add(document("d", "D"), "A sentence.")
        api.answers["q"] = [("A sentence.", "d", "A sentence.")]
        client = Client(api.address)
        conversation = Conversation("default")
        turns = [Turn(question, conversation) for question in ("q", "other")]
        for turn in turns:
            turn.start(client)
        answers = {turn.question: over(turn).progress.answer for turn in turns}
        assert list(api.conversations) == [conversation.id]
        found = client.conversation(conversation.id or "", collection="default")
    restored = turns_of(found, conversation)
    assert {turn.question: turn.progress.answer for turn in restored} == answers
    assert all(turn.progress.over for turn in restored)


def test_a_conversation_that_is_gone_is_gone_on_with_in_another() -> None:
    with FakeApi() as api:
        conversation = Conversation("default", "removed")
        turn = Turn("q", conversation)
        turn.start(Client(api.address))
        assert over(turn).progress.answer is not None
        assert list(api.conversations) == [conversation.id]


def test_a_question_that_was_asked_again_is_restored_once() -> None:
    with FakeApi() as api:
        client = Client(api.address)
        conversation = Conversation("default")
        name = conversation.name(client)
        for _ in range(2):
            over_with(Turn("q", conversation), client)
        api.conversations[name][0] = api.conversations[name][0].model_copy(update={"state": "asked", "answer": None})
        asked = Turn("again?", conversation)
        over_with(asked, client)
        api.conversations[name][2] = api.conversations[name][2].model_copy(update={"state": "asked", "answer": None})
        restored = turns_of(client.conversation(name, collection="default"), conversation)
    assert [(turn.question, turn.progress.stopped) for turn in restored] == [("q", False), ("again?", True)]


def over_with(turn: Turn, client: Client) -> None:
    turn.start(client)
    over(turn)
