"""rag.models.sampling: tokens are drawn with the odds that the scores give, and by their own seed."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rag.models.sampling import BELOW_ONE, SeededDraw, draw, seeded_sampling

NO_TOKENS: Any = torch.zeros(1, dtype=torch.long)  # what stands before is not looked at


def request(seed: int, place: int) -> Any:
    state = SimpleNamespace(logit_processor_kwargs={"seed": seed}, initial_tokens=[0] * place, generated_len=lambda: 0)
    return SimpleNamespace(state=state, has_new_token=True)


def drawn(scores: torch.Tensor, requests: list[Any], **wanted: Any) -> list[int]:
    """Return the token that is taken for each row of scores."""
    sampling = seeded_sampling(**{"temperature": 1.0, "top_p": 1.0} | wanted)
    storage = torch.zeros((1, len(requests)), dtype=torch.int32)
    sampling.prepare_tensor_args(requests, storage)
    tokens: list[int] = sampling(NO_TOKENS, scores, storage).argmax(dim=-1).tolist()
    return tokens


def shares(odds: list[float], **wanted: Any) -> dict[int, float]:
    rows = 4000
    scores = torch.tensor(odds).log().repeat(rows, 1)
    counted = Counter(drawn(scores, [request(7, place) for place in range(rows)], **wanted))
    return {token: count / rows for token, count in counted.items()}


def test_tokens_come_as_often_as_their_odds_say() -> None:
    assert shares([0.5, 0.3, 0.2, 0.0]) == pytest.approx({0: 0.5, 1: 0.3, 2: 0.2}, abs=0.03)


def test_a_low_temperature_sharpens_the_odds() -> None:
    assert shares([0.6, 0.4], temperature=0.5) == pytest.approx({0: 0.36 / 0.52, 1: 0.16 / 0.52}, abs=0.03)


def test_the_unlikely_are_left_out_by_top_p() -> None:
    assert shares([0.5, 0.3, 0.2], top_p=0.7) == pytest.approx({0: 0.625, 1: 0.375}, abs=0.03)


def test_a_draw_depends_on_seed_and_place_and_not_on_the_company() -> None:
    scores = torch.randn((1, 50), generator=torch.Generator().manual_seed(0))
    alone = [drawn(scores, [request(1, place)])[0] for place in range(20)]
    assert drawn(scores.repeat(20, 1), [request(1, place) for place in range(20)]) == alone
    assert alone != [drawn(scores, [request(2, place)])[0] for place in range(20)]
    assert len(set(alone)) > 1


@given(st.lists(st.floats(-50, 50) | st.just(float("-inf")), min_size=1, max_size=8), st.integers(0, 99))
def test_what_cannot_be_is_never_drawn(scores: list[float], place: int) -> None:
    if max(scores) == float("-inf"):
        scores[0] = 0.0
    token = drawn(torch.tensor([scores]), [request(0, place)])[0]
    assert scores[token] > float("-inf")


@pytest.mark.parametrize("number", [0.0, BELOW_ONE])
def test_the_first_and_the_last_number_take_what_can_be(number: float) -> None:
    scores = torch.tensor([[float("-inf"), 1.0, 1.0, float("-inf")]])
    stored = torch.tensor([number], dtype=torch.float32).view(torch.int32)
    token = int(SeededDraw()(scores, stored).argmax())
    assert token == (1 if number == 0.0 else 2)


def test_numbers_are_below_one_in_32_bits_too() -> None:
    assert torch.tensor(BELOW_ONE, dtype=torch.float32) < 1
    assert all(0 <= draw(seed, 3) <= BELOW_ONE for seed in range(100))
