"""From a conversation's question to its answer: stages, parts and rounds, through a real, small library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from rag.answer import Answerer
from rag.build import build_retriever
from rag.config import Settings
from rag.library.library import Library
from rag.models.extract import ExtractiveGenerator
from rag.plan import Found, Plan, Query, Retrieval
from rag.retrieve import Reorder, Retriever
from rag.stages.follow_up import FollowUp
from rag.stages.hop import Hop
from rag.stages.multi_query import MultiQuery
from rag.stages.parts import Parts
from rag.types import Finished, Passage, Status, Turn
from rag.wire import AnswerOut
from rag.wire_search import MAX_DETAIL, SearchOut
from tests.fakes import FakeWriter
from tests.rag.makers import EMBEDDER, shelve

GALLERY = (
    "Harbour Gallery was founded by Ada Kern, a ship builder.\nHarbour Gallery opened its doors to visitors in 1987."
)
LEAVE = "Employees get 25 days of annual leave each year.\nWhoever wants to apply for leave fills in form B7."
OTHER = "Bats find moths by echo in the dark.\nThe den of an otter is called a holt."


def retriever_of(library: Library, reorder: Sequence[tuple[str, Reorder]] = (), keep: int = 4) -> Retriever:
    for number, text in enumerate((GALLERY, LEAVE, OTHER)):
        for line, sentence in enumerate(text.split("\n")):
            shelve(library, sentence, f"{number}-{line}.txt")
    return Retriever(
        library,
        EMBEDDER,
        candidates=50,
        keep=keep,
        budget_characters=12_000,
        stages=(FollowUp(), Parts()),
        hop=Hop(),
        reorder=reorder,
    )


def answerer_of(library: Library, retriever: Retriever) -> Answerer:
    return Answerer(library, retriever, ExtractiveGenerator(), min_confidence=0.0, budget_characters=12_000)


def test_a_follow_up_is_searched_for_as_it_stands_alone(shelf: Library) -> None:
    retriever = retriever_of(shelf)
    retrieval = retriever.run("When did it open?", earlier=["Who founded Harbour Gallery?"])
    assert retrieval.question == "When did Harbour Gallery open?"
    assert "1987" in retrieval.passages[0].text


def test_an_answer_keeps_the_question_as_asked_and_says_what_was_searched_for(shelf: Library) -> None:
    answerer = answerer_of(shelf, retriever_of(shelf))
    answer = answerer.answer("When did it open?", earlier=[Turn("Who founded Harbour Gallery?")])
    assert (answer.question, answer.searched_for) == ("When did it open?", "When did Harbour Gallery open?")
    assert "1987" in answer.text
    assert AnswerOut.of(answer).searched_for == "When did Harbour Gallery open?"
    alone = answerer.answer("When did Harbour Gallery open?", earlier=[Turn("Who founded the museum?")])
    assert alone.searched_for is None


def test_a_follow_up_may_point_at_whom_the_answer_named(shelf: Library) -> None:
    answerer = answerer_of(shelf, retriever_of(shelf))
    turn = Turn("Who founded Harbour Gallery?", "Harbour Gallery was founded by Ada Kern, a ship builder. [1]")
    assert answerer.answer("Where was she born?", earlier=[turn]).searched_for == "Where was Ada Kern born?"


def test_each_part_has_its_place_among_the_first_passages(shelf: Library) -> None:
    texts = [
        passage.text
        for passage in retriever_of(shelf, keep=3).retrieve("Who founded Harbour Gallery and how do I apply for leave?")
    ]
    assert any("Ada Kern" in text for text in texts)
    assert any("form B7" in text for text in texts)


def test_the_answer_speaks_to_each_part(shelf: Library) -> None:
    answer = answerer_of(shelf, retriever_of(shelf)).answer("Who founded Harbour Gallery and how do I apply for leave?")
    assert "Ada Kern" in answer.text
    assert "form B7" in answer.text
    assert len({citation.document_id for citation in answer.citations}) == 2


def test_asking_two_things_at_once_is_no_reason_to_doubt_either(shelf: Library) -> None:
    answerer = answerer_of(shelf, retriever_of(shelf))
    apart = [answerer.answer(part).confidence for part in ("Who founded Harbour Gallery?", "How do I apply for leave?")]
    both = answerer.answer("Who founded Harbour Gallery and how do I apply for leave?").confidence
    assert min(apart) <= both + 0.05


def test_a_part_is_reranked_by_its_own_words(shelf: Library) -> None:
    asked: list[str] = []

    def reorder(question: str, found: Found) -> Found:
        asked.append(question)
        return replace(found, note="as it was")

    retrieval = retriever_of(shelf, [("rerank", reorder)]).run("BERT vs GPT")
    assert asked == ["BERT vs GPT", "BERT", "GPT"]
    assert [step.detail for step in retrieval.steps if step.stage == "rerank"] == ["as it was"] * 3


def test_a_slow_stage_is_told_before_it_begins_and_its_time_is_in_the_answers(shelf: Library) -> None:
    for sentence in GALLERY.split("\n"):
        shelve(shelf, sentence, sentence[:20])
    writer = FakeWriter("Since when can visitors come to Harbour Gallery?")
    retriever = Retriever(
        shelf, EMBEDDER, candidates=50, keep=4, budget_characters=12_000, stages=[FollowUp(), MultiQuery(writer)]
    )
    events = list(answerer_of(shelf, retriever).ask("When did Harbour Gallery open?"))
    assert [event.stage for event in events if isinstance(event, Status)] == ["retrieving", "multi_query", "answering"]
    [finished] = [event for event in events if isinstance(event, Finished)]
    assert {"follow_up", "multi_query", "search", "widen", "retrieve", "first_token", "total"} <= set(
        finished.answer.timings
    )
    assert finished.answer.timings["multi_query"] <= finished.answer.timings["retrieve"]


def test_every_stage_tells_what_it_did(shelf: Library) -> None:
    retrieval = retriever_of(shelf).run("When did it open and who built it?", earlier=["Who founded Harbour Gallery?"])
    told = {step.stage: step.detail for step in retrieval.steps}
    assert list(told) == ["follow_up", "parts", "search", "widen", "hop"]
    assert "When did Harbour Gallery open" in told["follow_up"]
    assert "parts: " in told["parts"]
    assert "dense" in told["search"]


def test_each_passage_tells_its_place_in_each_leg(shelf: Library) -> None:
    retrieval = retriever_of(shelf).run("How do I apply for leave?")
    assert len(retrieval.ranks) == len(retrieval.passages)
    for passage, ranks in zip(retrieval.passages, retrieval.ranks, strict=True):
        assert ranks.keys() == passage.scores.keys()
        assert all(rank >= 1 for rank in ranks.values())
    assert retrieval.ranks[0]["lexical"] == 1


class Noted:
    """A stage that leaves the plan as it is, and says so at length."""

    name = "noted"

    def is_slow(self, plan: Plan) -> bool:
        return False

    def __call__(self, plan: Plan) -> Plan:
        return replace(plan, note="\x1b[31m[bold]" * 1000)


def test_what_a_search_tells_is_cut(shelf: Library) -> None:
    shelve(shelf, LEAVE, "leave.txt")
    retriever = Retriever(shelf, EMBEDDER, candidates=50, keep=4, budget_characters=12_000, stages=[Noted()])
    retrieval = retriever.run("leave")
    found = SearchOut.explained("leave", retrieval, 1.0)
    assert found.steps is not None
    assert max(len(step.detail) for step in found.steps) == MAX_DETAIL
    assert SearchOut.of("leave", retrieval, 1.0).steps is None


class TwoRounds:
    """Asks once more for what it was told to."""

    name = "again"

    def __init__(self, *texts: str) -> None:
        self.texts = texts
        self.seen: list[int] = []

    def __call__(self, plan: Plan, passages: Sequence[Passage]) -> tuple[Query, ...]:
        self.seen.append(len(passages))
        return tuple(Query(text, self.name, number) for number, text in enumerate(self.texts, 1))


@pytest.mark.parametrize("texts", [(), ("how do I apply for leave",)])
def test_a_second_round_sees_the_passages_of_the_first(shelf: Library, texts: tuple[str, ...]) -> None:
    for number, sentence in enumerate(f"{GALLERY}\n{LEAVE}\n{OTHER}".split("\n")):
        shelve(shelf, sentence, f"{number}.txt")
    hop = TwoRounds(*texts)
    retriever = Retriever(shelf, EMBEDDER, candidates=50, keep=2, budget_characters=12_000, hop=hop)
    retrieval: Retrieval = retriever.run("Who founded Harbour Gallery?")
    assert hop.seen == [2]
    assert "Ada Kern" in retrieval.passages[0].text
    assert ("form B7" in retrieval.passages[1].text) == bool(texts)


def test_with_nothing_to_do_every_stage_leaves_the_plan_as_it_is() -> None:
    question = "How do I apply for leave?"
    plan = Plan(question, (Query(question),), ("Who founded Harbour Gallery?",))
    stages: list[Callable[[Plan], Plan]] = [FollowUp(), Parts()]
    for stage in stages:
        assert stage(plan) == plan


@pytest.mark.parametrize(
    ("chosen", "went"),
    [
        ((), ["search", "widen"]),
        (("parts", "follow_up"), ["parts", "follow_up", "search", "widen"]),
        (("hop", "translate", "hyde", "multi_query"), ["search", "widen", "hop"]),  # no language model is set
    ],
)
def test_the_stages_are_those_that_are_set_in_their_order(
    shelf: Library, chosen: tuple[str, ...], went: list[str]
) -> None:
    shelve(shelf, LEAVE, "leave.txt")
    settings = Settings.model_validate({"retrieve": {"stages": chosen}})
    retrieval = build_retriever(settings, shelf, EMBEDDER).run("How do I apply for leave?")
    assert [step.stage for step in retrieval.steps] == went
