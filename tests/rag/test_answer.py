"""rag.answer: a question becomes events, streamed or drained."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing

import pytest

from rag.answer import Answerer
from rag.errors import GenerationFailed, InvalidRequest
from rag.filters import Filters
from rag.library.library import Library
from rag.models.extract import ExtractiveGenerator
from rag.ports import Message, Prompt
from rag.retrieve import Retriever
from rag.text import has_han
from rag.types import (
    Answer,
    Block,
    BlockKind,
    Box,
    CitationStatus,
    Cited,
    Delta,
    Event,
    Failed,
    Finished,
    RefusalReason,
    Retrieved,
    Status,
    Turn,
    Usage,
)
from tests.rag.makers import EMBEDDER, shelve

OTTERS = "Sea otters hold hands while they sleep.\nThe den of an otter is called a holt.\nOtters eat crabs and clams."
BATS = "Bats find moths by echo in the dark.\nA colony of bats sleeps under the old bridge of Austin."
CHINESE = "海獭睡觉时会手拉手，以免被水流冲散。\n水獭的洞穴通常建在河岸的树根下面。"


class Says:
    """A generator that says what it is told to, then fails or is closed."""

    name = "says"
    context_tokens = None

    def __init__(self, *pieces: str, error: Exception | None = None) -> None:
        self.pieces = pieces
        self.error = error
        self.closed = False
        self.prompts: list[Prompt] = []

    def count_tokens(self, messages: Sequence[Message]) -> int:
        return sum(len(message.content) for message in messages)

    def generate(self, prompt: Prompt) -> Generator[str, None, Usage]:
        self.prompts.append(prompt)
        try:
            yield from self.pieces
            if self.error:
                raise self.error
            return Usage(len(prompt.messages), len(self.pieces))
        finally:
            self.closed = True


def answerer_of(
    library: Library,
    model: Says | ExtractiveGenerator | None = None,
    *,
    min_confidence: float = 0.0,
    budget_characters: int = 12_000,
) -> Answerer:
    retriever = Retriever(library, EMBEDDER, candidates=50, keep=8, budget_characters=budget_characters)
    return Answerer(
        library,
        retriever,
        model or ExtractiveGenerator(),
        min_confidence=min_confidence,
        budget_characters=budget_characters,
    )


@pytest.fixture
def filled(shelf: Library) -> Library:
    for name, text in (("otters.txt", OTTERS), ("bats.txt", BATS), ("zh.txt", CHINESE)):
        shelve(shelf, text, name)
    return shelf


def kinds(events: Iterator[Event] | list[Event]) -> list[str]:
    """The events' names, runs of deltas as one."""
    names = [type(event).__name__ for event in events]
    return [name for place, name in enumerate(names) if name != "Delta" or names[place - 1] != "Delta"]


def finished(events: list[Event]) -> Answer:
    last = events[-1]
    assert isinstance(last, Finished)
    return last.answer


def test_the_events_come_in_their_order(filled: Library) -> None:
    model = Says("The den is called a holt. [", "1] Otters eat crabs. [2]")
    events = list(answerer_of(filled, model).ask("What is the den of an otter called?"))
    answered = ["Delta", "Cited", "Delta", "Cited"]
    assert kinds(events) == ["Status", "Retrieved", "Status", *answered, "Finished"]
    assert [event.stage for event in events if isinstance(event, Status)] == ["retrieving", "answering"]


@pytest.mark.parametrize(
    "question", ["What is the den of an otter called?", "海獭睡觉时为什么手拉手？", "zebra", "bats"]
)
def test_what_is_streamed_is_what_is_answered(filled: Library, question: str) -> None:
    answerer = answerer_of(filled)
    events = list(answerer.ask(question, conversation_id="c"))
    answer, plain = finished(events), answerer.answer(question, conversation_id="c")
    assert "".join(event.text for event in events if isinstance(event, Delta)) == answer.text == plain.text
    assert tuple(event.citation for event in events if isinstance(event, Cited)) == answer.citations == plain.citations
    assert [event.passages for event in events if isinstance(event, Retrieved)] == [plain.passages]
    assert (answer.refused, answer.confidence, answer.conversation_id) == (plain.refused, plain.confidence, "c")


def test_every_quote_is_the_slice_of_its_document(filled: Library) -> None:
    for question in ("What is the den of an otter called?", "How do bats find moths?", "水獭的洞穴建在哪里？"):
        answer = answerer_of(filled).answer(question)
        assert answer.citations
        for citation in answer.citations:
            assert filled.document(citation.document_id).text[citation.span.start : citation.span.end] == citation.quote
            assert citation.status is CitationStatus.VERIFIED
            assert citation.quote in answer.text
            assert citation.document_id in {passage.document_id for passage in answer.passages}


