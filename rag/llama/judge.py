"""Ask a language model of ours, by LlamaIndex's FaithfulnessEvaluator, whether passages say what an answer says."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any

from llama_index.core.base.llms.types import CompletionResponse, CompletionResponseGen, LLMMetadata
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.evaluation import FaithfulnessEvaluator
from llama_index.core.llms import CustomLLM

from rag.errors import GenerationFailed
from rag.ports import LanguageModel, Message

VERDICT_TOKENS = 64  # it is asked for one word, and some explain themselves
UNTOLD_WINDOW = 4096
_VERDICT = re.compile(r"\b(yes|no)\b", re.IGNORECASE)
SHOWN = 80  # characters of what it said, in an error


class FaithfulnessJudge:
    def __init__(self, model: LanguageModel) -> None:
        self.name = model.name
        self._evaluator = FaithfulnessEvaluator(llm=_Asked(model))

    def supported(self, answer: str, passages: Sequence[str]) -> bool:
        """Raises GenerationFailed where the model fails, or says neither yes nor no, which the evaluator takes for no.

        passages: at least one.
        """
        # its own `evaluate` leaves an event loop open behind it
        found = asyncio.run(self._evaluator.aevaluate(response=answer, contexts=list(passages)))
        said = found.feedback or ""
        verdicts = {verdict.lower() for verdict in _VERDICT.findall(said)}
        if len(verdicts) != 1:
            raise GenerationFailed(
                f"{self.name} was asked for yes or no, and said {said[:SHOWN]!r}",
                hint="take a model that follows instructions, or another judge",
            )
        return verdicts == {"yes"}


class _Asked(CustomLLM):
    """Our model as one of LlamaIndex's, for questions of one message."""

    _model: LanguageModel = PrivateAttr()

    def __init__(self, model: LanguageModel) -> None:
        super().__init__()
        self._model = model

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(
            model_name=self._model.name,
            context_window=self._model.context_tokens or UNTOLD_WINDOW,
            num_output=VERDICT_TOKENS,
        )

    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:  # noqa: ARG002
        return CompletionResponse(text=self._model.complete([Message("user", prompt)], max_tokens=VERDICT_TOKENS))

    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseGen:  # noqa: ARG002
        yield self.complete(prompt)
