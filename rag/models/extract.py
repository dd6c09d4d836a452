"""The embedded default, which needs no language model: it answers in the documents' own sentences.

Which sentences carry evidence is known before it is asked (rag/evidence.py); it decides how many, and joins them: one
for a fact, more where they say nearly as much, and the whole list where a list is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Generator

from rag.asked import AnswerType, answer_type
from rag.cite import guard_marks
from rag.ports import Prompt
from rag.text import sentence_spans
from rag.types import EvidenceSentence, Passage

MAX_SENTENCES = 3
MAX_LIST_SENTENCES = 16
LONGEST_ITEM = 4  # sentences
# A further sentence is given only when it scores at least this share of the best.
NEAR_BEST = {
    AnswerType.NUMBER: 0.95,
    AnswerType.DATE: 0.95,
    AnswerType.DEFINITION: 0.85,
    AnswerType.LIST: 0.75,
    AnswerType.OTHER: 0.85,
}

_LIST_ITEM = re.compile(r"(?:[-*•·]|\(?\d{1,2}[.)、）]|（\d{1,2}）|[①-⑳]|第[一二三四五六七八九十]+[,、:：步])\s*\S")
_Place = tuple[int, int]  # passage, and sentence in it


class ExtractiveGenerator:
    """Implements ports.Generator."""

    name = "extractive"

    def generate(self, prompt: Prompt) -> Generator[str, None, None]:
        """Yield the sentences that answer, each with its passage's mark, in the order in which they are best read."""
        before = ""
        for place, text in chosen(prompt):
            if before:
                item = _LIST_ITEM.match(text) or _LIST_ITEM.match(before)
                yield "\n" if item else "" if prompt.language == "zh" else " "
            yield f"{guard_marks(text)} [{place[0] + 1}]"
            before = text


def chosen(prompt: Prompt) -> list[tuple[_Place, str]]:
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


def _gather_list(introduction: EvidenceSentence, passage: Passage) -> list[tuple[_Place, str]]:
    """Return the introduction and the items that follow it; empty where it introduces no list."""
    sentences = [span.of(passage.text) for span in sentence_spans(passage.text)]
    first = introduction.position
    if not sentences[first].endswith((":", "：")):
        return []
    items = [_LIST_ITEM.match(sentence) is not None for sentence in sentences]
    last = first + 1
    # An item of several sentences goes on up to the next item.
    while last < len(items) and last - first <= MAX_LIST_SENTENCES and any(items[last : last + LONGEST_ITEM]):
        last += 1
    if sum(items[first + 1 : last]) < 2:
        return []
    return [((introduction.passage, i), sentences[i]) for i in range(first, last)]
