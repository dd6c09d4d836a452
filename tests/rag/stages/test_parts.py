"""rag.stages.parts: what asks for several things is taken apart; what asks for one is not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.plan import Plan, Query
from rag.stages.parts import MOST_PARTS, Parts, questions_of, sides_of


def parts_of(question: str) -> list[str]:
    return questions_of(question) or sides_of(question)


SEVERAL = [
    ("Who founded Tate Modern and when was it opened?", ["Who founded Tate Modern?", "When was Tate Modern opened?"]),
    (
        "What is FAISS, how do I install it and how much does it cost?",
        ["What is FAISS?", "How do I install FAISS?", "How much does FAISS cost?"],
    ),
    ("What are the differences between hard prompts and soft prompts?", ["hard prompts", "soft prompts"]),
    ("What is the difference between IVF and HNSW in terms of memory?", ["IVF memory", "HNSW memory"]),
    ("Compare the price of the gold card and the silver card", ["gold card price", "silver card price"]),
    ("Compare Python and Java", ["Python", "Java"]),
    ("Who is the CEO, and where is the headquarters?", ["Who is the CEO?", "Where is the headquarters?"]),
    ("What is the difference between debit and credit cards?", ["debit cards", "credit cards"]),
    ("什么时候开会，在哪里开？", ["什么时候开会？", "在哪里开？（开会）"]),
    ("合同到期了吗，需要续签吗？", ["合同到期了吗？", "需要续签吗？"]),
    ("年假和病假各有多少天？", ["年假有多少天？", "病假有多少天？"]),
    ("甲方和乙方的责任分别是什么？", ["甲方的责任是什么？", "乙方的责任是什么？"]),
    (
        "How do I take a backup and after how many attempts does a job fail?",
        ["How do I take a backup?", "After how many attempts does a job fail?"],
    ),
    (
        "How does the gold card differ from the silver card in terms of fees?",
        ["gold card fees", "silver card fees"],
    ),
    ("BERT vs GPT", ["BERT", "GPT"]),
    ("How does BERT differ from GPT?", ["BERT", "GPT"]),
    ("Which is cheaper, the gold card or the silver card?", ["gold card is cheaper", "silver card is cheaper"]),
    (
        (
            "In which year did Google's translation team publish 'Attention Is All You Need', and what are the key "
            "features of the original Transformer architecture it introduced?"
        ),
        [
            "In which year did Google's translation team publish 'Attention Is All You Need'?",
            "What are the key features of the original Transformer architecture it introduced?",
        ],
    ),
    ("Who wrote Dune? When was it published?", ["Who wrote Dune?", "When was Dune published?"]),
    (
        "When was Apple founded, and who was the first CEO?",
        ["When was Apple founded?", "Who was the first CEO (Apple)"],
    ),
    (
        "How many days of annual leave do I get and how do I apply for it?",
        ["How many days of annual leave do I get?", "How do I apply for it? (days of annual leave do I get)"],
    ),
    (
        "Where is the head office and what is its phone number?",
        ["Where is the head office?", "What is its phone number? (the head office)"],
    ),
    (
        "I have lost my card. How do I block it and how long does a new one take?",
        ["I have lost my card. How do I block it?", "How long does a new one take?"],
    ),
    ("What is LoRA? How do I take a backup?", ["What is LoRA?", "How do I take a backup?"]),
    (
        "Which company developed BERT and what is its training objective?",
        ["Which company developed BERT?", "What is BERT's training objective?"],
    ),
    (
        "What does the warranty cover and for how long is it valid?",
        ["What does the warranty cover?", "For how long is it valid? (the warranty cover)"],
    ),
    (
        "What is the training objective of encoder-only models, and what is it also called?",
        [
            "What is the training objective of encoder-only models?",
            "What is it also called? (the training objective of encoder-only models)",
        ],
    ),
    ("比较金卡和银卡的年费", ["金卡的年费", "银卡的年费"]),
    ("BERT 与 GPT 的预训练方式有什么区别？", ["BERT的预训练方式", "GPT的预训练方式"]),
    ("硬提示调优和软提示调优的做法有什么不同？", ["硬提示调优的做法", "软提示调优的做法"]),
    ("FAISS 是什么，怎么安装，多少钱？", ["FAISS 是什么？", "FAISS怎么安装？", "多少钱？（FAISS）"]),
    ("谁创立了苹果公司，它是什么时候成立的？", ["谁创立了苹果公司？", "苹果公司是什么时候成立的？"]),
    ("年假有多少天，怎么申请？", ["年假有多少天？", "怎么申请？（年假）"]),
    ("苹果公司成立于哪一年，创始人是谁？", ["苹果公司成立于哪一年？", "苹果公司的创始人是谁？"]),
    ("什么是哨兵令牌？它有什么用？", ["什么是哨兵令牌？", "令牌有什么用？"]),
    ("北京和上海的人口分别是多少？", ["北京的人口是多少？", "上海的人口是多少？"]),
    ("金卡和银卡哪个更便宜？", ["金卡更便宜", "银卡更便宜"]),
    (
        "最早引入上下文学习能力的是哪个模型？这个模型有多少参数？",
        ["最早引入上下文学习能力的是哪个模型？", "这个模型有多少参数？（最早引入上下文学习能力的是模型）"],
    ),
    ("报销需要哪些材料以及多久能到账？", ["报销需要哪些材料？", "多久能到账（报销需要材料）"]),
    ("请问试用期多长，工资怎么算？", ["请问试用期多长？", "工资怎么算（试用期）"]),
    ("清華大學是哪一年成立的，校長是誰？", ["清華大學是哪一年成立的？", "校長是誰（清華大學）"]),
    ("什么是RAG？怎样备份数据库？", ["什么是RAG？", "怎样备份数据库？"]),
    (
        "温室效应多大程度上要归咎于人？另外，专利是什么时候恢复的？",
        ["温室效应多大程度上要归咎于人？", "专利是什么时候恢复的？"],
    ),
    ("《海图》中风速有多快？還有，燈塔的縮寫是？", ["《海图》中风速有多快？", "燈塔的縮寫是？"]),
    (
        "When was the pier built, and how fast were the winds in 1964?",
        ["When was the pier built?", "How fast were the winds in 1964?"],
    ),
    (
        "The poem was written to protest against what, and which lineage includes land plants?",
        ["The poem was written to protest against what?", "Which lineage includes land plants?"],
    ),
    (
        "What brought the trams to a stop, and what kind of oil came from Oslo?",
        ["What brought the trams to a stop?", "What kind of oil came from Oslo?"],
    ),
    (
        "What brought the trams to a stop? Also, the harbour was sold to whom?",
        ["What brought the trams to a stop?", "The harbour was sold to whom?"],
    ),
    (
        "The grant was made in which year, and what did the council say was wrong?",
        ["The grant was made in which year?", "What did the council say was wrong?"],
    ),
]
ONE = [
    "What is the role of the Ministry of Health and Welfare?",
    "How do I connect the printer and the scanner?",
    "What is the relationship between temperature and pressure?",
    "What are the pros and cons of solar power?",
    "产品和服务的价格是多少？",
    "中国和美国的关系如何？",
    "如何提高效率和质量？",
    "Who is responsible for research and development?",
    "What is the time and place of the meeting?",
    "When and where was Tesla born?",
    "What determines who gets to vote and how long they serve?",
    'Who wrote "War and Peace" and "Anna Karenina"?',
    "What do otters and beavers eat?",
    "How do I add, remove and list documents?",
    "When the server stops, what happens to the jobs?",
    "What did Marx and Engels write in 1848?",
    'Who said "What is truth and how do we find it?"',
    "Do you know when the shop opens and what it sells?",
    "What is the largest city in Bosnia and Herzegovina?",
    "How do I explain what a vector is and why it matters?",
    "Which is the oldest university in England?",
    "What is the ratio of men to women and children?",
    "What happens when a job crashes and is restarted?",
    "How did Kublai know who had won and what to do?",
    "电话号码是多少？地址呢？",
    "《战争与和平》的作者是谁？",
    "谁签署了和平协议？",
    "如果员工离职，账号怎么处理？",
    "水獭和河狸吃什么？",
    "何时何地召开会议？",
    "研发和销售部门的负责人是谁？",
    "无论谁申请，都需要什么材料？",
    "“你是谁，从哪里来？”这句话出自哪里？",
    "模型规模一路稳定变大，让一些研究人员联想到了什么定律？",
    "关于大语言模型的参数规模，几份文档的说法有出入，它们分别怎么说？",
    "2003 年 Bengio 做了什么？请综合两份资料的说法。",
    "想自己在家折腾大模型,显卡得整多大显存的才好使?",
    "chatgtp 到底啥时候出来的呀,哪年哪月",
    "rag跟微掉比,哪个更新知识更省事省钱?",
    "要让 LLM 跟上新数据和新任务，可以采用哪三种持续学习策略？",
    "评估一个微调后的 LLM，应该从哪四个方面入手？",
    "多久备份一次数据库？",
    "印度野驴与非洲野驴的分布区在哪里？",
    "许多高校于1969年由于战备大疏散和哪一个革命的破坏而迁出北京？",
    "多伦多大学是知名研究型大学，该校论文被引用数量为世界第几？",
    "鼠疫耶氏菌如何以及何时进入欧洲？",
    "Do you know when the shop opens, and what it sells?",
    "What determines who gets to vote, and how long they serve?",
    "Where was he born, and when?",
    "他和她",
    "What",
    "How do I get from A to B and back?",
    "Is it A and B or C?",
    "",
]


@pytest.mark.parametrize(("question", "parts"), SEVERAL)
def test_a_question_of_several_parts_is_taken_apart(question: str, parts: list[str]) -> None:
    assert parts_of(question) == parts


@pytest.mark.parametrize("question", ONE)
def test_a_question_for_one_thing_stays_whole(question: str) -> None:
    assert parts_of(question) == []


def test_the_whole_question_stays_the_first_part() -> None:
    plan = Parts()(Plan("BERT vs GPT", (Query("BERT vs GPT"),)))
    assert plan.queries == (Query("BERT vs GPT"), Query("BERT", "sides", 1), Query("GPT", "sides", 2))
    assert plan.question == "BERT vs GPT"


def test_more_parts_than_can_have_a_place_are_left_together() -> None:
    assert parts_of(", ".join(f"what is thing{number}" for number in range(MOST_PARTS))) != []
    assert parts_of(", ".join(f"what is thing{number}" for number in range(MOST_PARTS + 1))) == []


@given(st.text(max_size=80))
def test_any_text_may_be_taken_apart(question: str) -> None:
    assert all(isinstance(part, str) for part in parts_of(question))


@pytest.mark.parametrize(
    "piece",
    [
        "what is a and ",
        "A和",
        "，什么",
        "“",
        "'",
        "(",
        "the difference between a and ",
        "vs ",
        "分别",
        "? ",
        "、b",
        "x",
    ],
)
def test_long_runs_of_anything_take_no_time(piece: str) -> None:
    started = time.process_time()
    parts_of(piece * (599 // len(piece)))
    assert time.process_time() - started < 2
