"""rag.models.extract: the documents' own sentences, as an answer."""

from __future__ import annotations

import pytest

from rag.cite import Citer
from rag.evidence.weigh import weigh
from rag.models.extract import ExtractiveGenerator
from rag.prompt import write_prompt
from rag.text import question_language
from rag.types import CitationStatus
from tests.rag.makers import make_passage

STEPS = """Backups are taken at night.
To restore a backup, do these steps:
1. Stop the service.
2. Copy the file back. Mind its owner.
3. Start the service.
Restores are rare."""
步骤 = "部署应用程序的步骤如下：\n1、安装容器。\n2、配置网络。\n3、启动服务。\n部署以后请检查日志。"


def answered(question: str, *texts: str) -> str:
    passages = [make_passage(text, document_id=f"d{n}", score=1.0 - n / 100) for n, text in enumerate(texts)]
    evidence = weigh(question, passages, lambda _: 3, 100)
    prompt = write_prompt(question, question_language(question), passages, evidence, budget_characters=12_000)
    return "".join(ExtractiveGenerator().generate(prompt))


def test_a_fact_is_answered_in_one_sentence_with_its_mark() -> None:
    text = "The bridge of Austin is old. The bridge of Austin was built in 1910, by hand. Bats sleep under it."
    question = "When was the bridge of Austin built?"
    assert answered(question, text) == "The bridge of Austin was built in 1910, by hand. [1]"


def test_of_many_sentences_alike_the_one_on_what_is_asked_about_comes_first() -> None:
    texts = [f"The {name} bridge is 300 metres long, they say." for name in ("old", "new", "red")]
    assert answered("How long is the red bridge?", *texts).startswith(f"{texts[2]} [3]")


def test_a_heading_and_a_question_are_not_answers() -> None:
    text = "Otter dens\nWhat is an otter den called?\nThe den of an otter is called a holt, a word from Old English."
    assert answered("What is an otter den called?", text).startswith("The den of an otter")


def test_a_list_is_given_whole_with_its_introduction() -> None:
    lines = STEPS.splitlines()
    assert answered("What are the steps to restore a backup?", STEPS) == "\n".join(
        [
            f"{lines[1]} [1]",
            f"{lines[2]} [1]",
            "2. Copy the file back. [1] Mind its owner. [1]",
            f"{lines[4]} [1]",
        ]
    )


def test_a_chinese_list_is_given_whole_with_its_introduction() -> None:
    wanted = [f"{line} [1]" for line in 步骤.splitlines()[:4]]
    assert answered("部署应用程序有哪些步骤？", 步骤) == "\n".join(wanted)


def test_the_same_sentence_in_two_documents_is_given_once() -> None:
    text = "Otters hold hands while they sleep, so as not to drift apart."
    assert answered("Why do otters hold hands while they sleep?", text, text, text) == f"{text} [1]"


def test_brackets_of_a_source_are_not_taken_for_marks() -> None:
    text = "Otters hold hands while they sleep [3], so as not to drift【4, 5】apart."
    answer = answered("Why do otters hold hands?", text)
    assert answer == "Otters hold hands while they sleep ［3］, so as not to drift［4, 5］apart. [1]"
    citer = Citer([make_passage(text)])
    list(citer.feed(answer)) + list(citer.close())
    [citation] = citer.citations
    assert (citation.quote, citation.status) == (text, CitationStatus.VERIFIED)


@pytest.mark.parametrize("question", ["水獭为什么手拉手？", "水獭睡觉时做什么？"])
def test_chinese_sentences_are_joined_without_spaces(question: str) -> None:
    answer = answered(question, "水獭睡觉时手拉手，以免漂走。", "水獭睡觉时手拉手，是为了不漂走，不散开。")
    assert " 水獭" not in answer
    assert answer.endswith("]")


def test_without_evidence_there_is_nothing_to_say() -> None:
    assert answered("otters") == ""


def test_the_title_alone_may_hold_what_is_asked() -> None:
    passage = make_passage("See the annex")
    evidence = weigh("Title of doc", [passage], lambda _: 3, 100)
    prompt = write_prompt("Title of doc", "en", [passage], evidence, budget_characters=500)
    assert "".join(ExtractiveGenerator().generate(prompt)) == "See the annex [1]"


def test_the_sentence_before_is_given_too_where_the_one_that_answers_says_it() -> None:
    text = "The bridge of Austin spans the river. It was built in 1910 by hand. Bats sleep under the old bridge."
    assert answered("When was the bridge of Austin built?", text).startswith(
        "It was built in 1910 by hand. [1] The bridge of Austin spans the river. [1]"
    )
    chinese = "奥斯汀大桥横跨科罗拉多河。它于1910年建成，全长三百米。"
    assert "奥斯汀大桥横跨科罗拉多河。 [1]" in answered("奥斯汀大桥哪一年建成？", chinese)


def test_a_list_goes_on_in_the_passage_that_follows() -> None:
    document = "To restore a backup, do these steps:\n1. Stop the service.\n2. Copy the file back.\n3. Start it again."
    cut = document.index("2.")
    parts = [
        make_passage(document[:cut].rstrip(), document_id="one"),
        make_passage(document[cut:], document_id="one", start=cut, score=0.5),
    ]
    question = "What are the steps to restore a backup?"
    evidence = weigh(question, parts, lambda _: 3, 100)
    prompt = write_prompt(question, "en", parts, evidence, budget_characters=500)
    answer = "".join(ExtractiveGenerator().generate(prompt))
    assert answer.splitlines()[-1] == "3. Start it again. [2]"
    assert answer.splitlines()[1] == "1. Stop the service. [1]"


def test_a_row_of_a_table_comes_with_the_first_row() -> None:
    table = "City | People | Height\nAustin | 961855 | 149 m\nDallas | 1304379 | 131 m"
    assert "City | People | Height [1]" in answered("How many people live in Dallas?", table)
