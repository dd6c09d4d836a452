"""rag.models.paged: each request of a packed step sees what it would see alone."""

from __future__ import annotations

from itertools import accumulate, pairwise
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from rag.models.paged import look_back

HEADS, KEY_HEADS, WIDTH = 4, 2, 8
# Of each request: tokens that are new, and all that it has with them. A prompt, one word more, and a part of a prompt.
STEPS = [[(5, 5)], [(1, 9)], [(3, 8)], [(1, 1), (6, 6), (1, 12), (4, 11), (1, 7)]]


class Packed:
    """A cache that gives what it was made with."""

    def __init__(self, keys: torch.Tensor, values: torch.Tensor, starts: list[int]) -> None:
        self._held = (keys, values)
        self._starts = starts

    def update(self, *, kwargs: dict[str, Any], **_: Any) -> tuple[torch.Tensor, torch.Tensor]:
        kwargs["cu_seq_lens_k"] = torch.tensor(self._starts)
        return self._held


def plainly(query: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, sliding_window: int | None) -> torch.Tensor:
    """One request's attention, written out token by token."""
    new, known = query.shape[2], keys.shape[2]
    keys, values = (part.repeat_interleave(HEADS // KEY_HEADS, dim=1) for part in (keys, values))
    rows = []
    for number in range(new):
        last = known - new + number + 1
        first = max(0, last - sliding_window) if sliding_window is not None else 0
        scores = (query[:, :, number : number + 1] @ keys[:, :, first:last].transpose(2, 3)) * 0.5
        rows.append(scores.softmax(dim=-1) @ values[:, :, first:last])
    return torch.cat(rows, dim=2)


@pytest.mark.parametrize("sliding_window", [None, 4, 100])
@pytest.mark.parametrize("step", STEPS)
def test_a_request_sees_its_own_tokens_up_to_each_and_no_others(
    step: list[tuple[int, int]], sliding_window: int | None
) -> None:
    torch.manual_seed(0)
    new, known = ([0, *accumulate(counts)] for counts in zip(*step, strict=True))
    query = torch.randn(1, HEADS, new[-1], WIDTH)
    keys, values = (torch.randn(1, KEY_HEADS, known[-1], WIDTH) for _ in range(2))
    seen, _ = look_back(
        SimpleNamespace(layer_idx=0),
        query,
        keys,
        values,
        None,
        cu_seq_lens_q=torch.tensor(new),
        cache=Packed(keys, values, known),
        scaling=0.5,
        sliding_window=sliding_window,
    )
    wanted = [
        plainly(query[:, :, first:last], keys[:, :, begin:end], values[:, :, begin:end], sliding_window)
        for (first, last), (begin, end) in zip(pairwise(new), pairwise(known), strict=True)
    ]
    torch.testing.assert_close(seen, torch.cat(wanted, dim=2).transpose(1, 2), atol=1e-5, rtol=1e-4)
