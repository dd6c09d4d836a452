"""Judge by the sentence check that stands under every answer: its own verdict, sentence by sentence. Needs no model."""

from __future__ import annotations

from eval.judges.judge import Sentence, judged, sentences_of
from eval.questions import Question
from rag.types import Answer, CitationStatus


class CheckJudge:
    """Implements Judge. A sentence that cites nothing is not supported."""

    name = "check"

    def score(self, question: Question, answer: Answer) -> dict[str, float]:  # noqa: ARG002
        if answer.refused:
            return {}
        return judged(self.name, [_is_verified(sentence, answer) for sentence in sentences_of(answer)])


def _is_verified(sentence: Sentence, answer: Answer) -> bool:
    """Say whether each part of the sentence that cites anything has a verified citation, and no part lacks one."""
    if any(one.answer_span.overlaps(sentence.span) for one in answer.uncited):
        return False
    cited = {one.answer_span for one in sentence.citations}
    verified = {one.answer_span for one in sentence.citations if one.status is CitationStatus.VERIFIED}
    return bool(cited) and cited == verified
