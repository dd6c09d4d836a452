"""rag.drafting: what a model writes is checked, and what no source says is flagged, dropped or asked for again."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from contextlib import closing

import pytest

from rag.drafting import Drafted, Drafter, Unsupported
from rag.errors import GenerationFailed
from rag.ports import Message, Prompt
from rag.types import Citation, CitationStatus, Cited, Delta, Evidence, Status, Usage
from tests.rag.makers import make_passage, word_check

PASSAGES = (
    make_passage("Otters eat crabs and clams. A holt is the den of an otter.", document_id="otters"),
    make_passage("See https://bats.example/echo for more. Bats find moths by echo.", document_id="bats"),
)
PROMPT = Prompt("What do otters eat?", "en", PASSAGES, (Message("user", "What?"),), Evidence(0.9, ()))
TRUE, FALSE = "Otters eat crabs and clams. [1]", "Otters build bridges of gold [1]."


class Says:
    """A language model that gives its answers one after another."""

    name = "says"

    def __init__(self, *answers: str | Exception, context_tokens: int | None = 1000) -> None:
        self.context_tokens = context_tokens
        self.answers = list(answers)
        self.prompts: list[Prompt] = []
        self.open = 0

    def count_tokens(self, messages: Sequence[Message]) -> int:
        return sum(len(message.content.split()) for message in messages)

    def generate(self, prompt: Prompt) -> Generator[str, None, Usage]:
        self.prompts.append(prompt)
        answer = self.answers.pop(0)
        self.open += 1
        try:
            if isinstance(answer, Exception):
                raise answer
            for word in answer.split(" "):
                yield f"{word} "
            return Usage(10, len(answer.split()))
        finally:
            self.open -= 1


def drafted(model: Says, unsupported: Unsupported = "flag") -> tuple[list[Status | Delta | Cited], Drafted]:
    draft = Drafter(model, check=word_check, unsupported=unsupported).draft(PROMPT, place=lambda citation: citation)
    events = []
    while True:
        try:
            events.append(next(draft))
        except StopIteration as done:
            result: Drafted = done.value
            assert "".join(event.text for event in events if isinstance(event, Delta)) == result.text
            assert tuple(event.citation for event in events if isinstance(event, Cited)) == result.citations
            return events, result


def stages(events: Sequence[Status | Delta | Cited]) -> list[str]:
    return list(dict.fromkeys(event.stage for event in events if isinstance(event, Status)))


def test_by_default_what_no_source_says_is_shown_and_flagged() -> None:
    _, result = drafted(Says(f"{TRUE} {FALSE} Nobody knows why."))
    assert [citation.status for citation in result.citations] == [
        CitationStatus.VERIFIED,
        CitationStatus.UNSUPPORTED,
    ]
    assert [one.answer_span.of(result.text) for one in result.uncited] == ["Nobody knows why."]
    assert result.faults == ["Otters build bridges of gold", "Nobody knows why."]


def test_dropping_leaves_only_what_the_sources_say() -> None:
    events, result = drafted(Says(f"{FALSE} {TRUE} Nobody knows why."), "drop")
    assert result.text == "Otters eat crabs and clams. [1]"
    assert not result.uncited
    assert stages(events) == []


def test_a_faulty_draft_is_held_back_and_asked_for_again() -> None:
    model = Says(f"{TRUE} {FALSE}", TRUE)
    events, result = drafted(model, "retry")
    assert result.text == TRUE
    assert stages(events) == ["checking", "retrying"]
    assert result.usage == Usage(20, 18)
    first, second = model.prompts
    assert [message.role for message in second.messages] == ["user", "assistant", "user"]
    assert second.messages[1].content.split() == f"{TRUE} {FALSE}".split()
    assert "- Otters build bridges of gold" in second.messages[2].content
    assert first.passages == second.passages


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        (f"{TRUE} {FALSE}", f"{FALSE} Bats sing. Bats dance.", f"{TRUE} {FALSE}"),
        (f"{TRUE} {FALSE}", "The documents do not contain the answer.", f"{TRUE} {FALSE}"),
        (FALSE, "The documents do not contain the answer.", ""),
        (FALSE, TRUE, TRUE),
    ],
)
def test_the_better_of_both_drafts_is_shown(first: str, second: str, shown: str) -> None:
    _, result = drafted(Says(first, second), "retry")
    assert re.sub(r"\[\d\]", "[1]", result.text) == shown


def test_a_draft_without_faults_is_not_asked_for_again() -> None:
    model = Says(TRUE)
    events, result = drafted(model, "retry")
    assert (result.text, len(model.prompts), stages(events)) == (TRUE, 1, ["checking"])


def test_where_the_second_draft_fails_or_does_not_fit_the_first_is_shown() -> None:
    for model in (Says(FALSE, GenerationFailed("gone")), Says(FALSE, context_tokens=10)):
        _, result = drafted(model, "retry")
        assert result.text.strip() == FALSE


def test_a_generator_that_reads_no_messages_is_not_asked_again() -> None:
    model = Says(FALSE, context_tokens=None)
    drafted(model, "retry")
    assert len(model.prompts) == 1


def test_what_a_model_writes_is_made_plain_and_the_documents_own_words_are_not() -> None:
    text = "<think>They eat gold.</think>Otters eat crabs and clams. [1] See https://evil.example/x now: [1]"
    _, result = drafted(Says(text))
    assert "evil" not in result.text
    assert "think" not in result.text
    assert result.text.startswith("Otters eat")
    _, own = drafted(Says("Otters <b> eat crabs. [1]", context_tokens=None))
    assert "<b>" in own.text


def test_an_address_that_stands_in_a_source_is_shown() -> None:
    _, result = drafted(Says("See https://bats.example/echo for more. [2]"))
    assert "https://bats.example/echo" in result.text


def test_that_the_documents_do_not_tell_is_told_apart_from_text() -> None:
    policies: tuple[Unsupported, ...] = ("flag", "drop", "retry")
    for unsupported in policies:
        _, result = drafted(Says("The documents do not contain the answer."), unsupported)
        assert (result.text, result.not_found) == ("", True)


@pytest.mark.parametrize("unsupported", ["flag", "retry"])
def test_closing_a_draft_stops_the_model(unsupported: Unsupported) -> None:
    model = Says(f"{TRUE} {TRUE} {TRUE}")
    draft = Drafter(model, check=word_check, unsupported=unsupported).draft(PROMPT, place=lambda citation: citation)
    with closing(draft):
        next(draft)
        next(draft)
        assert model.open == 1
    assert model.open == 0


def test_each_citation_is_told_where_it_stands() -> None:
    places: list[Citation] = []

    def place(citation: Citation) -> Citation:
        places.append(citation)
        return citation

    list(Drafter(Says(f"{TRUE} {TRUE}"), check=word_check).draft(PROMPT, place=place))
    assert [citation.quote for citation in places] == ["Otters eat crabs and clams."] * 2
