"""rag.stages.hop: what a question only describes is looked up first, and then asked about by its name."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer import Answerer
from rag.library.library import Library
from rag.models.extract import ExtractiveGenerator
from rag.plan import Plan, Query
from rag.retrieve import Retriever
from rag.stages.hop import Hop, nested_of
from tests.rag.makers import EMBEDDER, make_passage, open_library, shelve

LINES = [
    "The Glass Harbour is a novel by Mira Okafor about a lighthouse keeper and his three sons.",
    "Mira Okafor grew up in Lagos, where she was born in 1961, and taught physics before she turned to writing.",
    "Tomas Lindqvist was born in Uppsala in 1950; he wrote The Long Ferry and two plays.",
    "The author of many plays was born in a village whose name nobody has kept.",
    "Contoso has its head office in Brightwater, in a tower beside the old docks.",
    "Brightwater has a population of 340,000 and grows by two per cent a year.",
    "Port Selby has 120,000 inhabitants; the population of the city has fallen since the mine was closed.",
    "A head office is where the board of a company sits.",
    "《雾港》是作家林若溪写的一部长篇小说，讲的是一位守灯塔的人。",
    "林若溪1961年生于泉州，写作之前教过物理。",
    "作者的出生地常常写进小说里，这本书的作者也不例外。",
    "蓝鲸软件公司的总部设在珠海，办公楼临海而建。",
    "珠海有常住人口二百四十余万。",
    "总部所在城市的人口越多，招人越容易。",
]
HOPS = [
    ("Where was the author of The Glass Harbour born?", "The Glass Harbour", "Lagos"),
    ("What is the population of the city where Contoso has its head office?", "Contoso", "340,000"),
    ("《雾港》的作者是哪一年出生的？", "《雾港》", "1961年生"),
    ("蓝鲸软件公司的总部所在城市的人口是多少？", "蓝鲸", "二百四十"),
]
ONE_ROUND = [
    "Who is the author of Dune?",
    "What is the name of the dog that bit Mike?",
    "What is the population of Brightwater?",
    "How do I take a backup?",
    "Which river runs through the city?",
    "Who was hired to be the deputy director of the Office of Manned Space Flight?",
    "What was the last name of the player who scored a 2-yard touchdown in the fourth quarter?",
    "《红楼梦》的作者是谁？",
    "严长寿的出生地在哪里？",
    "西贡商信银行的总部在哪里？",
    "他的妻子叫什么名字？",
    "怎样备份？",
    "肯雅塔应哪国国家主席之邀访问了该国？",
    "",
]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    shelf = open_library(tmp_path_factory.mktemp("hop") / "shelf")
    for number, line in enumerate(LINES):
        shelve(shelf, line, f"{number}.txt")
    return shelf


@pytest.mark.parametrize(("question", "_names", "holds"), HOPS)
def test_the_second_passage_is_found_by_the_name_in_the_first(
    library: Library, question: str, _names: str, holds: str
) -> None:
    def best(hop: Hop | None) -> list[str]:
        retriever = Retriever(library, EMBEDDER, candidates=50, keep=4, budget_characters=4000, hop=hop)
        return [passage.text for passage in retriever.retrieve(question)]

    assert any(holds in text for text in best(Hop()))
    assert best(Hop())[0] == best(None)[0]


@pytest.mark.parametrize(("question", "_names", "holds"), HOPS)
def test_the_answer_is_what_is_said_of_the_name(library: Library, question: str, _names: str, holds: str) -> None:
    retriever = Retriever(library, EMBEDDER, candidates=50, keep=4, budget_characters=4000, hop=Hop())
    answerer = Answerer(library, retriever, ExtractiveGenerator(), min_confidence=0.0, budget_characters=4000)
    answer = answerer.answer(question)
    assert holds in answer.text
    assert len(answer.citations) > 1  # and what gives the name


@pytest.mark.parametrize("question", ONE_ROUND)
def test_other_questions_have_one_round(question: str) -> None:
    assert nested_of(question) is None
    passages = [make_passage("Mira Okafor grew up in Lagos.")]
    assert Hop()(Plan(question, (Query(question),)), passages) == ()


def test_nothing_is_added_where_the_passages_name_nothing_new() -> None:
    question = "Where was the author of The Glass Harbour born?"
    passages = [make_passage("The Glass Harbour has an author, who was born somewhere.")]
    assert Hop()(Plan(question, (Query(question),)), passages) == ()


def test_the_names_stand_in_the_place_of_what_describes_them() -> None:
    question = "Where was the author of The Glass Harbour born?"
    plan = Plan(question, (Query(question), Query("another", "parts", 1)))
    assert Hop()(plan, [make_passage(LINES[0])]) == (Query("Where was Mira Okafor born?", "hop", 2),)


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_may_be_asked_of_any_other(question: str, text: str) -> None:
    assert len(Hop()(Plan(question, (Query(question),)), [make_passage(text)])) <= 2


@pytest.mark.parametrize(
    "piece", ["where the author of A ", "the city that ", "A's author's ", "的作者", "所在城市的", "x "]
)
def test_long_runs_of_anything_take_no_time(piece: str) -> None:
    started = time.process_time()
    nested_of(piece * (4000 // len(piece)))
    assert time.process_time() - started < 2
