"""rag.check.names and rag.check.exchange: whose name it is."""

from __future__ import annotations

import pytest

from rag.check.verdict import compare


def is_wrong(claim: str, quote: str) -> bool:
    return "name" in compare(claim, quote).problems


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("In 1990 the firm moved to Bergen.", "In 1990 the firm moved to Oslo."),
        ("Tesla built the first motor in Paris.", "Edison built the first motor in Paris."),
        ("In 1990 the Panthers beat the Broncos there.", "In 1990 the Broncos beat the Panthers there."),
        ("王强在北京大学发表演讲。", "张伟在北京大学发表演讲。"),
        ("副總統吳珈慶繼任。", "1988年，副總統李登輝繼任。"),
        ("时任总统约翰·亚当斯签署了条约。", "时任总统约翰·泰勒签署了条约。"),
        ("他写了《红楼梦》一书。", "他写了《西游记》一书。"),
        ("It runs on GPT-3 alone.", "It runs on GPT-4 alone."),
    ],
)
def test_another_name_is_a_problem(claim: str, quote: str) -> None:
    assert is_wrong(claim, quote)


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("The UN sent help to Haiti.", "The United Nations sent help to Haiti."),
        ("The United Nations sent help to Haiti.", "The UN sent help to Haiti."),
        ("The French army lost near Sedan.", "The army of France lost near Sedan."),
        ("It was James Hutton who wrote about Siccar Point.", "Hutton wrote about Siccar Point."),
        ("Beyoncé sang in Paris.", "Beyonce sang in Paris."),
        ("法国总统马克龙到访。", "法國總統埃馬紐埃爾·馬克龍到訪。"),
        ("北大位于北京。", "北京大学位于北京市。"),
        ("臺灣在1996年舉行選舉。", "台湾在1996年举行选举。"),
        ("It runs on GPT 4 alone.", "It runs on GPT-4 alone."),
    ],
)
def test_the_same_name_written_otherwise_is_none(claim: str, quote: str) -> None:
    assert not is_wrong(claim, quote)


def test_a_name_that_the_quote_may_say_by_a_pronoun_is_no_problem_but_less_certain() -> None:
    seen = compare("In 1640 Thomas fled to London.", "In 1640 he fled to London with Mary.")
    assert not seen.problems
    assert seen.unnamed == 0.5


def test_a_heading_in_capitals_names_nobody() -> None:
    assert not is_wrong("How To Train A Large Language Model", "How to train a large language model")
