"""The embedded default, which needs no language model: it answers in the documents' own sentences.

Which sentences carry evidence is known before it is asked (rag/evidence); it decides how many, and joins them: one
for a fact, more where they say nearly as much, and the whole list where a list is asked for.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

from rag.asked import AnswerType, answer_type
from rag.cite import guard_marks
from rag.disagree import conflict_in
from rag.hostile import orders_in
from rag.models.gather import LIST_ITEM, Place, gathered_list, needed
from rag.models.gather import Given as _Given
from rag.ports import Message, Prompt
from rag.types import Usage

MAX_SENTENCES = 3
# A further sentence is given only where it is more than this share as likely to answer as the best.
NEAR_BEST = 0.02

DISAGREE = {"en": "The documents disagree:", "zh": "文档说法不一："}


class ExtractiveGenerator:
    """Implements ports.Generator."""

    name = "extractive"
    context_tokens = None

    def count_tokens(self, messages: Sequence[Message]) -> int:  # noqa: ARG002
        return 0

    def generate(self, prompt: Prompt) -> Generator[str, None, Usage]:
        """Yield the sentences that answer, each with its passage's mark, in the order in which they are best read."""
        before: _Given | None = None
        conflict = conflict_in(prompt.question, prompt.evidence.sentences, prompt.passages)
        if conflict is not None:  # side by side, each with its mark, never as one
            yield DISAGREE[prompt.language]
            for sentence in conflict.sentences:
                yield f"\n{guard_marks(sentence.text)} [{sentence.passage + 1}]"
            return Usage()
        for given in chosen(prompt):
            if before is not None:
                yield _separator(before, given, prompt.language)
            (passage, _), text = before = given
            yield f"{guard_marks(text)} [{passage + 1}]"
        return Usage()


def _separator(before: _Given, given: _Given, language: str) -> str:
    """Return what stands between two sentences: a new line where an item begins, or where one has come to its end."""
    (passage, position), text = before
    goes_on = given[0] == (passage, position + 1)
    if LIST_ITEM.match(given[1]) or (LIST_ITEM.match(text) and not goes_on):
        return "\n"
    return "" if language == "zh" else " "


def chosen(prompt: Prompt) -> list[_Given]:
    """Return the sentences to give, best first; those of a list stand as they do in the document."""
    wanted = answer_type(prompt.question)
    ranked = [sentence for sentence in prompt.evidence.sentences if sentence.passage < len(prompt.passages)]
    best = ranked[0].score if ranked else 0.0
    near = ranked[:1] + [sentence for sentence in ranked[1:MAX_SENTENCES] if sentence.score > NEAR_BEST * best]
    if wanted is AnswerType.LIST:
        for sentence in near:
            gathered = gathered_list(sentence, prompt.passages)
            if gathered:
                return gathered
    given: dict[str, Place] = {}  # documents may say the same twice
    for sentence in near:
        given.setdefault(sentence.text, (sentence.passage, sentence.position))
    if near:
        orders = orders_in(prompt.passages)
        for place, text in needed(near[0], prompt.passages):
            if (place[0], text) not in orders:
                given.setdefault(text, place)
    return [(place, text) for text, place in given.items()]
