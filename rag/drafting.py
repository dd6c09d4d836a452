"""Drafter: a prompt becomes text with checked citations, as a stream. Knows nothing of retrieval or refusal.

What a language model writes is made plain (rag/plain.py) before its marks are read; a generator that reads no messages
gives the documents' own words, which stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Literal

from rag import ports
from rag.cite import Citer
from rag.errors import GenerationFailed
from rag.plain import Plain
from rag.ports import Message, Prompt
from rag.support import Check
from rag.types import Citation, CitationStatus, Cited, Delta, Passage, Status, Uncited, Usage

Unsupported = Literal["flag", "drop", "retry"]
Place = Callable[[Citation], Citation]
MOST_NAMED = 5  # faulty sentences that a model is told of

_AGAIN = {
    "en": (
        "These sentences of your answer are not what the passages say:\n{faults}\n\nWrite the whole answer again from "
        "the passages alone, with the number of its passage after each sentence, and without what no passage says."
    ),
    "zh": (
        "你的回答中，下面这些句子与段落内容不符：\n{faults}\n\n"
        "请只根据段落重新写出完整的回答，每句话之后写上所依据段落的编号，段落里没有说的不要写。"
    ),
}


@dataclass(frozen=True, slots=True)
class Drafted:
    """written: what the generator wrote, with its own marks. not_found: it said that the documents do not tell, and
    nothing else; then there is no text.
    """

    text: str
    citations: tuple[Citation, ...]
    uncited: tuple[Uncited, ...]
    usage: Usage
    written: str = ""
    not_found: bool = False

    @property
    def faults(self) -> list[str]:
        """The sentences that no source says, each once."""
        spans = [one.answer_span for one in self.citations if one.status is CitationStatus.UNSUPPORTED]
        spans += [one.answer_span for one in self.uncited]
        return list(dict.fromkeys(span.of(self.text) for span in sorted(spans, key=lambda span: span.start)))

    @property
    def verified(self) -> int:
        """How many of its sentences a source says."""
        spans = {one.answer_span for one in self.citations if one.status is CitationStatus.VERIFIED}
        return len(spans)


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
        if self._unsupported == "retry" and self._model.context_tokens is not None:
            return (yield from self._twice(prompt, place))
        return (yield from self._once(prompt, place, "drop" if self._unsupported == "drop" else "flag"))

    def _once(self, prompt: Prompt, place: Place, unsupported: Literal["flag", "drop"]) -> Draft:
        words: Literal["free", "quoted"] = "quoted" if self._model.context_tokens is None else "free"
        citer = Citer(prompt.passages, self._check, question=prompt.question, unsupported=unsupported, words=words)
        citations: list[Citation] = []
        written: list[str] = []
        with closing(self._pieces(prompt)) as pieces:
            while True:
                try:
                    written.append(next(pieces))
                except StopIteration as done:
                    usage: Usage = done.value
                    break
                for event in citer.feed(written[-1]):
                    yield _placed(event, place, citations)
        for event in citer.close():
            yield _placed(event, place, citations)
        uncited = tuple(citer.uncited)
        return Drafted(citer.text, tuple(citations), uncited, usage, "".join(written), citer.not_found)

    def _pieces(self, prompt: Prompt) -> Generator[str, None, Usage]:
        """Give the model's text as it may be shown."""
        if self._model.context_tokens is None:
            return (yield from self._model.generate(prompt))
        plain = Plain(_sources(prompt.passages))
        with closing(self._model.generate(prompt)) as pieces:
            while True:
                try:
                    yield plain.feed(next(pieces))
                except StopIteration as done:
                    usage: Usage = done.value
                    break
        yield plain.close()
        return usage

    def _twice(self, prompt: Prompt, place: Place) -> Draft:
        """Hold the first draft back; where it has faults, ask for another, and give the better of the two."""
        events, first = yield from _held(self._once(prompt, place, "flag"), Status("checking"))
        again = self._again(prompt, first)
        if again is None:
            yield from events
            return first
        try:
            others, second = yield from _held(self._once(again, place, "flag"), Status("retrying"))
        except GenerationFailed:  # the first is whole
            yield from events
            return first
        usage = Usage(
            first.usage.prompt_tokens + second.usage.prompt_tokens,
            first.usage.completion_tokens + second.usage.completion_tokens,
        )
        if _worth(second) > _worth(first):
            events, first = others, second
        yield from events
        return replace(first, usage=usage)

    def _again(self, prompt: Prompt, first: Drafted) -> Prompt | None:
        """Return the prompt that names the faults; None where there are none, or where it is more than is read."""
        if not first.faults:
            return None
        faults = "\n".join(f"- {' '.join(fault.split())}" for fault in first.faults[:MOST_NAMED])
        told = Message("user", _AGAIN[prompt.language].format(faults=faults))
        messages = (*prompt.messages, Message("assistant", first.written), told)
        tokens = self._model.context_tokens
        if tokens is None or self._model.count_tokens(messages) > tokens:
            return None
        return replace(prompt, messages=messages)


def _worth(drafted: Drafted) -> tuple[int, int, int]:
    """Order drafts: one that says something before one that does not, then by its faults, then by what it says."""
    return int(drafted.verified > 0), -len(drafted.faults), drafted.verified


def _placed(event: Delta | Cited, place: Place, citations: list[Citation]) -> Delta | Cited:
    if isinstance(event, Delta):
        return event
    citation = place(event.citation)
    citations.append(citation)
    return Cited(citation)


def _held(draft: Draft, status: Status) -> Generator[Status, None, tuple[list[Status | Delta | Cited], Drafted]]:
    """Keep a draft's events back. The status comes again with each citation: whoever has gone is noticed then."""
    yield status
    events: list[Status | Delta | Cited] = []
    with closing(draft):
        while True:
            try:
                event = next(draft)
            except StopIteration as done:
                drafted: Drafted = done.value
                return events, drafted
            events.append(event)
            if isinstance(event, Cited):
                yield status


def _sources(passages: Sequence[Passage]) -> list[str]:
    """What an address must stand in, to be shown."""
    return [f"{passage.title}\n{passage.text}" for passage in passages]
