"""Drafter: a prompt becomes text with checked citations, as a stream. Knows nothing of retrieval or refusal."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Literal

from rag import ports
from rag.cite import Citer
from rag.ports import Prompt
from rag.support import Check
from rag.types import Citation, Cited, Delta, Status, Uncited, Usage

Unsupported = Literal["flag", "drop", "retry"]
Place = Callable[[Citation], Citation]


@dataclass(frozen=True, slots=True)
class Drafted:
    text: str
    citations: tuple[Citation, ...]
    uncited: tuple[Uncited, ...]
    usage: Usage


Draft = Generator[Status | Delta | Cited, None, Drafted]


class Drafter:
    def __init__(self, model: ports.Generator, *, check: Check, unsupported: Unsupported = "flag") -> None:
        self._model = model
        self._check = check
        self._unsupported = unsupported

    def draft(self, prompt: Prompt, *, place: Place) -> Draft:
        """Yield what may be shown, and each citation when its mark is whole. Closing it stops the model.

        place: says on which page a citation stands. Raises GenerationFailed.
        """
        citer = Citer(prompt.passages, self._check)
        citations: list[Citation] = []

        def placed(events: Iterable[Delta | Cited]) -> Iterator[Delta | Cited]:
            for event in events:
                if isinstance(event, Cited):
                    citation = place(event.citation)
                    citations.append(citation)
                    yield replace(event, citation=citation)
                else:
                    yield event

        with closing(self._model.generate(prompt)) as pieces:
            while True:
                try:
                    piece = next(pieces)
                except StopIteration as done:
                    usage: Usage = done.value
                    break
                yield from placed(citer.feed(piece))
        yield from placed(citer.close())
        return Drafted(citer.text, tuple(citations), (), usage)
