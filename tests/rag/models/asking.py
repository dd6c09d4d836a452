"""A question put to a language model behind a server, and what came of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rag.errors import GenerationFailed
from rag.models.remote import RemoteGenerator
from rag.ports import Message, Prompt
from rag.types import Evidence, Usage

KEY = "sk-very-secret-key"
MESSAGES = (Message("system", "Rules."), Message("user", "What do otters eat?"))
PROMPT = Prompt("What do otters eat?", "en", (), MESSAGES, Evidence(0.0, ()))
ANSWER = "Otters eat crabs [1]."

Make = Callable[..., RemoteGenerator]


def drain(model: RemoteGenerator) -> tuple[list[str], Usage]:
    pieces, stream = [], model.generate(PROMPT)
    while True:
        try:
            pieces.append(next(stream))
        except StopIteration as done:
            return pieces, done.value


def failed(model: RemoteGenerator, *, after: str | None = None) -> GenerationFailed:
    """Return what it fails with. after: the text that is shown before."""
    pieces: list[str] = []
    with pytest.raises(GenerationFailed) as caught:
        pieces.extend(model.generate(PROMPT))
    assert "".join(pieces) == (after or "")
    assert type(caught.value) is GenerationFailed
    assert caught.value.hint
    return caught.value
