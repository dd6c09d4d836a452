from __future__ import annotations

import pytest

from rag.answer import Answerer
from rag.disagree import Conflict, Kind, conflict_in, disagreements_in
from rag.library.library import Library
from rag.models.extract import ExtractiveGenerator
from rag.retrieve import Retriever
from rag.types import Chunk, Citation, CitationStatus, Disagreement, EvidenceSentence, Passage, Span
from tests.rag.makers import EMBEDDER, shelve

PEOPLE = "How many people live in Ainsworth?"


def passage_of(text: str, document: str, *, title: str = "Page") -> Passage:
    chunk = Chunk(key=1, document_id=document, start=10, end=10 + len(text))
    return Passage(chunk, 10, 10 + len(text), text, title, f"{document}.txt", 1, 0.9)


def found(
    question: str, one: str, other: str, *, titles: tuple[str, str] = ("Page", "Page"), documents: str = "ab"
) -> Conflict | None:
    passages = [passage_of(one, documents[0], title=titles[0]), passage_of(other, documents[1], title=titles[1])]
    sentences = [EvidenceSentence(0, one, 0.9, 0), EvidenceSentence(1, other, 0.8, 0)]
    return conflict_in(question, sentences, passages)


@pytest.mark.parametrize(
    ("question", "one", "other", "kind", "values"),
    [
        (
            "How many people live in Ainsworth?",
            "Ainsworth has 175,000 inhabitants.",
            "Ainsworth has 182,000 inhabitants.",
            Kind.NUMBER,
            ("175,000", "182,000"),
        ),
        ("安城有多少人口？", "安城有17.5万人口。", "安城有18万人口。", Kind.NUMBER, ("17.5万", "18万")),
        (
            "When was the bridge opened?",
            "The bridge was opened in March 2019 by the mayor.",
            "The bridge was opened in April 2019 by the mayor.",
            Kind.DATE,
            ("March 2019", "April 2019"),
        ),
        (
            "大桥何时通车？",
            "大桥于2019年3月正式通车。",
            "大桥于2018年3月正式通车。",
            Kind.DATE,
            ("2019年3月", "2018年3月"),
        ),
        (
            "Who wrote the report?",
            "The report was written by Anna Miller for the council.",
            "The report was written by John Baker for the council.",
            Kind.NAME,
            ("Anna Miller", "John Baker"),
        ),
        ("报告是谁写的？", "这份报告由王小明撰写。", "这份报告由李大伟撰写。", Kind.NAME, ("王小明", "李大伟")),
        (
            "Is smoking allowed in the yard?",
            "Smoking is allowed in the yard.",
            "Smoking is not allowed in the yard.",
            Kind.DENIAL,
            ("Smoking is allowed in the yard.", "Smoking is not allowed in the yard."),
        ),
    ],
)
def test_sources_with_different_values_disagree(
    question: str, one: str, other: str, kind: Kind, values: tuple[str, str]
) -> None:
    conflict = found(question, one, other)
    assert conflict is not None
    assert (conflict.kind, conflict.values) == (kind, values)


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        # One value, written in two ways
        (PEOPLE, "Ainsworth has 175,000 inhabitants.", "Ainsworth has 175 thousand inhabitants."),
        ("安城有多少人口？", "安城有17.5万人口。", "安城有175,000人口。"),
        ("大桥何时通车？", "大桥于2019年3月正式通车。", "大桥于二〇一九年三月正式通车。"),
        # Years of a series, two products, a plan, a bound
        ("How high was it?", "Revenue was 5 million euros in 2018.", "Revenue was 6 million euros in 2019."),
        ("How long does the battery last?", "The X200 battery lasts 10 hours.", "The X300 battery lasts 12 hours."),
        ("How much did it cost?", "It was planned to cost 5 million euros.", "It cost 6 million euros."),
        ("How many people came?", "At least 300 people came to the fair.", "400 people came to the fair."),
        # Something else than what is asked for differs
        ("Who founded the club?", "Anna Miller founded the club in 1990.", "Anna Miller founded the club in 1991."),
        # The same
        (PEOPLE, "Ainsworth has 175,000 inhabitants.", "Ainsworth has 175,000 inhabitants."),
    ],
)  # fmt: skip
def test_what_is_no_disagreement(question: str, one: str, other: str) -> None:
    assert found(question, one, other) is None


def test_one_document_does_not_disagree_with_itself() -> None:
    one, other = "Ainsworth has 175,000 inhabitants.", "Ainsworth has 182,000 inhabitants."
    assert found("How many people live in Ainsworth?", one, other, documents="aa") is None


def test_pages_about_two_years_or_models_do_not_disagree() -> None:
    one, other = "Staff get 25 days of paid leave each year.", "Staff get 30 days of paid leave each year."
    question = "How many days of leave do staff get?"
    assert found(question, one, other) is not None
    assert found(question, one, other, titles=("Handbook 2019", "Handbook 2023")) is None


def test_an_answer_shows_a_disagreement_where_it_cites_both() -> None:
    one, other = "Ainsworth has 175,000 inhabitants.", "Ainsworth has 182,000 inhabitants."
    passages = [passage_of(one, "a"), passage_of(other, "b")]
    conflict = found("How many people live in Ainsworth?", one, other)
    cited = [
        Citation(mark, Span(0, 1), name, 1, "", "", Span(10, 20), one[:10], CitationStatus.VERIFIED)
        for mark, name in ((1, "a"), (2, "b"))
    ]
    assert disagreements_in(conflict, cited, passages) == (Disagreement((1, 2), ("175,000", "182,000")),)
    assert disagreements_in(conflict, cited[:1], passages) == ()
    assert disagreements_in(None, cited, passages) == ()


@pytest.mark.parametrize(
    ("question", "one", "other", "line"),
    [
        (PEOPLE, "Ainsworth has 175,000 inhabitants.", "Ainsworth has 182,000 inhabitants.", "The documents disagree:"),
        ("安城有多少人口？", "安城有17.5万人口。", "安城有18万人口。", "文档说法不一："),
    ],
)
def test_an_extractive_answer_gives_both_side_by_side(
    shelf: Library, question: str, one: str, other: str, line: str
) -> None:
    shelve(shelf, one, "one.txt")
    shelve(shelf, other, "other.txt")
    retriever = Retriever(shelf, EMBEDDER, candidates=50, keep=8, budget_characters=12_000)
    answerer = Answerer(shelf, retriever, ExtractiveGenerator(), min_confidence=0.0, budget_characters=12_000)
    answer = answerer.answer(question)
    assert answer.text.split("\n")[0] == line
    assert {citation.quote for citation in answer.citations} == {one, other}
    (disagreement,) = answer.disagreements
    assert sorted(disagreement.marks) == [1, 2]
    assert answer.uncited == ()
