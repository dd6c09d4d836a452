"""Judge by a language model: do the passages that were found say what the answer says? One verdict for the answer."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Protocol

from eval.judges.judge import failed, judged, without_marks
from eval.questions import Question
from rag.errors import GenerationFailed, ModelError
from rag.types import Answer

log = logging.getLogger(__name__)


class Faithfulness(Protocol):
    @property
    def name(self) -> str: ...

    def supported(self, answer: str, passages: Sequence[str]) -> bool:
        """Raises GenerationFailed, ModelError."""
        ...


class LlmJudge:
    """Implements Judge."""

    name = "llm"

    def __init__(self, model: Faithfulness) -> None:
        self._model = model

    def score(self, question: Question, answer: Answer) -> dict[str, float]:
        if answer.refused:
            return {}
        said = without_marks(answer.text)
        passages = [passage.text for passage in answer.passages if passage.text.strip()]
        if not said or not passages:
            return judged(self.name, [False])
        try:
            return judged(self.name, [self._model.supported(said, passages)])
        except (GenerationFailed, ModelError) as error:
            log.warning("%s judged nothing of question %s: %s", self._model.name, question.id, error)
            return failed(self.name)
