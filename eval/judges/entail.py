"""Judge by a model of natural language inference: do the quotes of a sentence entail it?"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from eval.judges.judge import Sentence, failed, judged, sentences_of
from eval.questions import Question
from rag.errors import ModelError
from rag.ports import Entailment
from rag.types import Answer

ENTAILED = 0.5  # the chance from which a sentence counts as entailed

log = logging.getLogger(__name__)


class EntailmentJudge:
    """Implements Judge. A sentence that cites nothing is not supported."""

    name = "entailment"

    def __init__(self, model: Entailment) -> None:
        self._model = model

    def score(self, question: Question, answer: Answer) -> dict[str, float]:
        if answer.refused:
            return {}
        sentences = sentences_of(answer)
        pairs = [(premise, sentence.text) for sentence in sentences for premise in _premises(sentence)]
        try:
            chances = iter(self._model.entails(pairs) if pairs else [])
        except ModelError as error:
            log.warning("%s judged nothing of question %s: %s", self._model.name, question.id, error)
            return failed(self.name)
        best = (max((next(chances) for _ in _premises(sentence)), default=0.0) for sentence in sentences)
        return judged(self.name, [chance >= ENTAILED for chance in best])


def _premises(sentence: Sentence) -> Sequence[str]:
    """Return each quote, and all of them together: a sentence may rest on two."""
    quotes = list(dict.fromkeys(one.quote for one in sentence.citations))
    return [*quotes, "\n".join(quotes)] if len(quotes) > 1 else quotes
