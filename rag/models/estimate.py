"""Tokens of a text, estimated where the tokenizer is elsewhere: rather too many than too few.

A character of Chinese counts as one, four Latin letters of a word, two of any other alphabet, each digit and each sign
of punctuation. A tokenizer that was not made for Chinese can take more than one for a character, and is undercounted:
leave it room in llm.context_tokens.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.ports import Message

TEMPLATE_TOKENS = 8  # that a chat template puts around each message, counted rather too high
_TOKEN = re.compile(r"[A-Za-z]{1,4}|[^\W\d_\u2e80-\U0010ffff]{1,2}|\d|\S")


def estimate_starts(text: str) -> list[int]:
    """Return where each token of the text would start, in code points."""
    return [match.start() for match in _TOKEN.finditer(text)]


def estimate_tokens(text: str) -> int:
    return sum(1 for _ in _TOKEN.finditer(text)) + text.count("\n")


def estimate_messages(messages: Sequence[Message]) -> int:
    return sum(estimate_tokens(message.content) + TEMPLATE_TOKENS for message in messages)
