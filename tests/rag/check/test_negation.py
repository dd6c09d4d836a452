"""rag.check.negation: who says no, and who says the opposite."""

from __future__ import annotations

import pytest

from rag.check.verdict import compare


def contradicts(claim: str, quote: str) -> bool:
    return "negation" in compare(claim, quote).problems


PAIRS = [
    ("The firm did not move to Oslo.", "The firm did move to Oslo."),
    ("The plant never opened in spring.", "The plant opened in spring."),
    ("Sales increased sharply in 1990.", "Sales decreased sharply in 1990."),
    ("More than 100 people came.", "Less than 100 people came."),
    ("They met before the war.", "They met after the war."),
    ("All members of the board agreed.", "Some members of the board agreed."),
    ("The method is reliable in practice.", "The method is unreliable in practice."),
    ("It is the largest lake of the country.", "It is the smallest lake of the country."),
    ("马克龙支持该提案。", "马克龙不支持该提案。"),
    ("该公司没有获得许可。", "该公司获得许可。"),
    ("会议之前他离开了北京。", "会议之后他离开了北京。"),
    ("产量在1990年增加了一倍。", "产量在1990年减少了一倍。"),
    ("这是全国最大的湖泊。", "这是全国最小的湖泊。"),
    ("人口超过五万的城市。", "人口不足五万的城市。"),
]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_the_contrary_is_a_problem_whichever_side_says_it(one: str, other: str) -> None:
    assert contradicts(one, other)
    assert contradicts(other, one)


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("The firm moved to Oslo.", "The firm, which was not large, moved to Oslo."),
        ("The firm did not move.", "The firm never did move."),
        ("Not only Oslo but Bergen took part.", "Oslo took part, and so did Bergen."),
        ("The firm moved before the war.", "The firm moved before the war and grew after it."),
        ("不仅北京而且上海也参加了。", "北京参加了，上海也参加了。"),
        ("马克龙不支持该提案。", "马克龙并不支持该提案。"),
        ("未来的发展非常快。", "未来的发展非常快，没有停止。"),
    ],
)
def test_what_only_sounds_like_it_is_none(claim: str, quote: str) -> None:
    assert not contradicts(claim, quote)