@pytest.mark.parametrize(("question", "chinese"), [("Do otters hold hands?", False), ("水獭会手拉手吗？", True)])
def test_a_refusal_gives_its_reason_in_the_questions_language(filled: Library, question: str, chinese: bool) -> None:
    nothing = answerer_of(filled).answer(question, filters=Filters(document_ids=("nobody",)))
    weak = answerer_of(filled, min_confidence=1.0).answer(question)
    for document in filled.documents(limit=9):
        filled.remove(document.id)
    empty = answerer_of(filled).answer(question)
    answers = {
        RefusalReason.NO_EVIDENCE: nothing,
        RefusalReason.WEAK_EVIDENCE: weak,
        RefusalReason.EMPTY_LIBRARY: empty,
    }
    for reason, answer in answers.items():
        assert (answer.refused, answer.reason, answer.citations) == (True, reason, ())
        assert has_han(answer.text) == chinese
    assert len({answer.text for answer in answers.values()}) == 3
    assert (len(nothing.passages), len(empty.passages)) == (0, 0)


def test_weak_evidence_is_refused_with_the_nearest_passages(filled: Library) -> None:
    answer = answerer_of(filled, min_confidence=0.2).answer("Which tax applies to imported bicycles in 1987?")
    assert (answer.refused, answer.reason) == (True, RefusalReason.WEAK_EVIDENCE)
    assert answer.confidence < 0.2
    assert answer.passages
    assert answer.citations == ()


@pytest.mark.parametrize("question", ["???", "。。。？", "!", "\ud800"])
def test_a_question_of_no_words_is_refused_not_an_error(filled: Library, question: str) -> None:
    assert answerer_of(filled, min_confidence=0.1).answer(question).reason is RefusalReason.WEAK_EVIDENCE


@pytest.mark.parametrize("question", ["", "  \n\t", "\u3000"])
def test_an_empty_question_is_refused_as_a_request(filled: Library, question: str) -> None:
    assert [type(event) for event in answerer_of(filled).ask(question)] == [Failed]
    with pytest.raises(InvalidRequest):
        answerer_of(filled).answer(question)


@pytest.mark.parametrize(
    ("polite", "bare"),
    [
        (
            "Hello! Could you please tell me: What is the den of an otter called? Thanks!",
            "What is the den of an otter called?",
        ),
        ("你好，请问水獭的洞穴建在哪里？谢谢！", "水獭的洞穴建在哪里？"),
    ],
)
def test_a_polite_question_is_answered_as_the_bare_one(filled: Library, polite: str, bare: str) -> None:
    asked, plain = (answerer_of(filled).answer(question) for question in (polite, bare))
    assert (asked.text, asked.confidence, asked.searched_for) == (plain.text, plain.confidence, None)
    assert asked.question == polite


def test_closing_the_events_closes_the_generator(filled: Library) -> None:
    model = Says("The den is ", "called a holt. [1]")
    with closing(answerer_of(filled, model).ask("otter den")) as events:  # type: ignore[type-var]
        assert any(isinstance(event, Delta) for event in events)
        assert not model.closed
    assert model.closed


def test_a_generator_that_fails_ends_the_events_with_its_error(filled: Library) -> None:
    model = Says("The den", error=GenerationFailed("the model went away", hint="start it"))
    events = list(answerer_of(filled, model).ask("otter den"))
    assert kinds(events) == ["Status", "Retrieved", "Status", "Delta", "Failed"]
    assert events[-1] == Failed("GenerationFailed", "the model went away", "start it")
    assert model.closed
    with pytest.raises(GenerationFailed, match="went away"):
        answerer_of(filled, model).answer("otter den")


@pytest.mark.parametrize("pieces", [(), ("",), ("\n",), (" [9]",)])
def test_a_generator_that_says_nothing_is_a_refusal(filled: Library, pieces: tuple[str, ...]) -> None:
    events = list(answerer_of(filled, Says(*pieces)).ask("otter den"))
    answer = finished(events)
    assert (answer.refused, answer.reason) == (True, RefusalReason.WEAK_EVIDENCE)
    assert "".join(event.text for event in events if isinstance(event, Delta)) == answer.text
    assert answer.text.strip()


def test_a_claim_the_documents_do_not_hold_is_marked_so(filled: Library) -> None:
    answer = answerer_of(filled, Says("Otters build 17 bridges of gold. [1]")).answer("otter den")
    assert [citation.status for citation in answer.citations] == [CitationStatus.UNSUPPORTED]


