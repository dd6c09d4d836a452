"""Which quotes tell the same."""

from __future__ import annotations

import pytest

from eval.metrics.quotes import overlaps


@pytest.mark.parametrize(
    ("quote", "gold", "expected"),
    [
        ("对齐是指将 LLM 的行为与人类偏好对齐的过程。", "将LLM的行为与人类偏好对齐", True),
        ("将 LLM 的行为与人类偏好对齐", "对齐是指将 LLM 的行为与人类偏好对齐的过程。", True),
        ("偏好", "对齐是指将 LLM 的行为与人类偏好对齐的过程。", False),  # too short a piece of it
        ("先讲别的。对齐是指将 LLM 的行为与人类", "对齐是指将 LLM 的行为与人类偏好对齐的过程。", True),
        ("數據增強：持續擴充", "数据增强:持续扩充", True),
        ("2019年发布的GPT-2包含15亿个参数", "2019年發(fā)布的GPT-2包含15億個(gè)參數(shù)。", True),
        ("", "anything", False),
        ("anything", "", False),
    ],
)
def test_quotes_overlap_when_they_share_half_of_the_gold_one(quote: str, gold: str, expected: bool) -> None:
    assert overlaps(quote, gold) is expected
