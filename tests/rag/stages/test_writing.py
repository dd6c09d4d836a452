"""The stages that ask a language model: what it says is used where it looks like what was asked for, and only there."""

from __future__ import annotations

import pytest

from rag.errors import FootnoteError
from rag.plan import Leg, Plan, Query, Stage
from rag.stages.hyde import HyDE
from rag.stages.multi_query import MultiQuery
from rag.stages.translate import Translate
from tests.fakes import FakeWriter

QUESTION = "How do I take a backup?"
ENGLISH = frozenset({"en"})


def plan_of(question: str = QUESTION) -> Plan:
    return Plan(question, (Query(question),))


def stages(writer: FakeWriter) -> list[Stage]:
    return [Translate(writer, ENGLISH), MultiQuery(writer), HyDE(writer)]


def test_the_question_is_asked_in_the_other_language_too() -> None:
    after = Translate(FakeWriter("如何备份？"), ENGLISH)(plan_of())
    assert after.queries == (Query(QUESTION), Query("如何备份？", "translate"))
    assert after.question == QUESTION
    back = Translate(FakeWriter('Translation: "How do I take a backup?"'), ENGLISH)(plan_of("怎样备份？"))
    assert back.queries[-1] == Query(QUESTION, "translate")


@pytest.mark.parametrize("languages", [frozenset({"*"}), frozenset({"en", "zh", "de"})])
def test_an_embedder_of_both_languages_needs_no_translation(languages: frozenset[str]) -> None:
    writer = FakeWriter("never used")
    stage = Translate(writer, languages)
    assert stage(plan_of()).queries == plan_of().queries
    assert not stage.is_slow(plan_of())
    assert writer.asked == []


def test_paraphrases_count_less_than_the_question() -> None:
    reply = "1. How can data be saved?\n2) What makes a backup?\n\n- How are copies made?\n* One more?"
    after = MultiQuery(FakeWriter(reply))(plan_of())
    assert [query.text for query in after.queries[1:]] == [
        "How can data be saved?",
        "What makes a backup?",
        "How are copies made?",
    ]
    assert all(query.weight < 1 and query.part == 0 and query.origin == "multi_query" for query in after.queries[1:])


def test_a_made_up_answer_is_looked_for_by_its_vector_alone() -> None:
    after = HyDE(FakeWriter("To take a backup, run footnote library backup."))(plan_of())
    assert after.queries[-1].legs == {Leg.DENSE}
    assert after.queries[-1].origin == "hyde"


@pytest.mark.parametrize(
    "reply",
    [
        "",
        " \n\n ",
        "How do I take a backup",
        "Question: How do I take a backup?\n",
        "I'm sorry, but I cannot help with that.",
        "抱歉，我无法回答。",
        "x " * 2000,
        "<think>what could they want</think>",
        "Как сделать резервную копию и где она лежит?",
        FootnoteError("no answer from the model"),
        TimeoutError("after 20 s"),
        ConnectionError("refused"),
        ValueError("no JSON"),
    ],
)
def test_what_is_of_no_use_leaves_the_plan_as_it_is_and_is_told(reply: str | Exception) -> None:
    for stage in stages(FakeWriter(reply)):
        after = stage(plan_of())
        assert after.queries == plan_of().queries
        assert after.question == QUESTION
        assert after.note
        assert len(after.note) <= 300


@pytest.mark.parametrize("question", [QUESTION, "怎样备份？"])
def test_the_model_is_asked_in_the_questions_language_and_shown_nothing_else(question: str) -> None:
    writer = FakeWriter("")
    for stage in stages(writer):
        assert stage.is_slow(plan_of(question))
        stage(plan_of(question))
    for system, user in writer.asked:
        assert user.content == question
        assert ("问题" in system.content) == (question != QUESTION)


def test_control_characters_of_a_reply_reach_no_search() -> None:
    after = HyDE(FakeWriter("Run it\x1b[31m now\x00 and it works."))(plan_of())
    assert after.queries[-1].text.isprintable()