def test_the_generator_reads_no_more_than_the_budget(filled: Library) -> None:
    model = Says("Yes. [1]")
    answer = answerer_of(filled, model, budget_characters=130).answer("otters and bats", keep=8)
    [prompt] = model.prompts
    assert prompt.passages == answer.passages[: len(prompt.passages)]
    assert {sentence.passage for sentence in prompt.evidence.sentences} <= set(range(len(prompt.passages)))


def test_a_citation_carries_the_boxes_and_page_of_its_lines(shelf: Library) -> None:
    text = "Sea otters hold hands.\nThe den of an otter is called a holt.\nOtters eat crabs."
    ends = [0, 22, 42, 60, len(text)]  # the second sentence is printed on two lines, the second of them on page 2
    places = [(1, 100.0), (1, 112.0), (2, 72.0), (2, 84.0)]
    lines = tuple(
        Block(start, end, BlockKind.LINE, Box(page, 72, y, 500, y + 10))
        for start, end, (page, y) in zip(ends, ends[1:], places, strict=False)
    )
    shelve(shelf, text, "otters.pdf", blocks=(Block(0, len(text)), *lines))
    answer = answerer_of(shelf).answer("What is the den of an otter called?")
    citation = answer.citations[0]
    assert citation.quote == "The den of an otter is called a holt."
    assert [(box.page, box.y0) for box in citation.boxes] == [(1, 112.0), (2, 72.0)]
    assert citation.page == 1
    assert answer.passages[0].page == 1


def test_a_document_removed_while_it_is_answered_from_costs_no_more_than_its_boxes(shelf: Library) -> None:
    text = "The den of an otter is called a holt."
    line = Block(0, len(text), BlockKind.LINE, Box(1, 72, 72, 500, 84))
    document = shelve(shelf, text, "otters.pdf", blocks=(Block(0, len(text)), line))
    events = answerer_of(shelf).ask("What is the den of an otter called?")
    assert [next(events), type(next(events))] == [Status("retrieving"), Retrieved]
    assert next(events) == Status("answering")
    next(events)
    shelf.remove(document.id)
    [citation] = finished(list(events)).citations
    assert (citation.quote, citation.boxes, citation.page) == (text, (), None)


def test_timings_grow_from_retrieval_to_the_end(filled: Library) -> None:
    timings = answerer_of(filled).answer("otter den").timings
    assert timings["retrieve"] <= timings["first_token"] <= timings["total"]


class Reads(Says):
    """One that reads messages, a token a character."""

    context_tokens = 3000  # type: ignore[assignment]


def test_a_model_is_told_the_turns_before_in_its_own_share(filled: Library) -> None:
    model = Reads("A holt. [1]")
    turns = [Turn("What do otters eat?", "They eat crabs and clams. [1]"), Turn("Who sleeps under the bridge?")]
    answerer_of(filled, model).answer("What is the den of an otter called?", earlier=turns)
    [prompt] = model.prompts
    assert [message.role for message in prompt.messages] == ["system", "user", "assistant", "user"]
    assert prompt.messages[2].content == "They eat crabs and clams."
    assert "> Asked before: Who sleeps under the bridge?" in prompt.messages[-1].content


def test_a_mark_names_the_passage_that_the_model_was_shown_under_its_number(filled: Library) -> None:
    model = Reads("A holt. [2] Nothing. [9]")
    answer = answerer_of(filled, model).answer("What is the den of an otter called?")
    [prompt] = model.prompts
    assert [citation.document_id for citation in answer.citations] == [prompt.passages[1].document_id]
    assert f"[2] {prompt.passages[1].title}\n> {prompt.passages[1].text.splitlines()[0]}" in prompt.messages[-1].content


def test_a_question_longer_than_the_model_can_read_is_told_in_time(filled: Library) -> None:
    events = list(answerer_of(filled, Reads("Yes.")).ask("otters " * 500))
    assert isinstance(events[-1], Failed)
    assert "llm.context_tokens" in events[-1].hint


@pytest.mark.parametrize("question", ["What is the den of an otter called?", "海獭睡觉时为什么手拉手？"])
@pytest.mark.parametrize(
    "said", ["The documents do not contain the answer.", "抱歉，文档中没有提到这一点。", "文档中没有答案。"]
)
def test_a_model_that_says_the_documents_do_not_tell_is_a_refusal(filled: Library, question: str, said: str) -> None:
    events = list(answerer_of(filled, Says(*said)).ask(question))
    answer = finished(events)
    assert (answer.refused, answer.reason, answer.citations) == (True, RefusalReason.NO_EVIDENCE, ())
    assert "".join(event.text for event in events if isinstance(event, Delta)) == answer.text
    assert has_han(answer.text) == has_han(question)
