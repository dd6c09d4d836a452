"""What of a conversation a language model is told again: the last turns word for word, those before them in short.

Pure over text: knows nothing of models, stores or passages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.fence import defused
from rag.ports import Message
from rag.text import sentence_spans
from rag.types import Turn

MOST_ANSWER_CHARACTERS = 1000  # of an earlier answer; the rest is in the documents still
MOST_QUESTION_CHARACTERS = 200  # of a question in a summary
MOST_QUESTIONS = 12  # in a summary; what was asked before them is no longer meant
_MARK = re.compile(r"[ \t]*[\[【] ?\d{1,3}(?: ?[,，、;；] ?\d{1,3}){0,9} ?[\]】]")
_ASKED = {"en": "Asked before: ", "zh": "之前问过："}
_JOINT = " / "

Count = Callable[[Sequence[Message]], int]


@dataclass(frozen=True, slots=True)
class Remembered:
    """turns: the newest with their answers, oldest first; summary: of what was said before them, "" for nothing."""

    turns: tuple[Turn, ...] = ()
    summary: str = ""

    @property
    def messages(self) -> tuple[Message, ...]:
        """The turns as a chat has them, without the marks of answers: their passages are numbered no more."""
        return tuple(message for turn in self.turns for message in _messages(turn))


NOTHING_SAID = Remembered()


def recent(turns: Sequence[Turn], tokens: int, count: Count) -> tuple[tuple[Turn, ...], tuple[Turn, ...]]:
    """Return the older turns, and the newest that fit so many tokens; both oldest first.

    A turn that was never answered is no exchange, so it is with the older ones.
    """
    first, left = len(turns), tokens
    for place in reversed(range(len(turns))):
        left -= count(_messages(turns[place])) if turns[place].answer else 0
        if left < 0:
            break
        first = place
    kept = [turn for turn in turns[first:] if turn.answer]
    older = [turn for place, turn in enumerate(turns) if place < first or not turn.answer]
    return tuple(older), tuple(kept)


def questions_of(turns: Sequence[Turn], language: str) -> str:
    """Return the summary that needs no model: what was asked; "" where nothing was."""
    asked = [defused(_cut(turn.question, MOST_QUESTION_CHARACTERS)) for turn in turns[-MOST_QUESTIONS:]]
    return _ASKED[language] + _JOINT.join(" ".join(one.split()) for one in asked) if asked else ""


def without_marks(answer: str) -> str:
    return _MARK.sub("", answer).strip()


def shortened(answer: str, characters: int) -> str:
    """Return an answer without its marks, cut at a sentence's end, or within its first sentence."""
    return _cut(without_marks(answer), characters)


def _messages(turn: Turn) -> tuple[Message, Message]:
    answer = shortened(turn.answer, MOST_ANSWER_CHARACTERS)
    return Message("user", defused(turn.question)), Message("assistant", defused(answer))


def _cut(text: str, characters: int) -> str:
    if len(text) <= characters:
        return text
    ends = [span.end for span in sentence_spans(text) if span.end <= characters]
    return text[: ends[-1]] if ends else text[: characters - 1] + "…"
