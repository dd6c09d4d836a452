"""What is polite goes, what is asked stays."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.courtesy import without_courtesy


@pytest.mark.parametrize(
    ("polite", "bare"),
    [
        ("Hello, I have a question. When was the pier built?", "When was the pier built?"),
        ("Could you please tell me: When was the pier built? Thank you!", "When was the pier built?"),
        ("Hi there! Can you tell me who built the pier, please?", "Who built the pier?"),
        ("I would like to know how many floors there are. Thanks in advance.", "How many floors there are."),
        ("Sorry to bother you, but do you know where the office is?", "Where the office is?"),
        ("Please help me with this: what is LoRA?", "What is LoRA?"),
        ("Is lunch free, please?", "Is lunch free?"),
        ("请问，码头是哪一年建的？", "码头是哪一年建的？"),
        ("请问一下码头是谁建的？谢谢！", "码头是谁建的？"),
        ("你好，能告诉我码头是谁建的吗？", "码头是谁建的吗？"),
        ("麻烦问一下，码头有多长？", "码头有多长？"),
        ("不好意思，我想知道碼頭是什麼時候建的？謝謝您。", "碼頭是什麼時候建的？"),
        ("您好！請告訴我，誰建了碼頭？", "誰建了碼頭？"),
        ("能告诉我们会议什么时候开始吗？", "会议什么时候开始吗？"),
        ("請告訴我們辦公室在哪裡？", "辦公室在哪裡？"),
        ("请问下一步怎么做？", "下一步怎么做？"),
        ("请问下周一放假吗？", "下周一放假吗？"),
        ("请问下哪个部门管理车位？", "哪个部门管理车位？"),
        ("请问一下半年的目标是什么？", "半年的目标是什么？"),
        ("请回答：什么是区块链？", "什么是区块链？"),
        ('Help me with this: print("hello, what?")', 'print("hello, what?")'),
        ("Please tell me: iPhone or Android, which is allowed?", "iPhone or Android, which is allowed?"),
    ],
)
def test_what_stands_around_a_question_goes(polite: str, bare: str) -> None:
    assert without_courtesy(polite) == bare


@pytest.mark.parametrize(
    "question",
    [
        "When was the pier built?",
        "How do I say thank you?",
        "How do I say 'hello, what is it?' in French?",
        "What does please mean?",
        "Do you know Python?",
        "Can you tell me about leave?",
        "Please list the offices.",
        "Could a visitor ring the bell?",
        "Hello?",
        "Hi! Thanks.",
        "Say cheese",
        "请问的意思是什么？",
        "“请问”是什么意思？",
        "怎么用日语说谢谢？",
        "问题是什么？",
        "能告诉我吗？",
        "你好，谢谢！",
        "谢谢",
        "请假须提前几天申请？",
        "可以说明书为准吗？",
        "能告诉我的同事怎么登录吗？",
        "可以告诉客户价格是多少吗？",
        "请回答1988是哪一年播出的？",
        "可以回答问题的人是谁？",
        "问问题时要注意什么？",
        "想问下属怎么请假？",
        "问下周几放假？",
        "我想知道的是谁批准了预算？",
        "请问候语怎么写？",
        "How do you say please?",
        "What is the French word for please?",
        "",
        "？",
    ],
)
def test_a_question_without_courtesy_or_about_it_stays(question: str) -> None:
    assert without_courtesy(question) == question


@given(st.text(alphabet="请问谢谢你好，？ Thank youplease,?.!abcwhat", max_size=60))
def test_any_text_keeps_its_words_and_is_done_at_once(text: str) -> None:
    bare = without_courtesy(text)
    assert bare.lower() in text.lower() or without_courtesy(bare) == bare
    assert bool(bare.strip()) == bool(text.strip())


@pytest.mark.parametrize(
    "piece", ["hello, ", "please ", "could you ", "请问，", "你好，", "谢谢", "? ", "I have ", " "]
)
def test_long_runs_of_anything_take_no_time(piece: str) -> None:
    started = time.process_time()
    without_courtesy(piece * (599 // len(piece)))
    assert time.process_time() - started < 1
