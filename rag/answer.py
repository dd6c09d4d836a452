"""Answerer: a question becomes events. The streamed answer and the plain one are the same events."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from rag import ports
from rag.conversation import without_marks
from rag.courtesy import without_courtesy
from rag.disagree import conflict_in, disagreements_in
from rag.drafting import Draft, Drafted, Drafter, Unsupported
from rag.errors import FootnoteError, InvalidRequest, NotFound
from rag.evidence.confidence import ACCEPTED_ERROR, least_confidence
from rag.evidence.reading import Alike
from rag.evidence.short import placed
from rag.evidence.weigh import together, weigh
from rag.filters import EVERYTHING, Filters
from rag.hostile import flagged, without_orders
from rag.library.library import Library
from rag.plan import Retrieval, Step
from rag.prompt import within_budget
from rag.prompting import Prompter
from rag.retrieve import Retriever
from rag.support import Check, verdict
from rag.text import question_language
from rag.types import (
    Answer,
    Citation,
    Cited,
    Delta,
    Event,
    Evidence,
    Failed,
    Finished,
    Passage,
    RefusalReason,
    Retrieved,
    Status,
    Turn,
)

_REFUSALS = {
    ("en", RefusalReason.EMPTY_LIBRARY): "There are no documents here yet, so there is nothing to answer from.",
    ("zh", RefusalReason.EMPTY_LIBRARY): "这里还没有任何文档，因此无法回答。",
    ("en", RefusalReason.NO_EVIDENCE): "The documents do not mention this.",
    ("zh", RefusalReason.NO_EVIDENCE): "文档中没有提到相关内容。",
    ("en", RefusalReason.WEAK_EVIDENCE): (
        "The documents do not clearly answer this. The nearest passages are listed, so that you can judge for yourself."
    ),
    ("zh", RefusalReason.WEAK_EVIDENCE): "文档没有明确回答这个问题。下面列出最接近的段落，供您自行判断。",
}


class Answerer:
    def __init__(
        self,
        library: Library,
        retriever: Retriever,
        model: ports.Generator,
        *,
        min_confidence: float | None = None,
        accepted_error: float = ACCEPTED_ERROR,
        budget_characters: int,
        unsupported: Unsupported = "flag",
        check: Check = verdict,
        alike: Alike | None = None,
        prompter: Prompter | None = None,
    ) -> None:
        """min_confidence: below it a question is refused; None: as rag.evidence.confidence draws the line for the
        question's language, where this share of those that the documents answer may be refused.

        unsupported: what is done with a sentence that its source does not say. prompter: None: our own rules."""
        self._library = library
        self._retriever = retriever
        self._model = model
        self._drafter = Drafter(model, check=check, unsupported=unsupported)
        self._alike = alike
        self._prompter = prompter or Prompter(model, budget_characters=budget_characters)
        self._min_confidence = min_confidence
        self._accepted_error = accepted_error
        self._budget_characters = budget_characters

    def ask(
        self,
        question: str,
        *,
        keep: int | None = None,
        filters: Filters = EVERYTHING,
        earlier: Sequence[Turn] = (),
        conversation_id: str | None = None,
    ) -> Iterator[Event]:
        """Answer in events: Status, Retrieved, Delta and Cited, and Finished or Failed at the end.

        earlier: the conversation's turns before this one, oldest first. Closing the iterator stops the generator.
        """
        try:
            yield from self._events(question, keep, filters, earlier, conversation_id)
        except FootnoteError as error:
            yield Failed(error.name, str(error), error.hint)

    def answer(
        self,
        question: str,
        *,
        keep: int | None = None,
        filters: Filters = EVERYTHING,
        earlier: Sequence[Turn] = (),
        conversation_id: str | None = None,
    ) -> Answer:
        """Drain the same events and return the answer; where `ask` gives Failed, the error itself is raised."""
        for event in self._events(question, keep, filters, earlier, conversation_id):
            if isinstance(event, Finished):
                return event.answer
        raise AssertionError("the events ended without an answer")

    def _events(
        self,
        question: str,
        keep: int | None,
        filters: Filters,
        earlier: Sequence[Turn],
        conversation_id: str | None,
    ) -> Iterator[Event]:
        question = question.encode("utf-8", "replace").decode().strip()  # half a surrogate pair cannot be sent on
        if not question:
            raise InvalidRequest("the question is empty", hint="ask in a sentence, or with a few words")
        clock = _Clock()
        yield Status("retrieving")
        retrieval = yield from self._retrieve(question, keep, filters, earlier)
        passages = flagged(retrieval.passages)
        clock.lap("retrieve")
        clock.took(retrieval.steps)
        yield Retrieved(passages)
        yield Status("answering")
        readable = within_budget(passages, self._budget_characters)
        evidence = without_orders(self._weigh(retrieval, readable), readable, question)
        clock.lap("weigh")
        draft = Answer(
            question=question,
            text="",
            citations=(),
            passages=passages,
            refused=False,
            reason=None,
            confidence=round(evidence.confidence, 4),
            model=self._model.name,
            conversation_id=conversation_id,
            searched_for=retrieval.question if retrieval.question != without_courtesy(question) else None,
        )
        reason = self._reason_to_refuse(retrieval.question, passages, evidence)
        if reason is None:
            answer = yield from self._generate(draft, evidence, earlier, clock)
        else:
            answer = yield from self._refuse(draft, reason, clock)
        yield Finished(replace(answer, timings=clock.finish()))

    def _retrieve(
        self, question: str, keep: int | None, filters: Filters, earlier: Sequence[Turn]
    ) -> Generator[Status, None, Retrieval]:
        """Say what is done to the question as it is done."""
        stages = self._retriever.stages(
            question,
            keep=keep,
            filters=filters,
            earlier=[turn.question for turn in earlier],
            answered=without_marks(earlier[-1].answer) if earlier else "",
        )
        while True:
            try:
                yield Status(next(stages))
            except StopIteration as done:
                retrieval: Retrieval = done.value
                return retrieval

    def _weigh(self, retrieval: Retrieval, passages: Sequence[Passage]) -> Evidence:
        """Weigh each part of the question by itself: one sentence seldom answers two.

        Where it was asked again by a name, what answers that goes before what gives the name.
        """

        def weighed(question: str) -> Evidence:
            return weigh(question, passages, self._library.lexical_frequency, len(self._library), self._alike)

        parts = [weighed(asked) for asked in retrieval.asked]
        least = self._least_confidence(retrieval.question)
        evidence = together(parts, least=least) if len(parts) > 1 else parts[0]
        named = max(map(weighed, retrieval.named), key=lambda one: one.confidence, default=None)
        if named is None or named.confidence < least:
            return evidence
        return together([named, evidence], least=0.0)

    def _reason_to_refuse(self, question: str, passages: Sequence[Passage], evidence: Evidence) -> RefusalReason | None:
        if not len(self._library):
            return RefusalReason.EMPTY_LIBRARY
        if not passages or not evidence.sentences:
            return RefusalReason.NO_EVIDENCE
        return RefusalReason.WEAK_EVIDENCE if evidence.confidence < self._least_confidence(question) else None

    def _least_confidence(self, question: str) -> float:
        if self._min_confidence is not None:
            return self._min_confidence
        return least_confidence(question_language(question), self._accepted_error)

    def _generate(
        self, draft: Answer, evidence: Evidence, earlier: Sequence[Turn], clock: _Clock
    ) -> Generator[Status | Delta | Cited, None, Answer]:
        language = question_language(draft.question)
        prompt = self._prompter.prompt(
            draft.searched_for or without_courtesy(draft.question), language, draft.passages, evidence, earlier
        )
        drafted = yield from clock.watch(self._drafter.draft(prompt, place=self._placed))
        answer = replace(
            draft,
            text=drafted.text,
            citations=drafted.citations,
            uncited=drafted.uncited,
            short=placed(evidence, drafted.citations),
            disagreements=disagreements_in(
                conflict_in(prompt.question, prompt.evidence.sentences, prompt.passages),
                drafted.citations,
                prompt.passages,
            ),
            usage=drafted.usage,
        )
        if drafted.not_found:
            return (yield from self._refuse(answer, RefusalReason.NO_EVIDENCE, clock))
        if not drafted.text.strip():  # a model that found nothing to say
            return (yield from self._refuse(answer, RefusalReason.WEAK_EVIDENCE, clock))
        return answer

    def _refuse(self, draft: Answer, reason: RefusalReason, clock: _Clock) -> Generator[Delta, None, Answer]:
        text = _REFUSALS[question_language(draft.question), reason]
        clock.lap("first_token")
        yield Delta(text)
        return replace(draft, text=draft.text + text, refused=True, reason=reason)

    def _placed(self, citation: Citation) -> Citation:
        """Say where it stands, unless the text that is quoted has been removed or replaced meanwhile."""
        try:
            document = self._library.document(citation.document_id)
        except NotFound:
            return citation
        if document.version != citation.version:
            return citation
        boxes = self._library.boxes_in(document, citation.span)
        place = self._library.place_in(document, citation.span)
        return replace(citation, boxes=boxes, page=boxes[0].page if boxes else None, place=place)


class _Clock:
    """Milliseconds since the question came; each name keeps its first lap."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._laps: dict[str, float] = {}
        self._stages: dict[str, float] = {}

    def lap(self, name: str) -> None:
        self._laps.setdefault(name, (time.perf_counter() - self._start) * 1000)

    def watch(self, events: Draft) -> Draft:
        """Note when the first piece of text comes."""
        with closing(events):
            while True:
                try:
                    event = next(events)
                except StopIteration as done:
                    drafted: Drafted = done.value
                    return drafted
                if isinstance(event, Delta):
                    self.lap("first_token")
                yield event

    def took(self, steps: Sequence[Step]) -> None:
        """Add how long each stage of retrieval took, in all its rounds."""
        for step in steps:
            self._stages[step.stage] = self._stages.get(step.stage, 0.0) + step.milliseconds

    def finish(self) -> dict[str, float]:
        self.lap("total")
        return {**self._stages, **self._laps}
