"""rag.stages.timely: a slow model delays a question a little, and never loses it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import pytest

from rag.errors import GenerationFailed
from rag.plan import Plan, Query
from rag.ports import Message
from rag.stages.follow_up import FollowUp
from rag.stages.hyde import HyDE
from rag.stages.multi_query import MultiQuery
from rag.stages.summarise import Summariser
from rag.stages.timely import Timely
from rag.stages.translate import Translate
from rag.types import Turn
from tests.fakes import FakeWriter

PATIENCE_SECONDS = 10.0
PLAN = Plan("When did it open?", (Query("When did it open?"),), ("Who founded Harbour Gallery?",))


class Stuck:
    """Writes nothing before it is let go. Counts how often it was asked."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.asked = 0

    def complete(self, messages: Sequence[Message], *, max_tokens: int) -> str:
        self.asked += 1
        self.go.wait(PATIENCE_SECONDS)
        return "Since when has Harbour Gallery been open?"


@pytest.fixture
def stuck() -> Iterator[Stuck]:
    stuck = Stuck()
    yield stuck
    stuck.go.set()


def test_what_comes_in_time_is_what_was_written() -> None:
    assert Timely(FakeWriter("Yes."), seconds=PATIENCE_SECONDS).complete((), max_tokens=9) == "Yes."


@pytest.mark.parametrize("error", [GenerationFailed("gone"), TimeoutError("of the model's own"), ZeroDivisionError()])
def test_what_the_model_raises_is_raised(error: Exception) -> None:
    with pytest.raises(type(error)):
        Timely(FakeWriter(error), seconds=PATIENCE_SECONDS).complete((), max_tokens=9)


def test_a_question_waits_once_for_a_model_that_hangs_and_goes_on_by_rules(stuck: Stuck) -> None:
    writer = Timely(stuck, seconds=0.01)
    plan = PLAN
    for stage in (FollowUp(writer), Translate(writer, {"en"}), MultiQuery(writer), HyDE(writer)):
        plan = stage(plan)
        assert "the model failed" in plan.note
    assert plan.question == "When did Harbour Gallery open?"
    assert [query.text for query in plan.queries] == ["When did Harbour Gallery open?"]
    assert Summariser(writer)([Turn("Who?"), Turn("When?")] * 2, "en").startswith("Asked before: Who? / When?")
    assert stuck.asked == 1


def test_it_is_asked_again_once_it_has_come_to_an_end(stuck: Stuck) -> None:
    writer = Timely(stuck, seconds=0.01)
    with pytest.raises(GenerationFailed, match="more than 0.01 s"):
        writer.complete((), max_tokens=9)
    with pytest.raises(GenerationFailed, match="still busy"):
        writer.complete((), max_tokens=9)
    [thread] = [thread for thread in threading.enumerate() if thread.name == "writer"]
    stuck.go.set()
    thread.join(PATIENCE_SECONDS)
    writer._seconds = PATIENCE_SECONDS
    assert writer.complete((), max_tokens=9).startswith("Since")
