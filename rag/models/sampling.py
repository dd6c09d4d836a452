"""Draw each next token so that an answer depends on its own seed, whoever else is in the batch.

transformers' own sampling in continuous batching draws for the whole batch from one stream of random numbers: the same
question gave another answer whenever another asker came or went.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import torch
from transformers import LogitsProcessorList, TemperatureLogitsWarper, TopPLogitsWarper
from transformers.generation.continuous_batching.cb_logits_processors import (
    ContinuousBatchingLogitsProcessor,
    ContinuousBatchingLogitsProcessorList,
)

BELOW_ONE = 1 - 2**-24  # the highest float32 below 1


class SeededDraw(ContinuousBatchingLogitsProcessor):
    """Puts all weight on one token, drawn with the odds that the scores give; what comes after takes the likeliest.

    The random number of a token is made of the request's seed and the token's place in its text.
    """

    supported_kwargs = {"seed": int}  # noqa: RUF012  (as its base class has it)
    ignored_kwargs = ()

    def fill_defaults(self, int32_tensor: torch.Tensor) -> None:
        int32_tensor.zero_()

    def prepare_tensor_args(self, requests_with_new_token: Sequence[Any]) -> torch.Tensor:
        """Return a number in [0, 1) for each request, float32 seen as int32, which is how they are stored."""
        states = [request.state for request in requests_with_new_token]
        drawn = [
            draw(state.logit_processor_kwargs["seed"], len(state.initial_tokens) + state.generated_len())
            for state in states
        ]
        return torch.tensor(drawn, dtype=torch.float32).view(torch.int32)

    def __call__(self, scores: torch.Tensor, tensor_arg: torch.Tensor) -> torch.Tensor:
        """scores: float32 (requests, vocabulary)."""
        drawn = tensor_arg[: scores.size(0)].view(torch.float32).double()
        summed = scores.double().softmax(dim=-1).cumsum(dim=-1)
        token = (summed <= (drawn * summed[:, -1])[:, None]).sum(dim=-1, keepdim=True)
        return torch.full_like(scores, float("-inf")).scatter_(1, token.clamp_(max=scores.size(1) - 1), 0.0)


def draw(seed: int, place: int) -> float:
    return min(random.Random(f"{seed} {place}").random(), BELOW_ONE)


def seeded_sampling(temperature: float, top_p: float) -> ContinuousBatchingLogitsProcessorList:
    """Return what a manager does to the scores before it takes the likeliest token; requests carry a seed."""
    steps = LogitsProcessorList([TemperatureLogitsWarper(temperature)])
    if top_p < 1.0:
        steps.append(TopPLogitsWarper(top_p))
    steps.append(SeededDraw())
    sampling = ContinuousBatchingLogitsProcessorList(steps)
    sampling.tensors_required = 1  # it counts those alone that it makes itself
    return sampling
