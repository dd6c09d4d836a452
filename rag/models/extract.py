"""The embedded default, which needs no language model: it answers in the documents' own sentences.

Which sentences carry evidence is known before it is asked (rag/evidence); it decides how many, and joins them: one
for a fact, more where they say nearly as much, and the whole list where a list is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from itertools import pairwise

from rag.asked import AnswerType, answer_type
from rag.cite import guard_marks
from rag.disagree import conflict_in
from rag.ports import Message, Prompt
from rag.text import sentence_spans
from rag.types import EvidenceSentence, Passage, Usage

MAX_SENTENCES = 3
MAX_LIST_SENTENCES = 16
# A further sentence is given only where it is at least this share as likely to answer as the best.
NEAR_BEST = {
    AnswerType.NUMBER: 0.4,
    AnswerType.DATE: 0.4,
    AnswerType.DEFINITION: 0.25,
    AnswerType.LIST: 0.1,
    AnswerType.OTHER: 0.25,
}

DISAGREE = {"en": "The documents disagree:", "zh": "文档说法不一："}
_LIST_ITEM = re.compile(r"(?:[-*•·]|\(?\d{1,2}[.)、）]|（\d{1,2}）|[①-⑳]|第[一二三四五六七八九十]+[,、:：步])\s*\S")
_Place = tuple[int, int]  # passage, and sentence in it
_Given = tuple[_Place, str]


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
    if _LIST_ITEM.match(given[1]) or (_LIST_ITEM.match(text) and not goes_on):
        return "\n"
    return "" if language == "zh" else " "


def chosen(prompt: Prompt) -> list[_Given]:
    """Return the sentences to give, best first; those of a list stand as they do in the document."""
    wanted = answer_type(prompt.question)
    ranked = [sentence for sentence in prompt.evidence.sentences if sentence.passage < len(prompt.passages)]
    best = ranked[0].score if ranked else 0.0
    near = ranked[:1] + [sentence for sentence in ranked[1:MAX_SENTENCES] if sentence.score >= NEAR_BEST[wanted] * best]
    if wanted is AnswerType.LIST:
        for sentence in near:
            gathered = _gather_list(sentence, prompt.passages[sentence.passage])
            if gathered:
                return gathered
    given: dict[str, _Place] = {}  # documents may say the same twice
    for sentence in near:
        given.setdefault(sentence.text, (sentence.passage, sentence.position))
    return [(place, text) for text, place in given.items()]


def _gather_list(introduction: EvidenceSentence, passage: Passage) -> list[_Given]:
    """Return the introduction and the items that follow it; empty where it introduces no list."""
    spans = sentence_spans(passage.text)
    first = introduction.position
    if not spans[first].of(passage.text).endswith((":", "：")):
        return []
    last, items = first + 1, 0
    for before, span in pairwise(spans[first : first + 1 + MAX_LIST_SENTENCES]):
        item = _LIST_ITEM.match(span.of(passage.text)) is not None
        # A sentence that is no item goes on from one only where it stands on the same line.
        if not item and (not items or "\n" in passage.text[before.end : span.start]):
            break
        items += item
        last += 1
    if items < 2:
        return []
    return [((introduction.passage, i), spans[i].of(passage.text)) for i in range(first, last)]
