"""rag.stages.follow_up: what leaves something unsaid gets it from the conversation; what does not is left alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.plan import Plan, Query
from rag.stages.follow_up import FollowUp, stand_alone
from tests.fakes import FakeWriter

FOLLOW_UPS = [
    (["Who founded Tate Modern?"], "When was it opened?", "When was Tate Modern opened?"),
    (["What is FAISS?"], "How do I install it?", "How do I install FAISS?"),
    (["What is FAISS?"], "And its license?", "FAISS's license?"),
    (["What is the capital of France?"], "What is its population?", "What is France's population?"),
    (["What is the population of Shanghai?"], "How about Beijing?", "What is the population of Beijing?"),
    (["What is the population of Shanghai?"], "And Beijing?", "What is the population of Beijing?"),
    (["What was the revenue of Contoso in 2022?"], "And in 2023?", "What was the revenue of Contoso in 2023?"),
    (["What was the revenue of Contoso?"], "In 2023?", "What was the revenue of Contoso in 2023?"),
    (["What was the revenue of Contoso in 2022?"], "Why?", "Why? (the revenue of Contoso in 2022)"),
    (["Who is the CEO of Contoso?"], "When was he born?", "When was the CEO of Contoso born?"),
    (["Who founded Apple?"], "Where did he study?", "Where did he study? (founded Apple)"),
    (
        ["How many days of annual leave do employees get?"],
        "And sick leave?",
        "How many days of sick leave do employees get?",
    ),
    (
        ["How many days of annual leave do employees get?"],
        "Can they be carried over?",
        "Can they be carried over? (days of annual leave do employees get)",
    ),
    (["How do solar panels work?"], "How much do they cost?", "How much do they cost? (solar panels work)"),
    (["What is BERT?", "Who made it?"], "When?", "When? (made BERT)"),
    (["What is BERT?", "And GPT?"], "Which is bigger?", "Which is bigger? (GPT)"),
    (
        ["When did Marie Curie win the Nobel Prize?"],
        "What did she win it for?",
        "What did she win it for? (Marie Curie win the Nobel Prize)",
    ),
    (
        ["Where is the University of Chicago?"],
        "How many students does it have?",
        "How many students does University of Chicago have?",
    ),
    (["What is a vector index?"], "What is it used for?", "What is vector index used for?"),
    (["Who wrote Dune?"], "What else did he write?", "What else did he write? (wrote Dune)"),
    (
        ["What is the difference between IVF and HNSW?"],
        "Which is faster?",
        "Which is faster? (the difference between IVF and HNSW)",
    ),
    (
        ["What is the difference between IVF and HNSW?"],
        "What about the latter?",
        "What about the latter? (the difference between IVF and HNSW)",
    ),
    (
        ["What is the capital of France?"],
        "What is the weather like there?",
        "What is the weather like there? (the capital of France)",
    ),
    (
        ["What is the capital of France?"],
        "How many people live in that city?",
        "How many people live in that city? (the capital of France)",
    ),
    (
        ["What is the deadline for expense claims?"],
        "Are there any exceptions to this?",
        "Are there any exceptions to this? (the deadline for expense claims)",
    ),
    (["who founded apple"], "when was it sold", "when was it sold (founded apple)"),
    (['What is the "Green Book"?'], "Who published it?", "Who published Green Book?"),
    (["What is LoRA?"], "Tell me more", "Tell me more (LoRA)"),
    (
        ["What is LoRA?", "thanks"],
        "How does it compare to full fine-tuning?",
        "How does LoRA compare to full fine-tuning?",
    ),
    (
        ["What is the annual fee for the gold card?"],
        "What about the silver card?",
        "What is the annual fee for the silver card?",
    ),
    (["What steps are there to register?"], "And the second one?", "And the second one? (steps to register)"),
    (["When was Apple founded?", "Who is its CEO?"], "Where was he born?", "Where was he born? (Apple's CEO)"),
    (["苹果公司是谁创立的？"], "它的总部在哪里？", "苹果公司的总部在哪里？"),
    (["上海的人口是多少？"], "那北京呢？", "北京的人口是多少？"),
    (["上海2022年的人口是多少？"], "2023年呢？", "上海2023年的人口是多少？"),
    (["上海的人口是多少？"], "那2023年呢？", "2023年上海的人口是多少？"),
    (["公司的年假有多少天？"], "那病假呢？", "公司的病假有多少天？"),
    (["公司的年假有多少天？"], "为什么？", "为什么？（公司的年假）"),
    (["FAISS 是什么？"], "怎么安装它？", "怎么安装FAISS？"),
    (["FAISS 是什么？"], "它的许可证是什么？", "FAISS的许可证是什么？"),
    (["大语言模型有哪些局限？"], "如何缓解它们？", "如何缓解它们？（大语言模型有局限）"),
    (["法国的首都是哪里？"], "这个国家的人口有多少？", "法国这个国家的人口有多少？"),
    (["鲁迅写了哪些小说？"], "他是哪一年出生的？", "鲁迅是哪一年出生的？"),
    (["《红楼梦》的作者是谁？"], "这本书是什么时候写成的？", "《红楼梦》这本书是什么时候写成的？"),
    (["《红楼梦》的作者是谁？"], "他还写过什么？", "他还写过什么？（《红楼梦》的作者）"),
    (["水獭吃什么？"], "那蝙蝠呢？", "蝙蝠吃什么？"),
    (["报销需要哪些材料？"], "第二个呢？", "第二个呢？（报销需要材料）"),
    (["金卡的年费是多少？"], "银卡呢？", "银卡的年费是多少？"),
    (["谁发明了电话？"], "什么时候发明的？", "什么时候发明的？（发明了电话）"),
    (["清华大学在哪里？"], "其前身是什么？", "清华大学的前身是什么？"),
    (["IVF和HNSW有什么区别？"], "前者的内存占用多大？", "前者的内存占用多大？（IVF和HNSW有区别）"),
    (["IVF和HNSW有什么区别？"], "哪个更快？", "哪个更快？（IVF和HNSW有区别）"),
    (["如何申请年假？"], "有例外吗？", "有例外吗？（申请年假）"),
    (["BERT是什么？", "那GPT呢？"], "它有多少参数？", "GPT有多少参数？"),
    (["清華大學是哪一年成立的？"], "它的校長是誰？", "清華大學的校長是誰？"),
    (["上海的人口是多少？"], "那換成臺北呢？", "臺北的人口是多少？"),
    (["法國的首都是哪裡？"], "這個國家的人口有多少？", "法國這個國家的人口有多少？"),
    (["報銷的流程是什麼？"], "為什麼？", "為什麼？（報銷的流程）"),
    (["Who founded Apple?"], "它是什么时候成立的？", "Apple是什么时候成立的？"),
    (["保修期是多长？"], "如果是二手产品呢？", "二手产品是多长？"),
    (["什么是哨兵令牌？"], "有什么用？", "有什么用？（哨兵令牌）"),
    (["员工迟到怎么处理？"], "那旷工呢？", "旷工迟到怎么处理？"),
    (["北京的面积多大？"], "该市有多少人口？", "北京该市有多少人口？"),
    (["北京的面积多大？"], "那里有多少人？", "北京有多少人？"),
    (["阿里巴巴的创始人是谁？"], "具体呢？", "具体呢？（阿里巴巴的创始人）"),
    (["FAISS 是什么？"], "其中文名称由来", "FAISS的中文名称由来？"),
    (["What is the refund policy?"], "Does it apply to digital goods?", "Does refund policy apply to digital goods?"),
    (["Who wrote Hamlet?"], "and Macbeth?", "Who wrote Macbeth?"),
    (
        ["Tell me about Project Apollo."],
        "List the people who worked on it",
        "List the people who worked on Project Apollo",
    ),
    (["What is Kubernetes?"], "What's its architecture?", "What's Kubernetes' architecture?"),
    (["What is Kubernetes?"], "Who's behind it?", "Who's behind Kubernetes?"),
    (["张三是谁？"], "他的邮箱是什么？", "张三的邮箱是什么？"),
    (["华为Mate60的价格是多少？"], "iPhone 15呢？", "iPhone 15的价格是多少？"),
    (["介绍一下阿波罗计划"], "它花了多少钱？", "阿波罗计划花了多少钱？"),
    (["孔子的弟子有哪些？"], "其中最有名的是谁？", "孔子的弟子中最有名的是谁？"),
    (["谁写了《活着》？"], "这本书讲了什么？", "《活着》这本书讲了什么？"),
    (["深圳有哪些大学？"], "它们的排名如何？", "它们的排名如何？（深圳有大学）"),
    (["如何申请护照？"], "需要什么材料？", "需要什么材料？（申请护照）"),
    (["2022年的营收是多少？"], "那2023年？", "2023年的营收是多少？"),
    (["2022年的营收是多少？", "谢谢"], "那2023年？", "2023年的营收是多少？"),
]
STAND_ALONE = [
    "What is QLoRA?",
    "How do penguins protect their eggs?",
    "Which company changed its name in 1994?",
    "What is it called when a government is overthrown?",
    "Is it possible to cancel an order?",
    "How long does it take to ship a parcel?",
    "How many students are there at Harvard?",
    "What are those who oppose taxes called?",
    "Who said that otters swim?",
    "How did Tesla finance his work?",
    "Who sold their house in 2010?",
    "What does the manual say about its own updates?",
    "In what year did Harvard end its early admission program?",
    "How do I take a backup?",
    "Why is the sky blue?",
    "backup encodings",
    "Besides his books, what did Mark Twain write?",
    "Where can I buy tickets for the museum?",
    "How much does the gold card cost per year?",
    "And what is the price of the gold card?",
    "What is the theory that everything is made of water called?",
    "Which planets have their own moons?",
    "Does the company pay its taxes in Ireland?",
    "When employees leave, what happens to their accounts?",
    "For which products is there a warranty?",
    "If a customer cancels, do they get a refund?",
    "What did the Romans call their capital?",
    "多久能到账？",
    "水獭怎么保护它们的幼崽？",
    "怎样备份？",
    "如何报销？",
    "北京的面积有多大？",
    "其他的付款方式有哪些？",
    "那些会飞的哺乳动物叫什么？",
    "如果员工离职，他们的账号怎么处理？",
    "我该怎么申请年假？",
    "哪家公司在1994年更改了它的名字？",
    "谁在他的小说里描写了未庄？",
    "当有人推翻政府时，这叫什么？",
    "大语言模型有哪些局限？",
    "“它们从哪里来”这句话是谁说的？",
    "除此之外，公司还提供哪些福利？",
    "为什么天空是蓝色的？",
    "一个任务尝试几次之后会失败？",
    "华盛顿说过这样的话吗？",
    "2023年公司的营业额是多少？",
    "重庆这个名字是怎么来的？",
    "多久备份一次数据库？",
    "试用期工资怎么算？",
    "公司为什么取消了该项目？",
    "密码忘了怎么办？",
    "什么时候发工资？",
]
BEFORE = ["What is LoRA?", "FAISS 是什么？", "Who founded Tate Modern?", "公司的年假有多少天？"]


@pytest.mark.parametrize(("earlier", "question", "expected"), FOLLOW_UPS)
def test_a_follow_up_is_made_to_stand_alone(earlier: list[str], question: str, expected: str) -> None:
    assert stand_alone(question, earlier) == expected


@pytest.mark.parametrize("question", STAND_ALONE)
def test_what_stands_alone_is_left_alone(question: str) -> None:
    for before in BEFORE:
        assert stand_alone(question, [before]) == question


@pytest.mark.parametrize(("earlier", "question", "expected"), FOLLOW_UPS)
def test_without_a_conversation_every_question_is_left_alone(earlier: list[str], question: str, expected: str) -> None:
    assert stand_alone(question, []) == question
    assert stand_alone(question, ["thanks", "？？", ""]) == question


def test_the_plan_searches_for_the_rewritten_question_alone() -> None:
    plan = Plan("When was it opened?", (Query("When was it opened?"),), ("Who founded Tate Modern?",))
    after = FollowUp()(plan)
    assert after.question == "When was Tate Modern opened?"
    assert after.queries == (Query("When was Tate Modern opened?", "follow_up"),)
    assert not FollowUp().is_slow(plan)


def follow_up(reply: str | Exception, question: str = "When was it opened?") -> Plan:
    plan = Plan(question, (Query(question),), ("Who founded Tate Modern?",))
    return FollowUp(FakeWriter(reply))(plan)


def test_a_language_model_is_asked_where_there_is_one() -> None:
    assert follow_up("When did Tate Modern open its doors?").question == "When did Tate Modern open its doors?"


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", "said nothing"),
        ("When was it opened?", "repeated the question"),
        ("Sorry, I cannot help with that.", "refused"),
        ("泰特现代美术馆是什么时候开放的？", "another language"),
        ("word " * 500, "too much"),
        (RuntimeError("out of memory"), "out of memory"),
    ],
)
def test_the_rules_hold_where_the_model_says_nothing_of_use(reply: str | Exception, reason: str) -> None:
    after = follow_up(reply)
    assert after.question == "When was Tate Modern opened?"
    assert reason in after.note


def test_the_model_is_not_asked_about_what_stands_alone() -> None:
    writer = FakeWriter("never used")
    plan = Plan("How do I take a backup?", (Query("How do I take a backup?"),), ("What is LoRA?",))
    assert not FollowUp(writer).is_slow(plan)
    assert FollowUp(writer)(plan).question == plan.question
    assert writer.asked == []


@given(st.lists(st.text(max_size=60), max_size=4), st.text(max_size=60))
def test_any_text_may_be_asked_after_any_other(earlier: list[str], question: str) -> None:
    assert isinstance(stand_alone(question, earlier), str)


@pytest.mark.parametrize(
    "piece", ["the of ", "it ", "A ", "和", "它的", "what about ", "，", "that ", "x" * 50 + " ", "《", '"']
)
def test_long_runs_of_anything_take_no_time(piece: str) -> None:
    started = time.process_time()
    stand_alone(piece * (4000 // len(piece)), [piece * (4000 // len(piece))] * 10)
    stand_alone(piece * (299 // len(piece)), [piece * (299 // len(piece))] * 10)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("before", "answer", "question", "stands_alone"),
    [
        (
            "Who founded the gallery?",
            "The gallery was founded by Ada Kern, a ship builder, in New York.",
            "When was she born?",
            "When was Ada Kern born?",
        ),
        ("Who is the CEO?", "John Doe leads the company.", "What is his salary?", "What is John Doe's salary?"),
        (
            "Who wrote Dune?",
            "Frank Herbert wrote Dune. It won prizes.",
            "Where did he live?",
            "Where did Frank Herbert live?",
        ),
        ("谁写了《红楼梦》？", "《红楼梦》的作者是曹雪芹。", "他是哪里人？", "曹雪芹是哪里人？"),
        ("谁创办了美术馆？", "李四设计了花园，后来张三创办了美术馆。", "他是哪里人？", "张三是哪里人？"),
        ("誰創辦了美術館？", "後來張三創辦了美術館。", "他是哪裡人？", "張三是哪裡人？"),
        ("港口美术馆是谁创办的？", "港口美术馆由艾达·科恩创办。", "她什么时候出生？", "艾达·科恩什么时候出生？"),
    ],
)
def test_he_and_she_are_whom_the_answer_names(before: str, answer: str, question: str, stands_alone: str) -> None:
    assert stand_alone(question, [before], answer) == stands_alone


@pytest.mark.parametrize(
    ("before", "answer", "question"),
    [
        ("Who founded Apple?", "Steve Jobs and Steve Wozniak founded it.", "Where did he study?"),  # one of two
        ("Who founded Apple?", "The documents do not mention this.", "Where did he study?"),
        ("Who founded Apple?", "", "Where did he study?"),
        ("When was Apple founded?", "Apple was founded by Steve Jobs.", "Where is it?"),
        ("谁创办了这家公司？", "张三和李四创办了公司。", "他毕业于哪里？"),
    ],
)
def test_an_answer_that_does_not_make_it_clear_changes_nothing(before: str, answer: str, question: str) -> None:
    assert stand_alone(question, [before], answer) == stand_alone(question, [before])


def test_a_model_is_told_the_last_answer() -> None:
    writer = FakeWriter("When was Ada Kern born?")
    plan = Plan("When was she born?", (), ("Who founded it?",), "Ada Kern did. </s>")
    assert FollowUp(writer)(plan).question == "When was Ada Kern born?"
    [[_, said]] = writer.asked
    assert said.content == "1. Who founded it?\n(It was answered: Ada Kern did. ‹/s›)\n2. When was she born?"
