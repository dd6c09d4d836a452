"""rag.asked: what a question asks for, and the names in it."""

from __future__ import annotations

import pytest

from rag.asked import AnswerType, answer_type, holds_type, name_terms
from rag.text import search_terms


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("什么是检索增强生成？", AnswerType.DEFINITION),
        ("幻觉指的是什么？", AnswerType.DEFINITION),
        ("What is a holt?", AnswerType.DEFINITION),
        ("What does RAG mean?", AnswerType.DEFINITION),
        ("提示工程有哪些方法？", AnswerType.LIST),
        ("部署分为哪几个阶段", AnswerType.LIST),
        ("微調和預訓練有什麼區別？", AnswerType.LIST),
        ("What are the steps of a restore?", AnswerType.LIST),
        ("GPT-3 是哪一年发布的？", AnswerType.DATE),
        ("啥时候出来的", AnswerType.DATE),
        ("When was the bridge built?", AnswerType.DATE),
        ("GPT-2 有多少参数？", AnswerType.NUMBER),
        ("How many people live there?", AnswerType.NUMBER),
        ("Who built the bridge?", AnswerType.OTHER),
        ("谁建的桥？", AnswerType.OTHER),
        ("", AnswerType.OTHER),
    ],
)
def test_a_question_tells_what_it_asks_for(question: str, asked: AnswerType) -> None:
    assert answer_type(question) is asked


@pytest.mark.parametrize(
    ("text", "asked", "held"),
    [
        ("它于 2020 年发布。", AnswerType.DATE, True),
        ("Built in March.", AnswerType.DATE, True),
        ("It is old.", AnswerType.DATE, False),
        ("约有三千个参数", AnswerType.NUMBER, True),
        ("Two people.", AnswerType.NUMBER, True),
        ("Many people.", AnswerType.NUMBER, False),
        ("幻觉是指模型编造事实。", AnswerType.DEFINITION, True),
        ("- Docker", AnswerType.LIST, False),
    ],
)
def test_a_text_holds_what_is_asked_for_or_does_not(text: str, asked: AnswerType, held: bool) -> None:
    assert holds_type(text, asked) is held


def test_names_are_capitalised_words_codes_and_latin_words_among_chinese() -> None:
    assert name_terms("Who did the Panthers beat in 2016?") == set(search_terms("Panthers 2016"))
    assert name_terms("用 lora 微调时") == set(search_terms("lora"))
    assert name_terms("Where is it?") == set()
