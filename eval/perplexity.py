"""How likely a local language model finds the answers that are known to be right, given their question alone.

Knows nothing of documents: it tells how much the model brings with it, and how it words things, not how well it reads.
The weights are loaded for this, beside those that answer.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from rag.build import TRANSFORMERS
from rag.config import Settings
from rag.errors import Misconfigured, ModelError
from rag.models.causal import CausalCard, find_causal, load_causal
from rag.models.chat import Chat, load_chat
from rag.ports import Message

log = logging.getLogger(__name__)


class Perplexity:
    """Weights and tokenizer are loaded at the first question."""

    def __init__(self, card: CausalCard) -> None:
        self._card = card

    @classmethod
    def of(cls, settings: Settings) -> Perplexity | None:
        """Return that of the model that the settings name; None where none runs in this process.

        Raises Misconfigured, ModelNotFound, ModelError.
        """
        if settings.answer.generator != TRANSFORMERS:
            return None
        llm = settings.llm
        if not llm.model:
            raise Misconfigured(
                f"answer.generator is {TRANSFORMERS}, and llm.model is not set",
                hint="set it: the name or the folder of a causal language model",
            )
        card = find_causal(
            llm.model,
            models=settings.data / "models",
            device=llm.device,
            dtype=llm.dtype,
            quantisation=llm.quantisation,
            adapter=llm.adapter,
        )
        return cls(card)

    def score(self, question: str, answers: Sequence[str]) -> dict[str, float]:
        """Return the sum of the logarithms of the chances of the answers' tokens, and how many these are.

        The model is asked by its own template, without rules or passages. An answer that does not fit into its window
        is left out and counted in reference.skipped. Nothing is said where there is no answer. Raises ModelError.
        """
        prompt = self._chat.encode([Message("user", question)])
        likelihood, tokens, skipped = 0.0, 0, 0
        for answer in dict.fromkeys(answers):
            said = self._tokens(answer)
            if not said or len(prompt) + len(said) > self._card.window_tokens:
                log.warning("%s does not read %d tokens of an answer", self._card.name, len(said))
                skipped += 1
                continue
            likelihood += self._likelihood(prompt, said)
            tokens += len(said)
        scores = {"reference.log_likelihood": likelihood, "reference.tokens": float(tokens)} if tokens else {}
        return scores | ({"reference.skipped": float(skipped)} if skipped else {})

    def _likelihood(self, prompt: Sequence[int], said: Sequence[int]) -> float:
        import torch

        model = self._model
        tokens = torch.tensor([[*prompt, *said]], device=model.device)
        with torch.inference_mode():
            try:
                logits = model(input_ids=tokens, use_cache=False).logits[0, len(prompt) - 1 : -1]
            except (RuntimeError, IndexError) as error:
                raise ModelError(f"{self._card.name} cannot read {tokens.shape[1]} tokens: {error}") from error
            chances = torch.log_softmax(logits.float(), dim=-1)
            found = float(chances.gather(1, tokens[0, len(prompt) :, None]).double().sum())
        if not math.isfinite(found):
            raise ModelError(
                f"{self._card.name} gave a chance that is no number", hint="set llm.dtype to float32 or bfloat16"
            )
        return found

    def _tokens(self, answer: str) -> list[int]:
        text = answer if self._chat.has_template else f" {answer}"  # a base model goes on after "Assistant:"
        found: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"] if answer.strip() else []
        return found

    @cached_property
    def _model(self) -> Any:
        return load_causal(self._card)

    @cached_property
    def _chat(self) -> Chat:
        return load_chat(self._card.name, self._card.folder)

    @cached_property
    def _tokenizer(self) -> Any:
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(str(self._card.folder), trust_remote_code=False, local_files_only=True)
