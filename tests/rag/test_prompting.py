"""rag.prompting: what a generator is told depends on what it can read, and on its collection."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from rag.errors import Misconfigured
from rag.ports import Message, Prompt
from rag.prompting import EARLIER_SHARE, Prompter
from rag.rules import VERSION
from rag.types import Evidence, Turn, Usage
from tests.rag.makers import make_passage

PASSAGES = tuple(make_passage(f"Passage {number}.", document_id=f"d{number}") for number in range(3))
OWN = "Answer like a pirate. {mark} {not_found}"


class Reader:
    """A model whose every character is a token."""

    name = "reader"

    def __init__(self, context_tokens: int | None = 4000) -> None:
        self.context_tokens = context_tokens

    def count_tokens(self, messages: Sequence[Message]) -> int:
        return sum(len(message.content) for message in messages)

    def generate(self, prompt: Prompt) -> Generator[str, None, Usage]:
        yield "Aye."
        return Usage()


def told(prompter: Prompter, earlier: Sequence[Turn] = (), language: str = "en") -> Prompt:
    return prompter.prompt("What?", language, PASSAGES, Evidence(0.5, ()), earlier)


def test_a_collections_own_rules_are_used_from_the_next_question_on(tmp_path: Path) -> None:
    prompter = Prompter(Reader(), budget_characters=500, collection=tmp_path)
    assert told(prompter).version == VERSION
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "system.en.txt").write_text(OWN, encoding="utf-8")
    prompt = told(prompter)
    assert prompt.messages[0].content.startswith("Answer like a pirate. [2]")
    assert prompt.version.startswith(f"{VERSION}+")
    assert told(prompter, language="zh").version == VERSION
    (tmp_path / "prompts" / "system.en.txt").write_text("Arr.", encoding="utf-8")
    with pytest.raises(Misconfigured):
        told(prompter)


def test_a_generator_that_reads_nothing_has_the_budget_in_characters(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "system.en.txt").write_text("unusable, and not read", encoding="utf-8")
    prompter = Prompter(Reader(context_tokens=None), budget_characters=25, collection=tmp_path)
    assert told(prompter).passages == PASSAGES[:2]


def test_earlier_turns_have_their_share_and_the_oldest_are_summed_up() -> None:
    asked: list[Sequence[Turn]] = []

    def summarise(turns: Sequence[Turn], language: str) -> str:
        asked.append(turns)
        return f"In short ({language})."

    turns = [Turn(f"Question {number}?", "x" * 300) for number in range(8)]
    prompter = Prompter(Reader(), budget_characters=500, summarise=summarise)
    messages = told(prompter, turns).messages
    assert "> In short (en)." in messages[-1].content
    said = messages[1:-1]
    assert 0 < sum(len(message.content) for message in said) <= 4000 * EARLIER_SHARE
    assert said[-2].content == "Question 7?"
    assert [len(one) for one in asked] == [8 - len(said) // 2]
    assert told(prompter, turns[:1]).messages[-1].content.count("<earlier>") == 0
